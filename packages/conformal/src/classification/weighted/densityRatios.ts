import { ConformalError } from "../../base/errors.ts";

/** Options of `densityRatios`. */
export interface DensityRatiosOptions {
  /** Rows of the calibration domain that the domain classifier was trained on, > 0. Default 1. */
  readonly calibrationCount?: number;
  /** Rows of the test domain that it was trained on, > 0. Default 1: as many of either. */
  readonly testCount?: number;
  /**
   * Probabilities are moved into [clip, 1 - clip], 0 <= clip < 0.5. Default 0.001. It bounds the ratios, because one
   * row with a huge weight makes every set full; with 0, a probability of 1 is an error.
   */
  readonly clip?: number;
}

/**
 * Estimated likelihood ratios between test and calibration domain, for the weights of a `weightedClassifier`: with the
 * probability p that a domain classifier gives for a row to come from the test domain, `p / (1 - p)` times
 * `calibrationCount / testCount` (Bayes' rule takes the classifier's class sizes out again). Train the domain
 * classifier on rows that calibrate nothing. Coverage is then approximate: it can be lower than `1 - alpha` by half
 * the mean absolute error of the ratios.
 *
 * @param probabilities probability `[n]` of the test domain for each row, in [0, 1]
 * @throws ConformalError E_NAN, E_PROBS, E_RANGE
 * @see Tibshirani et al., Conformal prediction under covariate shift (2019), section 2.3; Lei and Candès, Conformal
 *   inference of counterfactuals and individual treatment effects (2021), for estimated weights
 */
export function densityRatios(probabilities: ArrayLike<number>, options: DensityRatiosOptions = {}): Float64Array {
  const where = "densityRatios";
  const { calibrationCount = 1, testCount = 1, clip = 0.001 } = options;
  for (const [name, count] of Object.entries({ calibrationCount, testCount })) {
    if (!(count > 0 && count < Infinity)) {
      throw new ConformalError("E_RANGE", `${where}: ${name} must be positive and finite, got ${count}`);
    }
  }
  if (!(clip >= 0 && clip < 0.5)) {
    throw new ConformalError("E_RANGE", `${where}: clip must be in [0, 0.5), got ${clip}`);
  }
  return Float64Array.from(probabilities, (p, i) => {
    if (Number.isNaN(p)) throw new ConformalError("E_NAN", `${where}: probabilities[${i}] is NaN`, i);
    if (!(p >= 0 && p <= 1)) {
      throw new ConformalError("E_PROBS", `${where}: probabilities[${i}] must be in [0, 1], got ${p}`, i);
    }
    const clipped = Math.min(1 - clip, Math.max(clip, p));
    if (clipped === 1) {
      throw new ConformalError("E_PROBS", `${where}: probabilities[${i}] is 1, an infinite ratio; pass a clip > 0`, i);
    }
    return (clipped / (1 - clipped)) * (calibrationCount / testCount);
  });
}
