import { checkAlpha, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Scores } from "../quantile/quantile.ts";
import { alphaOfEnd, type BatchBound, boundOf, checkSide, type Side } from "./bound.ts";
import { concaveHullAt } from "./hull.ts";
import { bestPicks } from "./knapsack.ts";
import { type MeanOrdering, type MeanRanks, meanRanks } from "./meanRanks.ts";
import { type ScoreRange, sortedScores } from "./sortedScores.ts";
import { checkSizes } from "./sumLaw.ts";

/** How a bound on a mean is computed. All three are valid. */
export type MeanMethod = "exact" | "hull" | "montecarlo";

/** Options of `meanBound`. */
export interface MeanBoundOptions extends ScoreRange {
  /** Calibration scores, outcomes or residuals, all finite, in any order; not modified. */
  readonly calibration: Scores;
  /** Size of the batch, >= 1. */
  readonly m: number;
  /** Allowed miscoverage, strictly between 0 and 1. */
  readonly alpha: number;
  /** Default `"upper"`. */
  readonly side?: Side;
  /**
   * `"exact"` (default): the tightest bound for the ordering. `"hull"`: the exact quantile of the rank sum, and a simpler,
   * never smaller bound from it. `"montecarlo"`: the quantile from random rank vectors, for batches whose exact law
   * would take minutes; valid on average over the draws.
   */
  readonly method?: MeanMethod;
  /**
   * `"sum"`: rank vectors of small sum are accepted first. `"lexicographic"`: those without rank n + 1 before all
   * others, so that the bound is finite for unbounded scores when `n / (n + m) >= 1 - alpha`. `"auto"` (default):
   * lexicographic for an end that is unbounded, where it's possible, and by sum otherwise.
   */
  readonly ordering?: MeanOrdering;
  /**
   * What scores look like, from other data than the calibration and test points: residuals on the training data, last
   * year's demand. At least two different values. Ranks then count by the quantiles of the guess in place of evenly,
   * which makes bounds much tighter for scores with tails. Valid however wrong the guess is.
   */
  readonly guess?: Scores;
  /** Number of random rank vectors for `"montecarlo"`. Default 9999. */
  readonly draws?: number;
  /** Seed for `"montecarlo"`, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/** Bounds on the mean of a batch. */
export interface MeanBound extends BatchBound {
  /** Ranks of the calibration scores whose mean is `lower`, ascending; 0 stands for `sMin`. Not for `"hull"`. */
  readonly lowerRanks?: readonly number[];
  /** Ranks of the calibration scores whose mean is `upper`, ascending; n + 1 stands for `sMax`. Not for `"hull"`. */
  readonly upperRanks?: readonly number[];
}

/**
 * Bounds the mean of the next m scores: `P(mean <= upper) >= 1 - alpha`, without assuming any distribution. Vectors of m
 * ranks are accepted by their sum until their share among all is `1 - alpha`, and the bound is the largest mean of
 * calibration scores at accepted ranks, found exactly (to rounding) in `O(n^2 log m)`.
 *
 * A mean of unbounded scores has no finite bound when `n / (n + m) < 1 - alpha`; give `sMin` and `sMax` if they exist.
 *
 * @throws ConformalError E_ALPHA, E_RANGE (also for an infinite score, and for sizes whose exact law would take
 *   minutes), E_NAN
 * @see Lee, Tchetgen Tchetgen, Dobriban, Batch predictive inference (arXiv 2409.13990). Their code takes the quantile of
 *   the rank sum from independent ranks, which falls short of the level; this one is exact. The lexicographic ordering
 *   and the two other methods are not in the paper.
 */
export function meanBound(options: MeanBoundOptions): MeanBound {
  const { calibration, m, alpha, side = "upper", sMin = -Infinity, sMax = Infinity, guess } = options;
  const where = "meanBound";
  checkAlpha(where, alpha);
  checkSizes(where, 0, m);
  checkSide(where, side);
  const settings = checkSettings(where, options);
  const sorted = sortedScores(where, calibration, options);
  const n = calibration.length;
  for (let i = 0; i < n; i++) {
    if (Number.isFinite(calibration[i])) continue;
    throw new ConformalError("E_RANGE", `${where}: calibration[${i}] must be finite for a mean`, i);
  }
  const request = { n, m, alpha: alphaOfEnd(side, alpha), ...settings, ...(guess === undefined ? {} : { guess }) };
  let level = 1;
  let trivial = false;
  const ends: { lower?: number; upper?: number } = {};
  const ranks: { lowerRanks?: readonly number[]; upperRanks?: readonly number[] } = {};
  if (side !== "upper") {
    // The law is symmetric under r -> n + 2 - r: minus the upper bound on the mean of the negated scores.
    const mirrored = guess === undefined ? {} : { guess: negated(guess) };
    const accepted = meanRanks({ ...request, ...mirrored, unbounded: sMin === -Infinity });
    const end = endOf(negated(sorted).reverse(), m, accepted, settings.method);
    ends.lower = 0 - end.value;
    if (end.ranks !== undefined) ranks.lowerRanks = Object.freeze(end.ranks.map((r) => n + 1 - r).reverse());
    level -= end.lost;
    trivial = end.lost === 0;
  }
  if (side !== "lower") {
    const accepted = meanRanks({ ...request, unbounded: sMax === Infinity });
    const end = endOf(sorted, m, accepted, settings.method);
    ends.upper = end.value;
    if (end.ranks !== undefined) ranks.upperRanks = Object.freeze(end.ranks);
    level -= end.lost;
    trivial ||= end.lost === 0;
  }
  return Object.freeze({ ...boundOf(ends, level, trivial), ...ranks });
}

interface End {
  readonly value: number;
  readonly ranks?: number[];
  /** Probability that the mean is beyond; 0 for the end of the range of scores. */
  readonly lost: number;
}

/** Scores above this are scaled before they are added up and multiplied. */
const LARGE = 1e250;

/** The largest mean over accepted ranks, from sorted scores `[n + 2]` with the ends of the range around them. */
function endOf(sorted: Float64Array, m: number, { weights, budget, level }: MeanRanks, method: MeanMethod): End {
  const last = sorted.length - 1;
  const heaviest = weights.at(-1) as number;
  const everyVector = weights.length === last && budget >= m * heaviest;
  // One rank that heavy is possible when all others weigh nothing.
  const largest = lastRankWithin(weights, budget);
  if (everyVector || sorted[largest] === Infinity) {
    const ranks = Array.from<number>({ length: m }).fill(last);
    const value = sorted[last] as number;
    return method === "hull" ? { value, lost: 0 } : { value, ranks, lost: 0 };
  }
  // Of the ranks with the same weight, or less, the last has the largest score.
  const rankOf = Int32Array.from({ length: (weights[largest - 1] as number) + 1 }, (_, w) =>
    lastRankWithin(weights, w),
  );
  const values = Float64Array.from(rankOf, (rank) => sorted[rank] as number);
  const lost = 1 - level;
  // A power of two costs no digit, and keeps sums of m and areas under the hull within doubles.
  const unit = values.some((value) => Math.abs(value) > LARGE) ? 2 ** 128 : 1;
  for (let w = 0; w < values.length; w++) values[w] = (values[w] as number) / unit;
  if (method === "hull") return { value: unit * concaveHullAt(values, budget / m), lost };
  const { sum, weights: picked } = bestPicks(values, m, budget);
  return { value: unit * (sum / m), ranks: picked.map((w) => rankOf[w] as number), lost };
}

/** The largest rank whose weight is at most the given one; rank 1 weighs 0. */
function lastRankWithin(weights: Int32Array, weight: number): number {
  let low = 1;
  let high = weights.length;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((weights[middle - 1] as number) <= weight) low = middle;
    else high = middle - 1;
  }
  return low;
}

function negated(values: Scores): Float64Array {
  return Float64Array.from(values, (value) => -value);
}

function checkSettings(
  where: string,
  options: MeanBoundOptions,
): {
  readonly method: MeanMethod;
  readonly ordering: MeanOrdering;
  readonly sampled?: { readonly draws: number; readonly seed: number };
} {
  const { method = "exact", ordering = "auto", draws = 9999, seed = 0 } = options;
  checkWhole(where, "draws", draws, 1);
  checkWhole(where, "seed", seed, 0);
  if (method !== "exact" && method !== "hull" && method !== "montecarlo") {
    const found = String(method);
    throw new ConformalError("E_RANGE", `${where}: method must be "exact", "hull" or "montecarlo", got ${found}`);
  }
  if (ordering !== "sum" && ordering !== "lexicographic" && ordering !== "auto") {
    const found = String(ordering);
    throw new ConformalError("E_RANGE", `${where}: ordering must be "sum", "lexicographic" or "auto", got ${found}`);
  }
  return method === "montecarlo" ? { method, ordering, sampled: { draws, seed } } : { method, ordering };
}
