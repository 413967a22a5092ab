import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { uniformStream } from "../base/random.ts";
import type { Scores } from "../quantile/quantile.ts";

/** Options of `thinByWeights`. */
export interface ThinByWeightsOptions {
  /** A bound on the weight of every point there could be, not only of these: known beforehand, positive and finite. */
  readonly wMax: number;
  /** Seed, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/**
 * Positions of the calibration points to keep so that they look like test points after a covariate shift: point i is
 * kept with probability `weights[i] / wMax`, where the weight is the density of test over calibration features up to a
 * factor (the propensity odds `e / (1 - e)` for counterfactuals). Run any batch method on the kept ones; it is valid
 * given their number, which may be 0. The weights must be known, or fitted on other data; estimated ones make the
 * guarantee approximate.
 *
 * @param weights one for each calibration point, in [0, wMax]
 * @throws ConformalError E_WEIGHTS, E_NAN with the position of the first bad weight, E_RANGE for the seed
 * @see Lee, Tchetgen Tchetgen, Dobriban, Batch predictive inference (arXiv 2409.13990), on counterfactuals
 */
export function thinByWeights(weights: Scores, options: ThinByWeightsOptions): number[] {
  const { wMax, seed = 0 } = options;
  const where = "thinByWeights";
  checkWhole(where, "seed", seed, 0);
  if (!(wMax > 0 && wMax < Infinity)) {
    throw new ConformalError("E_WEIGHTS", `${where}: wMax must be positive and finite, got ${wMax}`);
  }
  const uniform = uniformStream(seed);
  const kept: number[] = [];
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    if (!(weight >= 0 && weight <= wMax)) {
      const code = Number.isNaN(weight) ? "E_NAN" : "E_WEIGHTS";
      throw new ConformalError(code, `${where}: weights[${i}] must be in [0, wMax = ${wMax}], got ${weight}`, i);
    }
    if (uniform() * wMax < weight) kept.push(i);
  }
  return kept;
}
