import { checkAlpha, checkLength } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { decodeNumber } from "../../base/json.ts";
import { readKind, readRecord } from "../../base/savedRecord.ts";
import type { Quantile } from "../../quantile/quantile.ts";
import { type Cell, type CellJSON, cellFromJSON, cellOfScores } from "../cell.ts";
import { type OutputRegion, type OutputScore, readPoint } from "./score.ts";

/** A region for one test point. */
export interface PredictedRegion extends OutputRegion {
  readonly finite: boolean;
  /** The attained level: coverage is at least this. */
  readonly level: number;
  /** Why the region is unbounded. */
  readonly reason?: "too-few-calibration";
}

/** A calibrated, immutable predictor of regions. */
export interface ConformalOutputs {
  readonly alpha: number;
  readonly score: OutputScore;
  readonly guarantee: "marginal";
  readonly quantiles: readonly Quantile[];
  /**
   * The region for one prediction `[d]`.
   *
   * @throws ConformalError E_LENGTH, E_NAN, E_RANGE
   */
  predictRegion(prediction: ArrayLike<number>): PredictedRegion;
  predictRegions(predictions: readonly ArrayLike<number>[]): PredictedRegion[];
  /** Plain data for `JSON.stringify`, from which `splitOutputsFromJSON` makes the same predictor. */
  toJSON(): ConformalOutputsJSON;
}

/** A saved predictor. */
export interface ConformalOutputsJSON {
  readonly kind: "parsimony.conformal.split-outputs";
  readonly version: 1;
  readonly alpha: number;
  /** Name of the score. */
  readonly score: string;
  readonly cell: CellJSON;
}

/** Options of `splitOutputs`. */
export interface SplitOutputsOptions {
  /** The shape of regions: `maxBox`, `bonferroniBox`, `ellipsoid`, or a record of your own. */
  readonly score: OutputScore;
  /** Allowed miscoverage of the point as a whole, strictly between 0 and 1. */
  readonly alpha: number;
}

/**
 * Split conformal prediction for several outputs at once: regions that hold the whole vector of true values with
 * probability at least `1 - alpha`, for any model and any dependence between outputs.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 */
export function splitOutputs(options: SplitOutputsOptions): {
  /**
   * Calibrates on predictions `[n][d]` and true values `[n][d]`, neither used for the model nor for the score.
   *
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
   */
  calibrate(predictions: readonly ArrayLike<number>[], targets: readonly ArrayLike<number>[]): ConformalOutputs;
} {
  const { score, alpha } = options;
  checkAlpha("splitOutputs", alpha);
  checkOutputScore("splitOutputs", score);
  return Object.freeze({
    calibrate(predictions: readonly ArrayLike<number>[], targets: readonly ArrayLike<number>[]): ConformalOutputs {
      const where = "calibrate";
      if (predictions.length === 0) {
        throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one calibration point, got none`);
      }
      checkLength(where, "targets", targets.length, predictions.length);
      const scores = Array.from({ length: score.thresholds }, () => new Float64Array(predictions.length));
      predictions.forEach((prediction, i) => {
        const own = score.scores(
          readPoint(where, prediction, score.outputs, i),
          readPoint(where, targets[i] as ArrayLike<number>, score.outputs, i),
        );
        scores.forEach((column, t) => {
          const value = own[t] as number;
          if (!(value === value)) throw new ConformalError("E_NAN", `${where}: score of point ${i} is NaN`, i);
          column[i] = value + 0;
        });
      });
      return outputsFrom(alpha, score, cellOfScores(scores, alphasOf(score, alpha)));
    },
  });
}

/**
 * The predictor that `toJSON` described, with the same regions bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @param score the score that it was calibrated with; its name, which holds the parameters, must be the saved one
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function splitOutputsFromJSON(json: unknown, score: OutputScore): ConformalOutputs {
  const where = "splitOutputsFromJSON";
  checkOutputScore(where, score);
  const saved = readKind(where, json, "parsimony.conformal.split-outputs");
  if (saved["score"] !== score.name) {
    const names = `${JSON.stringify(saved["score"])}, not ${JSON.stringify(score.name)}`;
    throw new ConformalError("E_JSON", `${where}: saved with score ${names}`);
  }
  const alpha = decodeNumber(where, "alpha", saved["alpha"]);
  checkAlpha(where, alpha);
  const cell = readRecord(where, "cell", saved["cell"]);
  if ("weights" in cell) throw new ConformalError("E_JSON", `${where}: cell must have quantiles`);
  return outputsFrom(alpha, score, cellFromJSON(where, "cell", cell, alphasOf(score, alpha)));
}

function outputsFrom(alpha: number, score: OutputScore, cell: Cell): ConformalOutputs {
  const quantiles = cell.quantiles(1);
  const thresholds = Object.freeze(quantiles.map((quantile) => quantile.value));
  const finite = quantiles.every((quantile) => quantile.finite);
  const level = Math.max(0, 1 - quantiles.reduce((missed, quantile) => missed + (1 - quantile.level), 0));
  const regionFor = (given: ArrayLike<number>, index?: number): PredictedRegion => {
    const prediction = readPoint("predictRegion", given, score.outputs, index);
    const bounds = finite ? score.bounds(prediction, thresholds) : unbounded(score.outputs);
    const region = {
      ...bounds,
      finite,
      level,
      contains: (y: ArrayLike<number>): boolean => {
        const own = score.scores(prediction, readPoint("contains", y, score.outputs));
        return thresholds.every((threshold, t) => (own[t] as number) <= threshold);
      },
    };
    return Object.freeze(finite ? region : { ...region, reason: "too-few-calibration" as const });
  };
  return Object.freeze({
    alpha,
    score,
    guarantee: "marginal" as const,
    quantiles,
    predictRegion: (prediction: ArrayLike<number>): PredictedRegion => regionFor(prediction),
    predictRegions: (predictions: readonly ArrayLike<number>[]): PredictedRegion[] => predictions.map(regionFor),
    toJSON: (): ConformalOutputsJSON => ({
      kind: "parsimony.conformal.split-outputs",
      version: 1,
      alpha,
      score: score.name,
      cell: cell.toJSON(),
    }),
  });
}

function alphasOf(score: OutputScore, alpha: number): readonly number[] {
  return Array.from({ length: score.thresholds }, () => alpha / score.thresholds);
}

function unbounded(outputs: number): Omit<OutputRegion, "contains"> {
  return {
    lower: new Float64Array(outputs).fill(-Infinity),
    upper: new Float64Array(outputs).fill(Infinity),
    volume: Infinity,
  };
}

function checkOutputScore(where: string, score: OutputScore): void {
  if (typeof score?.scores === "function" && typeof score.bounds === "function") return;
  const hint = typeof score === "function" ? "a function; call it, as in maxBox(scales)" : String(score);
  throw new ConformalError("E_RANGE", `${where}: score must be an OutputScore such as maxBox(scales), got ${hint}`);
}
