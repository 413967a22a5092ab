import { checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import type { Named } from "../base/parameters.ts";
import { type Mask, assertSparse } from "../mask/mask.ts";
import { maskState } from "../train/maskedState.ts";
import type { DataPart, Metrics, TrainState, Trainer } from "../train/trainer.ts";
import { interpolate } from "./interpolate.ts";
import { dataSeedOf } from "./seeds.ts";

export interface LinearConnectivityOptions {
  /** Points of the line, both ends among them, evenly spaced; at least 2. Default 30, as in the paper. */
  readonly points?: number;
  /** Parts of the data that are looked at. Default: train and test. */
  readonly parts?: readonly DataPart[];
  /** The error of a net, in [0, 1]. Default: 1 - accuracy. */
  readonly error?: (metrics: Metrics) => number;
  /** Barriers of the error below this are none. Default 0.02, the paper's 2 percentage points. */
  readonly threshold?: number;
  /**
   * Called with the weights of every point before it is evaluated, to give statistics of batch norm that fit them (means over training
   * batches): the average of two nets' statistics fits neither.
   */
  readonly recalibrate?: (params: Named, alpha: number) => Named | Promise<Named>;
  readonly signal?: AbortSignal;
}

/** Error and loss along the line between two nets on one part of the data. */
export interface LinePart {
  readonly loss: readonly number[];
  readonly error: readonly number[];
  /** Largest value less the mean of the ends'. */
  readonly barrier: { readonly loss: number; readonly error: number };
  /** Is the barrier of the error below the threshold? */
  readonly stable: boolean;
}

export interface Connectivity {
  /** Weight of the first net at each point, 0 to 1. */
  readonly alphas: readonly number[];
  readonly parts: Readonly<Partial<Record<DataPart, LinePart>>>;
  /** Stable on every part that was looked at. */
  readonly stable: boolean;
}

/**
 * Linear mode connectivity: error and loss of alpha W1 + (1 - alpha) W2 for alpha from 0 to 1, and the barrier
 * max E(alpha) - (E(0) + E(1)) / 2 (Frankle et al. 2020, section 2).
 *
 * @throws LotteryError E_OPTION for fewer than two points; E_PARAMETERS when the nets differ in names, shapes or dtypes; E_TRAINER
 *   when there is no accuracy and no `error` either; E_NON_FINITE for a loss or error that is not finite.
 */
export async function linearConnectivity(
  trainer: Pick<Trainer, "evaluate">,
  first: Named,
  second: Named,
  options: LinearConnectivityOptions = {},
): Promise<Connectivity> {
  const { points = 30, parts = ["train", "test"], error = errorOf, threshold = 0.02, recalibrate, signal } = options;
  checkWhole("linearConnectivity", "points", points, 2);
  const last = points - 1;
  const alphas = Array.from({ length: points }, (_, i) => i / last);
  const seen = new Map(parts.map((part) => [part, { loss: [] as number[], error: [] as number[] }]));
  for (const [i, alpha] of alphas.entries()) {
    signal?.throwIfAborted();
    // The second weight is a point of the grid too, so that swapping the nets swaps the curve to the bit.
    const between = interpolate(first, second, alpha, (last - i) / last);
    const params = recalibrate === undefined ? between : await recalibrate(between, alpha);
    for (const [part, curve] of seen) {
      const metrics = await trainer.evaluate(params, part, signal);
      curve.loss.push(finite("loss", metrics.loss, part, alpha));
      curve.error.push(finite("error", error(metrics), part, alpha));
    }
  }
  const results = [...seen].map(([part, { loss, error: errors }]): [DataPart, LinePart] => {
    const barrier = { loss: barrierOf(loss), error: barrierOf(errors) };
    return [part, { loss, error: errors, barrier, stable: barrier.error < threshold }];
  });
  return { alphas, parts: Object.fromEntries(results), stable: results.every(([, { stable }]) => stable) };
}

export interface InstabilityOptions extends LinearConnectivityOptions {
  /**
   * Where the two runs part: a state (of a level's `ticket`, for example), or a step of the dense training of a seed, with the order of
   * the data that `findTickets` takes at level 0.
   */
  readonly from: TrainState | { readonly seed: number; readonly step: number };
  /** Mask of both runs. Default: nothing is pruned. */
  readonly mask?: Mask;
  /** Orders of the data of the two runs, which must differ. */
  readonly dataSeeds: readonly [number, number];
  /** Step to train to. Default: the end of the schedule. */
  readonly toStep?: number;
}

export interface Instability extends Connectivity {
  /** The two nets at the end of their training. */
  readonly ends: readonly [TrainState, TrainState];
}

/**
 * Instability analysis: trains twice from one state with two orders of the data, and looks at the line between the two nets.
 * A net is stable to the noise of SGD when the error does not rise on it; subnetworks of iterative magnitude pruning were found to
 * match the dense net only where they are stable (Frankle et al. 2020, sections 2 to 4).
 *
 * @throws LotteryError as `linearConnectivity`; E_OPTION for equal data seeds or a step beyond the schedule; E_MASK for a mask that
 *   does not fit.
 */
export async function instability(trainer: Trainer, options: InstabilityOptions): Promise<Instability> {
  const { from, mask = {}, dataSeeds, toStep = trainer.steps, signal, points = 30 } = options;
  checkWhole("instability", "points", points, 2);
  checkWhole("instability", "toStep", toStep, from.step);
  const [one, other] = dataSeeds;
  if (one === other) throw new LotteryError("E_OPTION", `instability: both data seeds are ${one}`);
  const start = maskState("params" in from ? from : await denseState(trainer, from, signal), mask);
  assertSparse(start.params, mask);
  const train = (seed: number): Promise<TrainState> => trainer.advance(start, mask, toStep, seed, signal);
  const ends = [await train(one), await train(other)] as const;
  // A loss that is not finite comes first: a gradient without bounds makes masked weights NaN too.
  const line = await linearConnectivity(trainer, ends[0].params, ends[1].params, options);
  for (const { params } of ends) assertSparse(params, mask);
  return { ...line, ends };
}

async function denseState(
  trainer: Trainer,
  { seed, step }: { readonly seed: number; readonly step: number },
  signal: AbortSignal | undefined,
): Promise<TrainState> {
  const start = await trainer.begin(await trainer.init(seed));
  checkWhole("instability", "from.step", step, 0);
  return step === 0 ? start : trainer.advance(start, {}, step, dataSeedOf(seed, 0), signal);
}

function errorOf(metrics: Metrics): number {
  const { accuracy } = metrics;
  if (accuracy !== undefined) return 1 - accuracy;
  throw new LotteryError(
    "E_TRAINER",
    "linearConnectivity: the metrics have no accuracy; say with `error` what to take",
  );
}

function finite(name: string, value: number, part: DataPart, alpha: number): number {
  if (Number.isFinite(value)) return value;
  throw new LotteryError("E_NON_FINITE", `linearConnectivity: the ${part} ${name} at alpha ${alpha} is ${value}`);
}

function barrierOf(values: readonly number[]): number {
  const ends = ((values[0] as number) + (values.at(-1) as number)) / 2;
  return values.reduce((most, value) => Math.max(most, value)) - ends;
}
