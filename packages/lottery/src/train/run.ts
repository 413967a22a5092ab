import { LotteryError } from "../base/errors.ts";
import { checkWhole } from "../base/checks.ts";
import type { Named } from "../base/parameters.ts";
import { type Mask, assertSparse, checkMask } from "../mask/mask.ts";
import { maskState } from "./maskedState.ts";
import type { Metrics, TrainState, Trainer } from "./trainer.ts";

/** One look at the net while it trains. */
export interface CurvePoint {
  readonly step: number;
  readonly validation: Metrics;
  /** There where the test set was looked at too: never used for a decision. */
  readonly test?: Metrics;
}

/** The iteration with the smallest validation loss, and how good the net was there. */
export interface EarlyStop {
  /** The first of equals. */
  readonly step: number;
  readonly validation: Metrics;
  readonly test: Metrics;
}

/** A training run that is not over: what has to be kept to go on with the same bits. */
export interface RunProgress {
  readonly state: TrainState;
  readonly curve: readonly CurvePoint[];
  /** Parameters at the smallest validation loss so far. */
  readonly best: { readonly step: number; readonly params: Named };
}

/** A finished training run. */
export interface TrainRun {
  readonly state: TrainState;
  readonly curve: readonly CurvePoint[];
  readonly earlyStop: EarlyStop;
  readonly final: { readonly step: number; readonly validation: Metrics; readonly test: Metrics };
}

export interface TrainRunOptions {
  /** Decides about the order of the data. */
  readonly dataSeed: number;
  /** Step to train to. Default: the trainer's `steps`. */
  readonly toStep?: number;
  /** Steps between two looks at the validation set (Frankle and Carbin 2019 take 100, the default). */
  readonly evalEvery?: number;
  /** Steps between two looks at the test set, a multiple of `evalEvery`. Default: only at the early stop and the end. */
  readonly testEvery?: number;
  /** Where an earlier run was when it stopped; `start` is ignored. */
  readonly resume?: RunProgress;
  /** Called after every look; awaited, so that what it saves is saved before training goes on. */
  readonly onCheckpoint?: (progress: RunProgress) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Trains a masked net to the end of the schedule (what the mask removes is +0 from the start), looks at it on a fixed grid of steps, and finds the early-stop iteration: the
 * step of the smallest validation loss, the first of equals (Frankle and Carbin 2019, section 2).
 *
 * Interrupted at any step and resumed from the last checkpoint, the result has the same bits.
 *
 * @throws LotteryError E_NON_FINITE with the step when the validation loss is not finite; E_MASK when
 *   the mask does not fit, or the trainer gives back a masked weight that is not +0; E_OPTION for a grid that does not fit.
 */
export async function trainRun(
  trainer: Trainer,
  start: TrainState,
  mask: Mask,
  options: TrainRunOptions,
): Promise<TrainRun> {
  const { dataSeed, toStep = trainer.steps, evalEvery = 100, testEvery, onCheckpoint, signal } = options;
  checkWhole("trainRun", "evalEvery", evalEvery, 1);
  if (testEvery !== undefined) checkWhole("trainRun", "testEvery / evalEvery", testEvery / evalEvery, 1);
  checkMask("trainRun", mask, (options.resume?.state ?? start).params);
  const look = async (state: TrainState): Promise<CurvePoint> => {
    const validation = await trainer.evaluate(state.params, "validation", signal);
    if (!Number.isFinite(validation.loss)) {
      const message = `trainRun: the validation loss at step ${state.step} is ${validation.loss}`;
      throw new LotteryError("E_NON_FINITE", message, { step: state.step });
    }
    const tested = testEvery !== undefined && state.step % testEvery === 0;
    const test = tested ? { test: await trainer.evaluate(state.params, "test", signal) } : {};
    return { step: state.step, validation, ...test };
  };
  let progress = options.resume ?? (await begin(maskState(start, mask), look));
  checkWhole("trainRun", "toStep", toStep, progress.state.step);
  while (progress.state.step < toStep) {
    signal?.throwIfAborted();
    const next = Math.min(toStep, (Math.floor(progress.state.step / evalEvery) + 1) * evalEvery);
    const state = await trainer.advance(progress.state, mask, next, dataSeed, signal);
    if (state.step !== next) {
      throw new LotteryError("E_TRAINER", `trainRun: advance was asked for step ${next} and came to ${state.step}`);
    }
    // A loss that is not finite comes first: a gradient without bounds makes masked weights NaN too.
    const point = await look(state);
    assertSparse(state.params, mask);
    const better = point.validation.loss < lossAt(progress.curve, progress.best.step);
    const best = better ? { step: next, params: state.params } : progress.best;
    progress = { state, curve: [...progress.curve, point], best };
    await onCheckpoint?.(progress);
  }
  return finish(trainer, progress, signal);
}

async function begin(state: TrainState, look: (state: TrainState) => Promise<CurvePoint>): Promise<RunProgress> {
  return { state, curve: [await look(state)], best: { step: state.step, params: state.params } };
}

async function finish(trainer: Trainer, progress: RunProgress, signal?: AbortSignal): Promise<TrainRun> {
  const { state, curve, best } = progress;
  const at = (step: number): CurvePoint => curve.find((point) => point.step === step) as CurvePoint;
  const test = async (step: number, params: Named): Promise<Metrics> =>
    at(step).test ?? (await trainer.evaluate(params, "test", signal));
  const final = await test(state.step, state.params);
  return {
    state,
    curve,
    earlyStop: {
      step: best.step,
      validation: at(best.step).validation,
      test: best.step === state.step ? final : await test(best.step, best.params),
    },
    final: { step: state.step, validation: at(state.step).validation, test: final },
  };
}

function lossAt(curve: readonly CurvePoint[], step: number): number {
  return (curve.find((point) => point.step === step) as CurvePoint).validation.loss;
}

/** The first step of a curve at which the validation loss is at most `loss`; undefined when it never is. */
export function stepsTo(curve: readonly CurvePoint[], loss: number): number | undefined {
  return curve.find((point) => point.validation.loss <= loss)?.step;
}
