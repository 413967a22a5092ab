import { checkLength } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { readPoint } from "./score.ts";

/**
 * The root mean square error of each output `[d]`, for `maxBox`. Give it points that are not used for calibration.
 *
 * @param predictions `[n][d]`
 * @param targets `[n][d]`
 * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
 */
export function residualScales(
  predictions: readonly ArrayLike<number>[],
  targets: readonly ArrayLike<number>[],
): Float64Array {
  const errors = errorsOf("residualScales", predictions, targets);
  const scales = new Float64Array((errors[0] as Float64Array).length);
  for (const error of errors)
    for (let j = 0; j < scales.length; j++) scales[j] = (scales[j] as number) + (error[j] as number) ** 2;
  return scales.map((sum) => Math.sqrt(sum / errors.length));
}

/**
 * The second moments of the errors about zero `[d][d]`, for `ellipsoid`: about zero and not about their mean, because
 * regions are centred at predictions. Give it points that are not used for calibration.
 *
 * @param predictions `[n][d]`
 * @param targets `[n][d]`
 * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
 */
export function residualCovariance(
  predictions: readonly ArrayLike<number>[],
  targets: readonly ArrayLike<number>[],
): Float64Array[] {
  const errors = errorsOf("residualCovariance", predictions, targets);
  const d = (errors[0] as Float64Array).length;
  const matrix = Array.from({ length: d }, () => new Float64Array(d));
  for (const error of errors) {
    matrix.forEach((row, i) => {
      for (let j = 0; j < d; j++) row[j] = (row[j] as number) + (error[i] as number) * (error[j] as number);
    });
  }
  return matrix.map((row) => row.map((sum) => sum / errors.length));
}

function errorsOf(
  where: string,
  predictions: readonly ArrayLike<number>[],
  targets: readonly ArrayLike<number>[],
): Float64Array[] {
  if (targets.length === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one point`);
  checkLength(where, "predictions", predictions.length, targets.length);
  const d = (targets[0] as ArrayLike<number>).length;
  return targets.map((target, i) => {
    const mu = readPoint(where, predictions[i] as ArrayLike<number>, d, i);
    return readPoint(where, target, d, i).map((value, j) => value - (mu[j] as number));
  });
}
