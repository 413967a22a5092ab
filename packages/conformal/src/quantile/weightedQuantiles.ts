import { checkAlpha } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type Quantile, type Scores, checkedCopy, quantileAtPosition } from "./quantile.ts";
import { checkWeight, reachingPosition, weightedMass } from "./weightedMass.ts";

/** Options of `weightedQuantiles`. */
export interface WeightedQuantilesOptions {
  /** The largest value that a score can take, used as threshold where no score is large enough. Default Infinity. */
  readonly sMax?: number;
}

/**
 * The weighted conformal quantile as a function of the test point's weight: the same answer, bit for bit, as
 * `conformalQuantile(scores, alpha, { weights, testWeight, sMax })`, but the calibration scores are sorted and their
 * weights added up once (`O(n log n)`), and each test point then takes a binary search (`O(log n)`).
 *
 * @param scores calibration scores, at least one; infinite ones are allowed, NaN is not
 * @param weights weights of the calibration points, >= 0, up to a common factor
 * @param alpha allowed miscoverage, strictly between 0 and 1
 * @returns the quantile for a test point of a given weight, finite and >= 0 (E_WEIGHTS, E_NAN otherwise)
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_NAN, E_LENGTH, E_WEIGHTS, E_RANGE
 * @see Tibshirani, Barber, Candès, Ramdas, Conformal prediction under covariate shift (2019)
 */
export function weightedQuantiles(
  scores: Scores,
  weights: Scores,
  alpha: number,
  options: WeightedQuantilesOptions = {},
): (testWeight: number) => Quantile {
  const where = "weightedQuantiles";
  const { sMax = Infinity } = options;
  checkAlpha(where, alpha);
  if (scores.length === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one score`);
  const prefix = weightedMass(where, checkedCopy(where, scores, sMax), weights);
  return (testWeight) => {
    checkWeight(where, "testWeight", testWeight);
    return quantileAtPosition(prefix, reachingPosition(prefix, testWeight, alpha), testWeight, sMax);
  };
}
