import { checkLength } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { choleskyFactor, dot, forwardSolve } from "../cholesky.ts";
import type { OutputScore } from "./score.ts";

/**
 * Ellipsoids by Mahalanobis distance: the score is `sqrt(e' C^-1 e)` for the error `e` and a covariance matrix C of
 * errors. Smaller than boxes where errors are correlated.
 *
 * @param covariance symmetric positive definite `[d][d]`, from other data than the calibration points
 *   (`residualCovariance`)
 * @throws ConformalError E_LENGTH, E_NAN, E_RANGE for a matrix that is not symmetric, E_SIGMA for one that is not
 *   positive definite
 * @see Johnstone, Cox, Conformal uncertainty sets for robust optimization (2021)
 */
export function ellipsoid(covariance: readonly ArrayLike<number>[]): OutputScore {
  const where = "ellipsoid";
  const d = covariance.length;
  if (d === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one output`);
  const matrix = new Float64Array(d * d);
  covariance.forEach((row, i) => {
    checkLength(where, `row ${i}`, row.length, d);
    for (let j = 0; j < d; j++) {
      const value = row[j] as number;
      if (Number.isNaN(value)) throw new ConformalError("E_NAN", `${where}: element ${i}, ${j} is NaN`, i);
      if (value !== covariance[j]?.[i]) {
        throw new ConformalError("E_RANGE", `${where}: the matrix must be symmetric, is not at ${i}, ${j}`, i);
      }
      matrix[i * d + j] = value;
    }
  });
  const factor = choleskyFactor(matrix, d);
  if (factor === undefined) {
    throw new ConformalError("E_SIGMA", `${where}: the covariance matrix must be positive definite`);
  }
  const diagonal = Float64Array.from(covariance, (row, j) => Math.sqrt(row[j] as number));
  let unitVolume = unitBallVolume(d);
  for (let j = 0; j < d; j++) unitVolume *= factor[j * d + j] as number;
  return Object.freeze<OutputScore>({
    name: `ellipsoid ${matrix.join(" ")}`,
    outputs: d,
    thresholds: 1,
    scores: (prediction, y) => {
      const whitened = forwardSolve(
        factor,
        d,
        y.map((value, j) => value - (prediction[j] as number)),
      );
      return [Math.sqrt(dot(whitened, whitened))];
    },
    bounds: (prediction, thresholds) => {
      const radius = thresholds[0] as number;
      return {
        lower: prediction.map((value, j) => value - radius * (diagonal[j] as number)),
        upper: prediction.map((value, j) => value + radius * (diagonal[j] as number)),
        volume: unitVolume * radius ** d,
      };
    },
  });
}

/** The volume of the unit ball: 1, 2, and `2 pi / d` times that of two dimensions less. */
function unitBallVolume(d: number): number {
  let volume = d % 2 === 0 ? 1 : 2;
  for (let k = d % 2 === 0 ? 2 : 3; k <= d; k += 2) volume *= (2 * Math.PI) / k;
  return volume;
}
