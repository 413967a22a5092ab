import { checkAlpha, checkLength } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { containing } from "../../base/containing.ts";
import { checkFunction, readTargets } from "../checks.ts";
import type { PredictionInterval } from "../interval.ts";
import {
  type CalibrateAsyncOptions,
  type FitModel,
  type FittedModel,
  fitAll,
  fitAllAsync,
  type TrainingSets,
} from "./fits.ts";

/** What every method that refits a model needs. */
export interface CrossRegressorOptions<Row> {
  /** Fits the model; called with rows of the data, never with the whole of it. */
  readonly fit: FitModel<Row>;
  /** The alpha of the method, strictly between 0 and 1. */
  readonly alpha: number;
}

/** A method that fits a model to parts of the data, waiting for the data. */
export interface CrossRegressor<Row> {
  /**
   * Fits and calibrates on rows `[n]` and targets `[n]`; no other data is needed.
   *
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE (also for a fit that returns a promise)
   */
  calibrate(rows: readonly Row[], targets: ArrayLike<number>): CrossPredictor<Row>;
  /** The same for a `fit` that may be asynchronous, with progress and a way to stop. Fits run one after the other. */
  calibrateAsync(
    rows: readonly Row[],
    targets: ArrayLike<number>,
    options?: CalibrateAsyncOptions,
  ): Promise<CrossPredictor<Row>>;
}

/**
 * A calibrated, immutable predictor that holds the fitted models. Models are functions, so it is not saved as JSON:
 * save models and `residuals`, and use `jackknifePlusInterval` or `jackknifeMinmaxInterval`.
 */
export interface CrossPredictor<Row> {
  readonly alpha: number;
  /** Number of points. */
  readonly n: number;
  /** `marginal`: coverage is at least `level`. `none`: nothing is promised in finite samples. */
  readonly guarantee: "marginal" | "none";
  /** What is guaranteed, in [0, 1]; in general less than the coverage that is seen. */
  readonly level: number;
  /** Errors `[n]` of the models on the points that they have not seen; Infinity for a point that all have seen. */
  readonly residuals: Float64Array;
  /** Number of fitted models. */
  readonly fits: number;
  /**
   * The interval for one row. Takes O(n) time and memory beside one prediction of each model.
   *
   * @throws ConformalError E_NAN, E_RANGE for a model's prediction that is not finite
   */
  predictInterval(row: Row): PredictionInterval;
  /** The intervals for many rows, one after the other: memory does not grow with their number. */
  predictIntervals(rows: readonly Row[]): PredictionInterval[];
}

/** How a method splits the data and puts an interval together. */
export interface CrossMethod {
  readonly sets: TrainingSets;
  /** The models that have not seen point i. */
  unseenBy(i: number): ArrayLike<number>;
  /** One prediction out of those of several models. */
  combine(predictions: Float64Array): number;
  /** The rule, given the residuals: from the predictions of all models for a row to its interval. */
  rule(residuals: Float64Array): (predictions: Float64Array) => PredictionInterval;
  readonly guarantee: "marginal" | "none";
  readonly level: number;
}

/** The method that `plan` makes for a number of points. */
export function crossRegressor<Row>(
  where: string,
  { fit, alpha }: CrossRegressorOptions<Row>,
  plan: (n: number) => CrossMethod,
): CrossRegressor<Row> {
  checkAlpha(where, alpha);
  checkFunction(where, "fit", fit);
  const read = (rows: readonly Row[], targets: ArrayLike<number>): Float64Array => {
    const y = readTargets(where, targets);
    checkLength(where, "rows", rows.length, y.length);
    return y;
  };
  return Object.freeze({
    calibrate(rows: readonly Row[], targets: ArrayLike<number>): CrossPredictor<Row> {
      const y = read(rows, targets);
      const method = plan(y.length);
      return predictorOf(where, alpha, rows, y, method, fitAll(where, fit, rows, y, method.sets));
    },
    async calibrateAsync(
      rows: readonly Row[],
      targets: ArrayLike<number>,
      options: CalibrateAsyncOptions = {},
    ): Promise<CrossPredictor<Row>> {
      const y = read(rows, targets);
      const kept = rows.slice();
      const method = plan(y.length);
      return predictorOf(where, alpha, kept, y, method, await fitAllAsync(where, fit, kept, y, method.sets, options));
    },
  });
}

function predictorOf<Row>(
  where: string,
  alpha: number,
  rows: readonly Row[],
  targets: Float64Array,
  method: CrossMethod,
  models: readonly FittedModel<Row>[],
): CrossPredictor<Row> {
  const n = targets.length;
  const residuals = Float64Array.from(rows, (row, i) => {
    const unseen = method.unseenBy(i);
    if (unseen.length === 0) return Infinity;
    const predictions = Float64Array.from(unseen, (j) => predictionOf(where, models[j] as FittedModel<Row>, row, i));
    const mu = method.combine(predictions);
    const y = targets[i] as number;
    return containing(Math.abs(y - mu), (q) => mu - q <= y && y <= mu + q);
  });
  const rule = method.rule(residuals);
  const predict = (name: string, row: Row, index?: number): PredictionInterval => {
    return rule(Float64Array.from(models, (model) => predictionOf(name, model, row, index)));
  };
  return Object.freeze({
    alpha,
    n,
    guarantee: method.guarantee,
    level: method.level,
    residuals: residuals.slice(),
    fits: models.length,
    predictInterval: (row: Row): PredictionInterval => predict("predictInterval", row),
    predictIntervals: (many: readonly Row[]): PredictionInterval[] =>
      many.map((row, i) => predict("predictIntervals", row, i)),
  });
}

function predictionOf<Row>(where: string, model: FittedModel<Row>, row: Row, index?: number): number {
  const value = model(row);
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const code = Number.isNaN(value) ? "E_NAN" : "E_RANGE";
  const at = index === undefined ? "" : ` for row ${index}`;
  throw new ConformalError(code, `${where}: a model predicts ${String(value)}${at}, not a finite number`, index);
}
