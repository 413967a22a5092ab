import { ConformalError } from "../base/errors.ts";
import { checkLength } from "../base/checks.ts";
import { compareGroups, type Group } from "../base/group.ts";
import type { Quantile } from "../quantile/quantile.ts";
import type { Cell, CellJSON } from "./cell.ts";
import { intervalOf, intervalWithin, lowerWithin, type PredictionInterval, upperWithin } from "./interval.ts";
import type { RegressionScore } from "./scores/score.ts";

/** What is known of one test point beside its prediction. */
export interface TestPointOptions {
  /** Its group, when the predictor was calibrated with groups. */
  readonly group?: Group;
  /** Its weight, when the predictor was calibrated with weights, and on their scale. Default 1. */
  readonly weight?: number;
}

/** The same for many test points `[m]`. */
export interface TestPointsOptions {
  readonly groups?: ArrayLike<Group>;
  readonly weights?: ArrayLike<number>;
}

/** A calibrated, immutable predictor of intervals. */
export interface ConformalRegressor<Prediction> {
  readonly alpha: number;
  readonly score: RegressionScore<Prediction>;
  /**
   * `marginal`: a new value is in its interval with probability >= 1 - alpha, over calibration and test points drawn
   * together. `group-conditional`: the same among the points of each group.
   */
  readonly guarantee: "marginal" | "group-conditional";
  /** Were weights given? The guarantee is then for test points drawn in proportion to the weights. */
  readonly weighted: boolean;
  /** Groups that had calibration points, in ascending order; empty without groups. */
  readonly groups: readonly Group[];
  /** The largest of all thresholds, the only one there is without groups or separate tails (at a test weight of 1). */
  readonly quantile: Quantile;
  /**
   * The thresholds for a test point: one, or the lower and the upper one of separate tails.
   *
   * @throws ConformalError E_RANGE for a group that is missing or unknown, E_WEIGHTS, E_NAN
   */
  quantiles(options?: TestPointOptions): readonly Quantile[];
  /**
   * The interval for one prediction.
   *
   * @throws ConformalError E_NAN, E_RANGE, E_SIGMA, E_MONOTONE for the prediction; E_RANGE for a group that is missing
   *   or not asked for; E_WEIGHTS for a bad weight, or one where calibration had none
   */
  predictInterval(prediction: Prediction, options?: TestPointOptions): PredictionInterval;
  /** The intervals for many predictions `[m]`, each what `predictInterval` gives. */
  predictIntervals(predictions: ArrayLike<Prediction>, options?: TestPointsOptions): PredictionInterval[];
  /**
   * The ends of the intervals for many predictions `[m]`, as two columns: the same numbers as `predictIntervals` without
   * an object for each, which is what takes its time for millions of points.
   */
  predictBounds(
    predictions: ArrayLike<Prediction>,
    options?: TestPointsOptions,
  ): { readonly lower: Float64Array; readonly upper: Float64Array };
  /** Plain data for `JSON.stringify`, from which `splitRegressorFromJSON` makes the same predictor. */
  toJSON(): ConformalRegressorJSON;
}

/** A saved predictor. Numbers that JSON can't write are strings (`"Infinity"`). */
export interface ConformalRegressorJSON {
  readonly kind: "parsimony.conformal.split-regressor";
  readonly version: 1;
  readonly alpha: number;
  /** Name of the score. */
  readonly score: string;
  readonly weighted: boolean;
  /** One for each group, or a single one without a name. */
  readonly cells: readonly (CellJSON & { readonly group?: Group })[];
}

/** Everything that a calibrated predictor is made of. */
export interface RegressorState<Prediction> {
  readonly alpha: number;
  readonly score: RegressionScore<Prediction>;
  readonly weighted: boolean;
  /** By group; `undefined` for all points of a predictor without groups. */
  readonly cells: ReadonlyMap<Group | undefined, Cell>;
}

