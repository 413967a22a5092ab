import { checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { namedTensors } from "../base/parameters.ts";
import { type Mask, type MaskDensity, applyMask, checkMask, density as densityOf } from "../mask/mask.ts";
import { pruneByScore } from "../mask/prune.ts";
import { type DensitySchedule, exponentialSchedule } from "../mask/schedules.ts";
import type { Criterion } from "./criterion.ts";

/** What happened in one iteration. */
export interface PruneAtInitStep {
  /** 0 for the first. */
  readonly iteration: number;
  readonly iterations: number;
  /** The density that was asked for. */
  readonly target: number;
  /** What the mask keeps now. */
  readonly kept: number;
  /** kept over the number of prunable weights. */
  readonly density: number;
}

export interface PruneAtInitOptions {
  /** Share of all prunable weights that stays at the end, in (0, 1]. */
  readonly density: number;
  /** How often weights are scored, each time with the mask so far. Default 1; SynFlow wants 100. */
  readonly iterations?: number;
  /** Of what the mask keeps at the start, what is left after each iteration. Default `exponentialSchedule`. */
  readonly schedule?: DensitySchedule;
  /** Whether all weights compete (`"global"`, the default) or those of each tensor among themselves (`"layer"`). */
  readonly scope?: "global" | "layer";
  /** Weights that every tensor keeps at least, as long as it has so many. Default 0. */
  readonly minPerTensor?: number;
  /** Called after every iteration, and awaited. */
  readonly onProgress?: (step: PruneAtInitStep, mask: Mask) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** What pruning left. */
export interface PruneAtInitReport {
  readonly steps: readonly PruneAtInitStep[];
  /** Over all prunable weights, and for every tensor. */
  readonly density: MaskDensity;
  /** Names of the tensors that have no weight left: unless a shortcut leads around them, nothing reaches the output. */
  readonly collapsed: readonly string[];
}

export interface PruneAtInitResult {
  readonly mask: Mask;
  readonly report: PruneAtInitReport;
}

/**
 * Prunes a net before it is trained: scores the weights, keeps the best, and again with the new mask, until the density is reached.
 * The criterion sees the masked parameters. After iteration i of n the schedule says what stays; the last one ends at `density`
 * itself. Counts and ties are those of `pruneByScore`.
 *
 * Tensors may lose all their weights (deep nets often do, with criteria other than iterated SynFlow): they are reported, and
 * `minPerTensor` prevents it.
 *
 * @throws LotteryError E_RATE for a density outside (0, 1], above that of the mask, or a schedule that rises; E_OPTION for other
 *   options; E_MASK when parameters and mask do not fit; E_PARAMETERS or E_NON_FINITE for scores that are no scores; E_EMPTY when
 *   no weight at all would be left; and what the criterion throws. The reason of `signal` when it is aborted.
 * @example const { mask } = await pruneAtInit(snip(loss, [batch]), params, onesMask(params), { density: 0.05 });
 */
export async function pruneAtInit<P>(
  criterion: Criterion<P>,
  params: P,
  mask: Mask,
  options: PruneAtInitOptions,
): Promise<PruneAtInitResult> {
  const { density: target, iterations = 1, schedule = exponentialSchedule, scope = "global" } = options;
  const { minPerTensor = 0, onProgress, signal } = options;
  checkMask("pruneAtInit", mask, namedTensors("pruneAtInit", params));
  checkWhole("pruneAtInit", "iterations", iterations, 1);
  checkWhole("pruneAtInit", "minPerTensor", minPerTensor, 0);
  const { density: start, size } = densityOf(mask);
  if (!(target > 0 && target <= 1)) throw rateError(`density must be in (0, 1], got ${target}`);
  if (target > start) throw rateError(`density ${target} is above that of the mask, ${start}`);
  if (Math.floor(target * size + 0.5) === 0 && minPerTensor === 0) {
    throw new LotteryError("E_EMPTY", `pruneAtInit: density ${target} of ${size} weights is none`);
  }
  const steps: PruneAtInitStep[] = [];
  let current = mask;
  for (let iteration = 0; iteration < iterations; iteration++) {
    signal?.throwIfAborted();
    const last = iteration === iterations - 1;
    const wanted = last ? target : start * schedule(target / start, iteration + 1, iterations);
    const context = { iteration, iterations, ...(signal === undefined ? {} : { signal }) };
    const scores = await criterion(applyMask(params, current), current, context);
    current = pruneByScore(scores, current, { density: wanted, scope, minPerTensor, allowEmpty: true });
    const { kept, density } = densityOf(current);
    const step = { iteration, iterations, target: wanted, kept, density };
    steps.push(step);
    await onProgress?.(step, current);
  }
  const density = densityOf(current);
  const collapsed = Object.entries(density.tensors).filter(([, { kept }]) => kept === 0);
  return { mask: current, report: { steps, density, collapsed: collapsed.map(([name]) => name) } };
}

function rateError(reason: string): LotteryError {
  return new LotteryError("E_RATE", `pruneAtInit: ${reason}`);
}
