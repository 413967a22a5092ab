import { checkAllFinite, checkWhole } from "../base/checks.ts";
import type { Scores } from "../quantile/quantile.ts";
import { sumOf } from "./knapsack.ts";
import { type MeanBound, type MeanBoundOptions, meanBound } from "./meanBound.ts";
import { residuals } from "./residuals.ts";

/** Options of `batchMeanInterval`. */
export interface BatchMeanIntervalOptions
  extends Pick<MeanBoundOptions, "alpha" | "side" | "method" | "ordering" | "guess" | "draws" | "seed"> {
  /** Predictions `[n]` for calibration points that the model was not fitted to. */
  readonly calibrationPredictions: Scores;
  /** Their true outcomes `[n]`. */
  readonly calibrationTargets: Scores;
  /** Predictions `[m]` for the batch, m >= 1. */
  readonly testPredictions: Scores;
  /** The smallest possible residual (outcome less prediction), if there is one. Default -Infinity. */
  readonly residualMin?: number;
  /** The largest possible residual, if there is one. Default Infinity. */
  readonly residualMax?: number;
}

/** Bounds on the mean outcome of a batch. */
export interface BatchMeanInterval extends Omit<MeanBound, "lowerRanks" | "upperRanks"> {
  /** Mean of the predictions for the batch. */
  readonly prediction: number;
  /** The bounds on the mean residual that were added to it. */
  readonly residual: MeanBound;
}

/**
 * An interval for the mean outcome of the next m points ("the mean price of the next ten houses"), from the predictions
 * of any model: the mean prediction plus bounds on the mean residual. With probability at least `1 - alpha` it holds the
 * mean of the m outcomes; multiply by m for their sum. Pass residuals of the training data as `guess`: errors of single
 * points cancel in a mean, and with a guess at their distribution the interval makes use of it.
 *
 * @throws ConformalError E_ALPHA, E_LENGTH, E_NAN, E_RANGE
 */
export function batchMeanInterval(options: BatchMeanIntervalOptions): BatchMeanInterval {
  const { calibrationPredictions, testPredictions, residualMin, residualMax, side = "both", ...rest } = options;
  const m = testPredictions.length;
  checkWhole("batchMeanInterval", "the number of test predictions", m, 1);
  const { calibrationTargets, ...settings } = rest;
  const residual = meanBound({
    ...settings,
    side,
    m,
    calibration: residuals("batchMeanInterval", calibrationPredictions, calibrationTargets),
    ...(residualMin === undefined ? {} : { sMin: residualMin }),
    ...(residualMax === undefined ? {} : { sMax: residualMax }),
  });
  checkAllFinite("batchMeanInterval", "testPredictions", testPredictions);
  const prediction = sumOf([...testPredictions].sort((a, b) => a - b)) / m;
  const { lowerRanks: _lower, upperRanks: _upper, ...bounds } = residual;
  return Object.freeze({
    ...bounds,
    ...(residual.lower === undefined ? {} : { lower: prediction + residual.lower }),
    ...(residual.upper === undefined ? {} : { upper: prediction + residual.upper }),
    prediction,
    residual,
  });
}
