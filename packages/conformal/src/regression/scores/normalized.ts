import { ConformalError } from "../../base/errors.ts";
import { checkAtLeast, checkFinite } from "../../base/checks.ts";
import type { RegressionScore } from "./score.ts";

/** A point prediction with an estimate of how large its error tends to be. */
export interface ScaledPrediction {
  readonly mean: number;
  /** Any positive measure of difficulty, such as a predicted standard deviation; only its proportions matter. */
  readonly scale: number;
}

/** Options of `normalized`. */
export interface NormalizedOptions {
  /** Added to every scale, >= 0, in the units of the scale: tames scales near 0. Default 0. */
  readonly beta?: number;
}

/**
 * Normalised (locally weighted) error `|y - mean| / (scale + beta)`: intervals `mean -+ q (scale + beta)`, wide where
 * the model says that it is unsure. The model for the scale must not have seen the calibration points either. A scale
 * that is negative, or 0 with `beta` 0, is E_SIGMA.
 *
 * @throws ConformalError E_RANGE, E_NAN for beta
 * @see Papadopoulos, Gammerman, Vovk, Normalized nonconformity measures for regression conformal prediction (2008);
 *   Lei et al., Distribution-free predictive inference for regression (2018), section 5.2
 */
export function normalized(options: NormalizedOptions = {}): RegressionScore<ScaledPrediction> {
  const { beta = 0 } = options;
  checkAtLeast("normalized", "beta", beta, 0);
  return Object.freeze<RegressionScore<ScaledPrediction>>({
    name: beta === 0 ? "normalized" : `normalized, beta ${beta}`,
    tails: "joint",
    check: ({ mean, scale }, where, index): void => {
      checkFinite(where, "mean", mean, index);
      checkFinite(where, "scale", scale, index);
      if (scale >= 0 && scale + beta > 0 && scale + beta < Infinity) return;
      throw new ConformalError(
        "E_SIGMA",
        `${where}: scale must be positive and finite, got ${scale} with beta ${beta}`,
        index,
      );
    },
    below: ({ mean, scale }, y): number => (mean - y) / (scale + beta),
    above: ({ mean, scale }, y): number => (y - mean) / (scale + beta),
    lower: ({ mean, scale }, threshold): number => mean - threshold * (scale + beta),
    upper: ({ mean, scale }, threshold): number => mean + threshold * (scale + beta),
  });
}
