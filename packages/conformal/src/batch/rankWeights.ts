import { checkAllFinite } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Scores } from "../quantile/quantile.ts";
import { allowedLoss, binomialCoefficient } from "./allowance.ts";

/** Steps of the dynamic programme that take a few hundredths of a second, and that take half a minute. */
const WANTED_STEPS = 5e7;
const MOST_STEPS = 3e10;
const FINEST = 400;
const COARSEST = 32;

/** The largest weight to use for sizes n and m: finer weights are tighter, and slower. */
export function weightResolution(n: number, m: number): number {
  const steps = (n * m * m) / 2;
  return Math.max(COARSEST, Math.min(FINEST, Math.floor(WANTED_STEPS / Math.max(1, steps))));
}

/**
 * Whole weights `[largestRank]` in 0..resolution for ranks 1..largestRank, spaced as the quantiles of a guess at the
 * scores are. Nondecreasing, and a function of the guess and of sizes only.
 *
 * @throws ConformalError E_NAN, E_RANGE for a guess that isn't finite, or has no two different values
 */
export function weightsLike(
  where: string,
  guess: Scores,
  n: number,
  largestRank: number,
  resolution: number,
): Int32Array {
  checkAllFinite(where, "guess", guess);
  const sorted = Float64Array.from(guess).sort();
  if (sorted.length < 2 || sorted[0] === sorted.at(-1)) {
    throw new ConformalError("E_RANGE", `${where}: guess must hold at least two different values`);
  }
  const at = (rank: number): number => {
    const position = ((rank - 0.5) / (n + 1)) * (sorted.length - 1);
    const left = Math.floor(position);
    const share = position - left;
    return (sorted[left] as number) * (1 - share) + (sorted[left + 1] as number) * share;
  };
  const low = at(1);
  const span = at(largestRank) - low;
  return Int32Array.from({ length: largestRank }, (_, i) =>
    span > 0 ? Math.round((resolution * (at(i + 1) - low)) / span) : i === largestRank - 1 ? resolution : 0,
  );
}

/** The least budget for the sum of m weights that loses little enough, and the share of vectors within it. */
export interface WeightBudget {
  readonly budget: number;
  readonly level: number;
}

/**
 * The least v such that the vectors of m ranks whose weights sum to at most v lose no more than the allowed share. The
 * vectors are counted by dynamic programming over the ranks, in doubles: all terms are positive, so that every count has
 * a relative error of one rounding for each addition on the way (none while they are below 2^53), and a loss that might
 * be too much is not taken.
 *
 * @param weights of the ranks that may be used; all others are lost from the start
 * @param lostBefore probability of the vectors with other ranks, known not to exceed the allowed loss
 */
export function weightBudget(weights: Int32Array, m: number, lostBefore: number, alpha: number): WeightBudget {
  const largest = weights.at(-1) as number;
  const width = m * largest + 1;
  if ((weights.length * m * width) / 2 > MOST_STEPS) {
    throw new ConformalError("E_RANGE", `the law of weighted rank sums is too large for m = ${m}: use "montecarlo"`);
  }
  const counts = Array.from({ length: m + 1 }, () => new Float64Array(width));
  (counts[0] as Float64Array)[0] = 1;
  // Whole counts are exact up to 2^53. Beyond, a factor for each rank used keeps them within doubles, and cancels.
  const isExact = binomialCoefficient(weights.length - 1 + m, m) <= BigInt(Number.MAX_SAFE_INTEGER);
  const scale = isExact ? 1 : m / (weights.length + m);
  for (const weight of weights) {
    for (let j = 1; j <= m; j++) {
      const into = counts[j] as Float64Array;
      const from = counts[j - 1] as Float64Array;
      const last = (j - 1) * largest;
      for (let v = 0; v <= last; v++) into[v + weight] = (into[v + weight] as number) + scale * (from[v] as number);
    }
  }
  const law = counts[m] as Float64Array;
  const total = law.reduce((a, b) => a + b, 0);
  if (!(total > 0 && total < Infinity)) {
    throw new ConformalError("E_RANGE", `the law of weighted rank sums overflows for m = ${m}: use "montecarlo"`);
  }
  const error = isExact ? 0 : 2 * (weights.length + 2 * m + width + 8) * 2 ** -53;
  const allowed = allowedLoss(alpha) * (1 - 2 * error);
  const lostWith = (count: number): number => lostBefore + (count / total) * (1 - lostBefore);
  let budget = width - 1;
  let lost = 0;
  while (budget > 0 && lostWith(lost + (law[budget] as number)) <= allowed) lost += law[budget--] as number;
  return { budget, level: 1 - lostWith(lost) };
}
