import { ConformalError } from "../base/errors.ts";
import { checkAlpha, checkLength } from "../base/checks.ts";
import { checkWeight } from "../quantile/weightedMass.ts";
import { checkTarget } from "./checks.ts";
import { checkGroup, type Group } from "../base/group.ts";
import { type Cell, cellOfScores, weightedCell } from "./cell.ts";
import { tailAlphas, tailScores } from "./interval.ts";
import { type ConformalRegressor, regressorFrom } from "./regressor.ts";
import { checkRegressionScore, type RegressionScore } from "./scores/score.ts";

/** Options of `splitRegressor`. */
export interface SplitRegressorOptions<Prediction> {
  /** How strange a value looks beside a prediction: `absolute`, `cqr()`, or a record of your own. */
  readonly score: RegressionScore<Prediction>;
  /** Allowed miscoverage, strictly between 0 and 1: intervals hold the true value with probability >= 1 - alpha. */
  readonly alpha: number;
}

/** What may be known of the calibration points beside predictions and values. */
export interface CalibrateRegressorOptions {
  /** The group of each point `[n]`: every group gets thresholds from its own points (Mondrian). */
  readonly groups?: ArrayLike<Group>;
  /** Weights `[n]`, finite and >= 0, up to a common factor: density ratios of test over calibration inputs. */
  readonly weights?: ArrayLike<number>;
}

/** A method and a level, waiting for calibration data. */
export interface SplitRegressor<Prediction> {
  /**
   * Calibrates on predictions `[n]` and true values `[n]`. The models behind the predictions must not have been fitted
   * to these points. With too few points (of a group) for alpha, intervals are infinite: the only answer that is valid.
   *
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE, E_SIGMA, E_MONOTONE, E_WEIGHTS
   */
  calibrate(
    predictions: ArrayLike<Prediction>,
    targets: ArrayLike<number>,
    options?: CalibrateRegressorOptions,
  ): ConformalRegressor<Prediction>;
}

/**
 * Split (inductive) conformal prediction for regression: turns the predictions of any model into intervals that hold
 * the true value with probability at least `1 - alpha`, whatever the data and the model, provided that calibration and
 * new points are exchangeable. With `groups`, so within each group; with `weights`, for new points whose inputs follow
 * another distribution, of which the weights are the density ratios.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Papadopoulos et al., Inductive confidence machines for regression (2002); Vovk, Conditional validity of
 *   inductive conformal predictors (2012), for groups; Tibshirani et al., Conformal prediction under covariate shift
 *   (2019), for weights
 */
export function splitRegressor<Prediction>(options: SplitRegressorOptions<Prediction>): SplitRegressor<Prediction> {
  const { score, alpha } = options;
  checkAlpha("splitRegressor", alpha);
  checkRegressionScore("splitRegressor", score);
  const alphas = tailAlphas(score.tails, alpha);
  const tails = tailScores(score);
  return Object.freeze({
    calibrate(
      predictions: ArrayLike<Prediction>,
      targets: ArrayLike<number>,
      { groups, weights }: CalibrateRegressorOptions = {},
    ): ConformalRegressor<Prediction> {
      const where = "calibrate";
      const n = predictions.length;
      if (n === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one calibration point`);
      checkLength(where, "targets", targets.length, n);
      if (groups !== undefined) checkLength(where, "groups", groups.length, n);
      if (weights !== undefined) checkLength(where, "weights", weights.length, n);
      const scores = alphas.map(() => new Float64Array(n));
      for (let i = 0; i < n; i++) {
        const prediction = predictions[i] as Prediction;
        score.check(prediction, where, i);
        const y = targets[i] as number;
        checkTarget(where, y, i);
        for (let tail = 0; tail < tails.length; tail++) {
          const value = (tails[tail] as (typeof tails)[number])(prediction, y);
          if (Number.isNaN(value)) {
            throw new ConformalError("E_NAN", `${where}: score ${score.name} is NaN for point ${i}`, i);
          }
          (scores[tail] as Float64Array)[i] = value + 0;
        }
        if (weights !== undefined) checkWeight(where, `weights[${i}]`, weights[i] as number, i);
      }
      const cells = new Map<Group | undefined, Cell>();
      for (const [group, members] of membersOf(where, n, groups)) {
        const pick = (values: ArrayLike<number>): Float64Array =>
          members === undefined ? Float64Array.from(values) : Float64Array.from(members, (i) => values[i] as number);
        const own = scores.map(pick);
        cells.set(group, weights === undefined ? cellOfScores(own, alphas) : weightedCell(own, pick(weights), alphas));
      }
      return regressorFrom({ alpha, score, weighted: weights !== undefined, cells });
    },
  });
}

/** The positions of the points of each group; a single `undefined` for all points where there are no groups. */
function membersOf(
  where: string,
  n: number,
  groups: ArrayLike<Group> | undefined,
): ReadonlyMap<Group | undefined, readonly number[] | undefined> {
  if (groups === undefined) return new Map([[undefined, undefined]]);
  const members = new Map<Group, number[]>();
  for (let i = 0; i < n; i++) {
    const group = checkGroup(where, groups[i], i);
    const own = members.get(group);
    if (own === undefined) members.set(group, [i]);
    else own.push(i);
  }
  return members;
}
