import { checkAlpha, checkLength } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { selectInPlace } from "../../base/select.ts";
import { conformalRank } from "../../quantile/rank.ts";
import { intervalOf, type PredictionInterval } from "../interval.ts";

/**
 * The jackknife+ interval of one test point from predictions that were made elsewhere: `mu[i]` is the prediction for
 * the test point by the model fitted without point i (or without the fold of i, for CV+), `residuals[i] = |y_i - mu_i|`
 * the error of that same model on point i. The interval goes from the `floor(alpha (n + 1))`-th smallest of
 * `mu[i] - residuals[i]` to the `ceil((1 - alpha)(n + 1))`-th smallest of `mu[i] + residuals[i]`, and is infinite where
 * a rank leaves 1..n. `level`, at least `1 - 2 alpha`, is that of the jackknife+.
 *
 * @param predictions leave-one-out predictions for the test point `[n]`
 * @param residuals leave-one-out errors `[n]`, >= 0; Infinity for a point that is never left out
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
 * @see Barber, Candès, Ramdas, Tibshirani, Predictive inference with the jackknife+ (2021), section 1.2
 */
export function jackknifePlusInterval(
  predictions: ArrayLike<number>,
  residuals: ArrayLike<number>,
  alpha: number,
): PredictionInterval {
  checkLeftOut("jackknifePlusInterval", predictions, residuals, alpha);
  return plusEnds((i) => predictions[i] as number, residuals, alpha, plusLevel(residuals.length, alpha));
}

/**
 * The jackknife-minmax interval from the same input: from the least prediction less the `ceil((1 - alpha)(n + 1))`-th
 * smallest residual to the largest prediction plus it. Wider than the jackknife+, with coverage `1 - alpha`.
 *
 * @param predictions leave-one-out predictions for the test point `[n]`
 * @param residuals leave-one-out errors `[n]`, >= 0
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
 * @see Barber et al. (2021), section 2.2
 */
export function jackknifeMinmaxInterval(
  predictions: ArrayLike<number>,
  residuals: ArrayLike<number>,
  alpha: number,
): PredictionInterval {
  checkLeftOut("jackknifeMinmaxInterval", predictions, residuals, alpha);
  const n = residuals.length;
  const rank = conformalRank(n, alpha);
  const threshold = rank > n ? Infinity : selectInPlace(Float64Array.from(residuals), rank);
  return minmaxEnds(predictions, threshold, rank / (n + 1));
}

/**
 * Coverage of the jackknife+ at least: `(2k - n) / (n + 1)` with k the conformal rank. In the argument of Barber et
 * al. a set of s points that all miss loses `s (s - 1) / 2` comparisons among itself and each of them at most `n - k`,
 * so `s <= 2 (n - k) + 1` of n + 1, which is `1 - 2 alpha` or a little more.
 */
export function plusLevel(n: number, alpha: number): number {
  return Math.min(1, Math.max(0, (2 * conformalRank(n, alpha) - n) / (n + 1)));
}

/** The ends of the jackknife+ for predictions that are computed on demand: O(n) memory, O(n) time on average. */
export function plusEnds(
  prediction: (i: number) => number,
  residuals: ArrayLike<number>,
  alpha: number,
  level: number,
): PredictionInterval {
  const n = residuals.length;
  const rank = conformalRank(n, alpha);
  if (rank > n) return intervalOf(-Infinity, Infinity, 1, "too-few-calibration");
  const ends = new Float64Array(n);
  for (let i = 0; i < n; i++) ends[i] = prediction(i) + (residuals[i] as number);
  const upper = selectInPlace(ends, rank);
  for (let i = 0; i < n; i++) ends[i] = prediction(i) - (residuals[i] as number);
  // floor(alpha (n + 1)) = n + 1 - rank.
  return intervalOf(selectInPlace(ends, n + 1 - rank), upper, level, "too-few-calibration");
}

/** The ends of the minmax interval for a threshold on residuals. */
export function minmaxEnds(predictions: ArrayLike<number>, threshold: number, level: number): PredictionInterval {
  if (threshold === Infinity) return intervalOf(-Infinity, Infinity, 1, "too-few-calibration");
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < predictions.length; i++) {
    least = Math.min(least, predictions[i] as number);
    most = Math.max(most, predictions[i] as number);
  }
  return intervalOf(least - threshold, most + threshold, level, "too-few-calibration");
}

function checkLeftOut(
  where: string,
  predictions: ArrayLike<number>,
  residuals: ArrayLike<number>,
  alpha: number,
): void {
  checkAlpha(where, alpha);
  const n = residuals.length;
  if (n === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one residual, got none`);
  checkLength(where, "predictions", predictions.length, n);
  for (let i = 0; i < n; i++) {
    const residual = residuals[i] as number;
    const mu = predictions[i] as number;
    if (Number.isNaN(residual) || Number.isNaN(mu))
      throw new ConformalError("E_NAN", `${where}: element ${i} is NaN`, i);
    if (!(residual >= 0) || !Number.isFinite(mu)) {
      const found = `${mu} and ${residual}`;
      throw new ConformalError("E_RANGE", `${where}: needs a finite prediction and a residual >= 0, got ${found}`, i);
    }
  }
}
