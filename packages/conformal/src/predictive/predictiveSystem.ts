import { checkAtLeast, checkFinite, checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { checkGroup, compareGroups, type Group } from "../base/group.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { type JsonNumber, encodeNumber } from "../base/json.ts";
import { encodeNumbers } from "../base/savedRecord.ts";
import { type PredictiveDistribution, predictiveDistribution } from "./predictiveDistribution.ts";
import { type ResidualSample, residualSample } from "./residualSample.ts";

/** A list of numbers, one for each point. */
type Numbers = ArrayLike<number>;

/** Options of `predictiveSystem`. */
export interface PredictiveSystemOptions {
  /** Added to every `sigma`, >= 0, so that points with a difficulty near 0 don't rule the scale. Default 0. */
  readonly beta?: number;
  /** No outcome is smaller. Default -Infinity. */
  readonly yMin?: number;
  /** No outcome is larger. Default Infinity. */
  readonly yMax?: number;
}

/** What is known of calibration points besides predictions and outcomes. */
export interface PredictiveCalibrationOptions {
  /** Difficulty `[n]` of each point, >= 0, by a model that has not seen these outcomes: residuals are divided by it. */
  readonly sigma?: Numbers;
  /** Group `[n]` of each point, a string or a finite number: every group gets its own distribution (Mondrian). */
  readonly groups?: ArrayLike<Group>;
}

/** A method waiting for calibration data. */
export interface PredictiveSystem {
  /**
   * Calibrates on predictions and outcomes `[n]`, all finite. The model must not have been fitted to them.
   *
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE, E_SIGMA
   */
  calibrate(predictions: Numbers, y: Numbers, options?: PredictiveCalibrationOptions): CalibratedPredictiveSystem;
}

/** A calibrated, immutable predictor of distributions. */
export interface CalibratedPredictiveSystem {
  /** `cdf(Y, u)` is uniform over calibration and test points drawn together; within every group, if there are some. */
  readonly guarantee: Guarantee;
  /** Number of calibration points. */
  readonly n: number;
  /**
   * The distribution for one prediction. A group without calibration points gets the band [0, 1] everywhere.
   *
   * @param options `sigma` and `group` of the point, if and only if the calibration points had them
   * @throws ConformalError E_NAN, E_RANGE, E_SIGMA
   */
  predict(prediction: number, options?: { readonly sigma?: number; readonly group?: Group }): PredictiveDistribution;
  /**
   * The distributions for predictions `[m]`; each is what `predict` gives.
   *
   * @throws ConformalError E_LENGTH, E_NAN, E_RANGE, E_SIGMA
   */
  predictAll(predictions: Numbers, options?: PredictiveCalibrationOptions): PredictiveDistribution[];
  /** Plain data for `JSON.stringify`, from which `predictiveSystemFromJSON` makes the same system. */
  toJSON(): PredictiveSystemJSON;
}

/** A saved predictive system. */
export interface PredictiveSystemJSON {
  readonly kind: "parsimony.conformal.predictive-system";
  readonly version: 1;
  readonly beta: JsonNumber;
  readonly yMin: JsonNumber;
  readonly yMax: JsonNumber;
  /** Were the residuals divided by a difficulty? */
  readonly scaled: boolean;
  readonly grouped: boolean;
  /** Ascending residuals of each group; one group `""` where there are none. */
  readonly samples: readonly { readonly group: Group; readonly residuals: readonly JsonNumber[] }[];
}

/** Everything that a calibrated system is made of. */
export interface PredictiveState {
  readonly beta: number;
  readonly yMin: number;
  readonly yMax: number;
  readonly scaled: boolean;
  readonly grouped: boolean;
  /** Ascending residuals by group. */
  readonly residuals: ReadonlyMap<Group, Float64Array>;
}

/**
 * Split conformal predictive systems: turns the point predictions of any model into a whole distribution for each new
 * outcome, whose probability integral transform is exactly uniform in finite samples, whatever the data and the model,
 * provided that calibration and new points are exchangeable. With `sigma` the residuals are normalised, with `groups`
 * each group has its own.
 *
 * @throws ConformalError E_NAN, E_RANGE
 * @see Vovk, Petej, Nouretdinov, Manokhin, Gammerman, Computationally efficient versions of conformal predictive
 *   distributions (2020); Boström, Johansson, Löfström, Mondrian conformal predictive distributions (2021)
 */
export function predictiveSystem(options: PredictiveSystemOptions = {}): PredictiveSystem {
  const { beta = 0, yMin = -Infinity, yMax = Infinity } = options;
  const where = "predictiveSystem";
  for (const [name, value] of Object.entries({ yMin, yMax })) {
    if (Number.isNaN(value)) throw new ConformalError("E_NAN", `${where}: ${name} is NaN`);
  }
  checkAtLeast(where, "beta", beta, 0);
  if (!(yMin < yMax)) throw new ConformalError("E_RANGE", `${where}: yMin must be below yMax, got ${yMin}, ${yMax}`);
  return Object.freeze({
    calibrate(predictions: Numbers, y: Numbers, given: PredictiveCalibrationOptions = {}): CalibratedPredictiveSystem {
      const { sigma, groups } = given;
      const n = predictions.length;
      if (n === 0) throw new ConformalError("E_EMPTY_CALIBRATION", "calibrate: needs at least one point, got none");
      checkLength("calibrate", "y", y.length, n);
      if (sigma !== undefined) checkLength("calibrate", "sigma", sigma.length, n);
      if (groups !== undefined) checkLength("calibrate", "groups", groups.length, n);
      const lists = new Map<Group, number[]>();
      for (let i = 0; i < n; i++) {
        checkFinite("calibrate", `predictions[${i}]`, predictions[i] as number, i);
        checkFinite("calibrate", `y[${i}]`, y[i] as number, i);
        if ((y[i] as number) < yMin || (y[i] as number) > yMax) {
          throw new ConformalError("E_RANGE", `calibrate: y[${i}] is outside yMin..yMax, got ${y[i]}`, i);
        }
        const scale = sigma === undefined ? 1 : scaleOf("calibrate", sigma[i] as number, beta, i);
        const group = groups === undefined ? "" : checkGroup("calibrate", groups[i], i);
        const residual = ((y[i] as number) - (predictions[i] as number)) / scale;
        checkFinite("calibrate", `the residual ${i}`, residual, i);
        const list = lists.get(group);
        if (list === undefined) lists.set(group, [residual]);
        else list.push(residual);
      }
      const scaled = sigma !== undefined;
      const grouped = groups !== undefined;
      // In the order of the groups' names: the saved text must not depend on the order of the points.
      const names = [...lists.keys()].sort(compareGroups);
      const residuals = new Map(names.map((name) => [name, Float64Array.from(lists.get(name) ?? []).sort()]));
      return systemFrom({ beta, yMin, yMax, scaled, grouped, residuals });
    },
  });
}

/** The system with a given state, which is trusted to be consistent. */
export function systemFrom(state: PredictiveState): CalibratedPredictiveSystem {
  const { beta, yMin, yMax, scaled, grouped, residuals } = state;
  const bounded = yMin > -Infinity && yMax < Infinity;
  const samples = new Map<Group, ResidualSample>();
  let n = 0;
  for (const [group, list] of residuals) {
    samples.set(group, residualSample(list, bounded));
    n += list.length;
  }
  const unknown = residualSample(new Float64Array(0), bounded);
  const guarantee: Guarantee = grouped ? "group-conditional" : "marginal";

  const predictOne = (
    where: string,
    prediction: number,
    sigma: number | undefined,
    group: Group | undefined,
    index?: number,
  ): PredictiveDistribution => {
    checkFinite(where, "the prediction", prediction, index);
    if ((sigma !== undefined) !== scaled) {
      const message = scaled ? "sigma is needed, as in calibration" : "sigma was not given in calibration";
      throw new ConformalError("E_SIGMA", `${where}: ${message}`, index);
    }
    if ((group !== undefined) !== grouped) {
      const message = grouped ? "a group is needed, as in calibration" : "groups were not given in calibration";
      throw new ConformalError("E_RANGE", `${where}: ${message}`, index);
    }
    const scale = sigma === undefined ? 1 : scaleOf(where, sigma, beta, index);
    const sample = samples.get(group === undefined ? "" : checkGroup(where, group, index)) ?? unknown;
    return predictiveDistribution({ prediction, scale, sample, yMin, yMax, guarantee });
  };

  return Object.freeze({
    guarantee,
    n,
    predict: (
      prediction: number,
      { sigma, group }: { readonly sigma?: number; readonly group?: Group } = {},
    ): PredictiveDistribution => predictOne("predict", prediction, sigma, group),

    predictAll(predictions: Numbers, { sigma, groups }: PredictiveCalibrationOptions = {}): PredictiveDistribution[] {
      const where = "predictAll";
      if (sigma !== undefined) checkLength(where, "sigma", sigma.length, predictions.length);
      if (groups !== undefined) checkLength(where, "groups", groups.length, predictions.length);
      return Array.from(predictions, (prediction, i) => predictOne(where, prediction, sigma?.[i], groups?.[i], i));
    },

    toJSON: (): PredictiveSystemJSON => ({
      kind: "parsimony.conformal.predictive-system",
      version: 1,
      beta: encodeNumber(beta),
      yMin: encodeNumber(yMin),
      yMax: encodeNumber(yMax),
      scaled,
      grouped,
      samples: [...residuals].map(([group, list]) => ({ group, residuals: encodeNumbers(list) })),
    }),
  });
}

function scaleOf(where: string, sigma: number, beta: number, index: number | undefined): number {
  if (sigma >= 0 && sigma + beta > 0 && sigma + beta < Infinity) return sigma + beta;
  const name = index === undefined ? "sigma" : `sigma[${index}]`;
  const rule = beta > 0 ? ">= 0" : "> 0 (or give beta > 0)";
  const code = Number.isNaN(sigma) ? "E_NAN" : "E_SIGMA";
  throw new ConformalError(code, `${where}: ${name} must be finite and ${rule}, got ${sigma}`, index);
}
