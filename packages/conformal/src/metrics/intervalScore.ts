import { checkAlpha, checkLength, checkLevel } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type IntervalBounds, checkRegions, coveredFlags, regionSize } from "./region.ts";
import { meanWidth } from "./sizes.ts";

/**
 * The mean interval score (Winkler score) of central `1 - alpha` intervals: width, plus `2 / alpha` times the distance
 * by which a true value lies outside. Smaller is better; the true alpha/2 and 1 - alpha/2 quantiles are best on
 * average. An empty interval (`lower > upper`) counts as the point in its middle. In the units of the values.
 *
 * @param intervals `[n]`
 * @param truths true values `[n]`
 * @throws ConformalError E_LENGTH, E_RANGE, E_NAN, E_ALPHA
 * @see Gneiting, Raftery, Strictly proper scoring rules, prediction, and estimation (2007), equation 43
 */
export function intervalScore(intervals: readonly IntervalBounds[], truths: ArrayLike<number>, alpha: number): number {
  checkRegions("intervalScore", intervals, truths);
  checkAlpha("intervalScore", alpha);
  let sum = 0;
  intervals.forEach(({ lower, upper }, i) => {
    const y = truths[i] as number;
    if (lower > upper) {
      const missed = Math.abs(y - (lower / 2 + upper / 2));
      sum += (2 / alpha) * (Number.isNaN(missed) ? Infinity : missed); // from Infinity to -Infinity: no middle
    } else {
      const outside = y < lower ? lower - y : y > upper ? y - upper : 0;
      sum += regionSize({ lower, upper }) + (2 / alpha) * outside;
    }
  });
  return sum / intervals.length;
}

/**
 * The mean pinball (quantile) loss of predicted quantiles: `level * (y - q)` for y above q, `(1 - level) * (q - y)`
 * below. Smallest on average for the true quantile.
 *
 * @param quantiles predicted quantiles `[n]`
 * @param truths true values `[n]`
 * @param level of the quantiles, strictly between 0 and 1
 * @throws ConformalError E_LENGTH, E_RANGE for no values at all, E_NAN, E_ALPHA for the level
 * @see Koenker, Bassett, Regression quantiles (1978)
 */
export function pinballLoss(quantiles: ArrayLike<number>, truths: ArrayLike<number>, level: number): number {
  const where = "pinballLoss";
  checkLevel(where, "level", level);
  checkLength(where, "the true values", truths.length, quantiles.length);
  if (quantiles.length === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one value, got none`);
  let sum = 0;
  for (let i = 0; i < quantiles.length; i++) {
    const above = (truths[i] as number) - (quantiles[i] as number);
    if (Number.isNaN(above)) throw new ConformalError("E_NAN", `${where}: value or quantile ${i} is NaN`, i);
    sum += above >= 0 ? level * above : (level - 1) * above;
  }
  return sum / quantiles.length;
}

/** Options of `coverageWidthCriterion`. */
export interface CoverageWidthCriterionOptions {
  /** How hard a coverage below the promise is punished, >= 0. Default 50. */
  readonly eta?: number;
  /** What widths are divided by, > 0. Default: the largest true value less the smallest. */
  readonly range?: number;
}

/**
 * The coverage-width-based criterion (CWC): mean width over range, times `1 + exp(eta * (1 - alpha - coverage))` where
 * the coverage is below `1 - alpha`. It jumps there, and rewards intervals that are too narrow if they are narrow
 * enough; `intervalScore` doesn't, and is the better measure. This one is for comparison with papers.
 *
 * @param intervals `[n]`
 * @param truths true values `[n]`
 * @throws ConformalError E_LENGTH, E_NAN, E_ALPHA; E_RANGE for a range or an eta out of its domain
 * @see Khosravi, Nahavandi, Creighton, Atiya, Lower upper bound estimation method (2011)
 */
export function coverageWidthCriterion(
  intervals: readonly IntervalBounds[],
  truths: ArrayLike<number>,
  alpha: number,
  options: CoverageWidthCriterionOptions = {},
): number {
  const where = "coverageWidthCriterion";
  checkRegions(where, intervals, truths);
  checkAlpha(where, alpha);
  const { eta = 50, range = spread(truths) } = options;
  if (!(eta >= 0)) throw new ConformalError("E_RANGE", `${where}: eta must be >= 0, got ${eta}`);
  if (!(range > 0)) throw new ConformalError("E_RANGE", `${where}: range must be > 0, got ${range}`);
  let covered = 0;
  for (const flag of coveredFlags(intervals, truths)) covered += flag;
  const missing = 1 - alpha - covered / intervals.length;
  return (meanWidth(intervals) / range) * (missing > 0 ? 1 + Math.exp(eta * missing) : 1);
}

function spread(values: ArrayLike<number>): number {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i] as number);
    most = Math.max(most, values[i] as number);
  }
  return most - least;
}