/** The predictor with a given state, which is trusted to be consistent. */
export function regressorFrom<Prediction>(state: RegressorState<Prediction>): ConformalRegressor<Prediction> {
  const { alpha, score, weighted, cells } = state;
  const all = cells.get(undefined);
  const groups = [...cells.keys()].filter((group) => group !== undefined).sort(compareGroups);

  const cellOf = (where: string, group: Group | undefined): Cell | undefined => {
    if (all !== undefined && group !== undefined) {
      throw new ConformalError("E_RANGE", `${where}: a group was given, but calibration had none`);
    }
    if (all === undefined && group === undefined) {
      throw new ConformalError("E_RANGE", `${where}: needs the group of the test point, as calibration had groups`);
    }
    return all ?? cells.get(group);
  };
  const weightOf = (where: string, weight: number | undefined): number => {
    if (weight !== undefined && !weighted) {
      throw new ConformalError("E_WEIGHTS", `${where}: a weight needs weights for the calibration points too`);
    }
    return weight ?? 1;
  };
  const intervalFor = (
    where: string,
    prediction: Prediction,
    { group, weight }: TestPointOptions,
    index?: number,
  ): PredictionInterval => {
    score.check(prediction, where, index);
    const cell = cellOf(where, group);
    const testWeight = weightOf(where, weight);
    if (cell !== undefined) return intervalWithin(score, prediction, cell.quantiles(testWeight));
    return intervalOf(-Infinity, Infinity, 1, "unseen-group");
  };
  const ordered = all === undefined ? groups.map((group) => cells.get(group) as Cell) : [all];
  const largest = ordered.flatMap((cell) => cell.quantiles(1)).reduce((a, b) => (b.value > a.value ? b : a));

  return Object.freeze({
    alpha,
    score,
    guarantee: all === undefined ? ("group-conditional" as const) : ("marginal" as const),
    weighted,
    groups: Object.freeze(groups),
    quantile: largest,

    quantiles({ group, weight }: TestPointOptions = {}): readonly Quantile[] {
      const cell = cellOf("quantiles", group);
      if (cell !== undefined) return cell.quantiles(weightOf("quantiles", weight));
      throw new ConformalError("E_RANGE", `quantiles: no calibration point has group ${JSON.stringify(group)}`);
    },

    predictInterval(prediction: Prediction, options: TestPointOptions = {}): PredictionInterval {
      return intervalFor("predictInterval", prediction, options);
    },

    predictIntervals(predictions: ArrayLike<Prediction>, options: TestPointsOptions = {}): PredictionInterval[] {
      const where = "predictIntervals";
      const pointAt = pointsOf(where, predictions.length, options);
      return Array.from(predictions, (prediction, i) => intervalFor(where, prediction, pointAt(i), i));
    },

    predictBounds(
      predictions: ArrayLike<Prediction>,
      options: TestPointsOptions = {},
    ): { readonly lower: Float64Array; readonly upper: Float64Array } {
      const where = "predictBounds";
      const pointAt = pointsOf(where, predictions.length, options);
      const lower = new Float64Array(predictions.length);
      const upper = new Float64Array(predictions.length);
      // One cell and one weight for all points: the thresholds are looked up once.
      const fixed = all !== undefined && !weighted && options.groups === undefined ? all.quantiles(1) : undefined;
      for (let i = 0; i < lower.length; i++) {
        const prediction = predictions[i] as Prediction;
        if (fixed !== undefined && options.weights === undefined) {
          score.check(prediction, where, i);
          lower[i] = lowerWithin(score, prediction, fixed);
          upper[i] = upperWithin(score, prediction, fixed);
        } else {
          const interval = intervalFor(where, prediction, pointAt(i), i);
          lower[i] = interval.lower;
          upper[i] = interval.upper;
        }
      }
      return { lower, upper };
    },

    toJSON(): ConformalRegressorJSON {
      const saved =
        all === undefined ? groups.map((group) => ({ group, ...(cells.get(group) as Cell).toJSON() })) : [all.toJSON()];
      return {
        kind: "parsimony.conformal.split-regressor",
        version: 1,
        alpha,
        score: score.name,
        weighted,
        cells: saved,
      };
    },
  });
}

/** What is known of each of `m` test points. */
function pointsOf(
  where: string,
  m: number,
  { groups, weights }: TestPointsOptions,
): (index: number) => TestPointOptions {
  if (groups !== undefined) checkLength(where, "groups", groups.length, m);
  if (weights !== undefined) checkLength(where, "weights", weights.length, m);
  const nothing: TestPointOptions = {};
  return (index) => {
    if (groups === undefined && weights === undefined) return nothing;
    const point: { group?: Group; weight?: number } = {};
    if (groups !== undefined) point.group = groups[index] as Group;
    if (weights !== undefined) point.weight = weights[index] as number;
    return point;
  };
}
