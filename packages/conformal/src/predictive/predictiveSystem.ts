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
  /** Added to every scale, >= 0, so that points with a difficulty near 0 don't rule the scale. Default 0. */
  readonly beta?: number;
  /** No outcome is smaller. Default -Infinity. */
  readonly yMin?: number;
  /** No outcome is larger. Default Infinity. */
  readonly yMax?: number;
}

/** What is known of many points besides predictions (and outcomes). */
export interface PredictiveCalibrationOptions {
  /** Difficulty `[n]` of each point, >= 0, by a model that has not seen these outcomes: residuals are divided by it. */
  readonly scales?: Numbers;
  /** Group `[n]` of each point, a string or a finite number: every group gets its own distribution (Mondrian). */
  readonly groups?: ArrayLike<Group>;
}

/** What is known of one new point besides its prediction, if and only if it was known of the calibration points. */
export interface PredictDistributionOptions {
  readonly scale?: number;
  readonly group?: Group;
}

/** A method waiting for calibration data. */
export interface PredictiveSystem {
  /**
   * Calibrates on predictions and true outcomes (targets) `[n]`, all finite. The model must not have been fitted to them.
   *
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE, E_SIGMA
   */
  calibrate(predictions: Numbers, targets: Numbers, options?: PredictiveCalibrationOptions): CalibratedPredictiveSystem;
}

/** A calibrated, immutable predictor of distributions. */
export interface CalibratedPredictiveSystem {
  /** `cdf(Y, u)` is uniform over calibration and test points drawn together; within every group, if there are some. */
  readonly guarantee: Extract<Guarantee, "marginal" | "group-conditional">;
  /** Number of calibration points. */
  readonly n: number;
  /**
   * The distribution for one prediction. A group without calibration points gets the band [0, 1] everywhere.
   *
   * @throws ConformalError E_NAN, E_RANGE, E_SIGMA
   */
  predictDistribution(prediction: number, options?: PredictDistributionOptions): PredictiveDistribution;
  /**
   * The distributions for predictions `[m]`; each is what `predictDistribution` gives.
   *
   * @throws ConformalError E_LENGTH, E_NAN, E_RANGE, E_SIGMA
   */
  predictDistributions(predictions: Numbers, options?: PredictiveCalibrationOptions): PredictiveDistribution[];
  /** Plain data for `JSON.stringify`, from which `predictiveSystemFromJSON` makes the same system. */
  toJSON(): CalibratedPredictiveSystemJSON;
}

/** A saved predictive system. */
export interface CalibratedPredictiveSystemJSON {
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
 * provided that calibration and new points are exchangeable. With `scales` the residuals are normalised, with `groups`
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
    calibrate(
      predictions: Numbers,
      targets: Numbers,
      given: PredictiveCalibrationOptions = {},
    ): CalibratedPredictiveSystem {
      const { scales, groups } = given;
      const n = predictions.length;
      if (n === 0) throw new ConformalError("E_EMPTY_CALIBRATION", "calibrate: needs at least one point, got none");
      checkLength("calibrate", "targets", targets.length, n);
      if (scales !== undefined) checkLength("calibrate", "scales", scales.length, n);
      if (groups !== undefined) checkLength("calibrate", "groups", groups.length, n);
      const lists = new Map<Group, number[]>();
      for (let i = 0; i < n; i++) {
        checkFinite("calibrate", `predictions[${i}]`, predictions[i] as number, i);
        checkFinite("calibrate", `targets[${i}]`, targets[i] as number, i);
        if ((targets[i] as number) < yMin || (targets[i] as number) > yMax) {
          throw new ConformalError("E_RANGE", `calibrate: targets[${i}] is outside yMin..yMax, got ${targets[i]}`, i);
        }
        const factor = scales === undefined ? 1 : factorOf("calibrate", scales[i] as number, beta, i);
        const group = groups === undefined ? "" : checkGroup("calibrate", groups[i], i);
        const residual = ((targets[i] as number) - (predictions[i] as number)) / factor;
        checkFinite("calibrate", `the residual ${i}`, residual, i);
        const list = lists.get(group);
        if (list === undefined) lists.set(group, [residual]);
        else list.push(residual);
      }
      const scaled = scales !== undefined;
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
  const guarantee = grouped ? "group-conditional" : "marginal";

  const predictOne = (
    where: string,
    prediction: number,
    scale: number | undefined,
    group: Group | undefined,
    index?: number,
  ): PredictiveDistribution => {
    checkFinite(where, "the prediction", prediction, index);
    if ((scale !== undefined) !== scaled) {
      const message = scaled ? "a scale is needed, as in calibration" : "scales were not given in calibration";
      throw new ConformalError("E_SIGMA", `${where}: ${message}`, index);
    }
    if ((group !== undefined) !== grouped) {
      const message = grouped ? "a group is needed, as in calibration" : "groups were not given in calibration";
      throw new ConformalError("E_RANGE", `${where}: ${message}`, index);
    }
    const factor = scale === undefined ? 1 : factorOf(where, scale, beta, index);
    const sample = samples.get(group === undefined ? "" : checkGroup(where, group, index)) ?? unknown;
    return predictiveDistribution({ prediction, scale: factor, sample, yMin, yMax, guarantee });
  };

  return Object.freeze({
    guarantee,
    n,
    predictDistribution: (
      prediction: number,
      { scale, group }: PredictDistributionOptions = {},
    ): PredictiveDistribution => predictOne("predictDistribution", prediction, scale, group),

    predictDistributions(
      predictions: Numbers,
      { scales, groups }: PredictiveCalibrationOptions = {},
    ): PredictiveDistribution[] {
      const where = "predictDistributions";
      if (scales !== undefined) checkLength(where, "scales", scales.length, predictions.length);
      if (groups !== undefined) checkLength(where, "groups", groups.length, predictions.length);
      return Array.from(predictions, (prediction, i) => predictOne(where, prediction, scales?.[i], groups?.[i], i));
    },

    toJSON: (): CalibratedPredictiveSystemJSON => ({
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

function factorOf(where: string, scale: number, beta: number, index: number | undefined): number {
  if (scale >= 0 && scale + beta > 0 && scale + beta < Infinity) return scale + beta;
  const name = index === undefined ? "scale" : `scales[${index}]`;
  const rule = beta > 0 ? ">= 0" : "> 0 (or give beta > 0)";
  const code = Number.isNaN(scale) ? "E_NAN" : "E_SIGMA";
  throw new ConformalError(code, `${where}: ${name} must be finite and ${rule}, got ${scale}`, index);
}
