import { checkLabels, checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { type ProbabilityMatrix, readRow, readRows } from "../base/matrix.ts";
import { readKind, readList } from "../base/savedRecord.ts";
import { type VennAbersPredictorJSON, type VennAbersPredictor, vennAbers } from "./vennAbers.ts";
import { vennAbersFromJSON } from "./vennAbersFromJSON.ts";

/** Options of `vennAbersMulticlass`. */
export interface VennAbersMulticlassOptions {
  /** Divide every row by its sum, in place of an error when it isn't 1. Default false. */
  readonly normalize?: boolean;
}

/** Calibrated probabilities of all classes. */
export interface VennAbersMulticlassPrediction {
  /** Probabilities `[classes]` with sum 1. */
  readonly probabilities: Float64Array;
  /** The Venn-Abers pair of each class against the rest `[classes]`. */
  readonly p0: Float64Array;
  readonly p1: Float64Array;
}

/** A calibrated, immutable multi-class predictor. */
export interface VennAbersMulticlassPredictor {
  /** `"none"`: each pair is calibrated for its class against the rest, but the normalised probabilities are not. */
  readonly guarantee: Extract<Guarantee, "none">;
  readonly classes: number;
  /**
   * @param row class probabilities `[classes]`
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH
   */
  predictProbabilities(row: ArrayLike<number>): VennAbersMulticlassPrediction;
  /** Plain data for `JSON.stringify`, from which `vennAbersMulticlassFromJSON` makes the same predictor. */
  toJSON(): VennAbersMulticlassPredictorJSON;
}

/** A saved multi-class predictor. */
export interface VennAbersMulticlassPredictorJSON {
  readonly kind: "parsimony.conformal.venn-abers-multiclass";
  readonly version: 1;
  readonly normalize: boolean;
  readonly classes: readonly VennAbersPredictorJSON[];
}

/**
 * Venn-Abers for several classes, one against the rest: the probability of each class is a score for it, calibrated by
 * `vennAbers`, and the merged probabilities are divided by their sum. A heuristic: see `guarantee`.
 *
 * @param matrix class probabilities `[n, classes]` by a model that has not seen these rows
 * @param labels true classes `[n]`, whole numbers in 0..classes-1
 * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_RANGE, E_PROBS, E_NAN
 */
export function vennAbersMulticlass(
  matrix: ProbabilityMatrix,
  labels: ArrayLike<number>,
  options: VennAbersMulticlassOptions = {},
): VennAbersMulticlassPredictor {
  const { normalize = false } = options;
  const where = "vennAbersMulticlass";
  const rows = readRows(matrix, { where, normalize });
  if (rows.length === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one row, got none`);
  const classes = (rows[0] as Float64Array).length;
  checkLength(where, "labels", labels.length, rows.length);
  checkLabels(where, labels, classes);
  const predictors = Array.from({ length: classes }, (_, k) =>
    vennAbers(
      rows.map((row) => row[k] as number),
      Array.from(labels, (label) => label === k),
    ),
  );
  return multiclassFrom(predictors, normalize);
}

/**
 * The predictor that `toJSON` described, with the same probabilities bit for bit.
 *
 * @throws ConformalError E_JSON
 */
export function vennAbersMulticlassFromJSON(json: unknown): VennAbersMulticlassPredictor {
  const where = "vennAbersMulticlassFromJSON";
  const saved = readKind(where, json, "parsimony.conformal.venn-abers-multiclass");
  const predictors = readList(where, "classes", saved["classes"]).map(vennAbersFromJSON);
  const { normalize } = saved;
  if (predictors.length === 0 || typeof normalize !== "boolean") {
    throw new ConformalError("E_JSON", `${where}: needs at least one class, and normalize true or false`);
  }
  return multiclassFrom(predictors, normalize);
}

function multiclassFrom(predictors: readonly VennAbersPredictor[], normalize: boolean): VennAbersMulticlassPredictor {
  const classes = predictors.length;
  return Object.freeze({
    guarantee: "none" as const,
    classes,

    predictProbabilities(row: ArrayLike<number>): VennAbersMulticlassPrediction {
      const where = "predict";
      checkLength(where, "the row", row.length, classes);
      const scores = readRow(row, { where, normalize });
      const pairs = predictors.map((predictor, k) => predictor.predictProbability(scores[k] as number));
      // Positive, because p >= p1 / 2 and p1 > 0.
      const total = pairs.reduce((sum, { p }) => sum + p, 0);
      return {
        probabilities: Float64Array.from(pairs, ({ p }) => p / total),
        p0: Float64Array.from(pairs, ({ p0 }) => p0),
        p1: Float64Array.from(pairs, ({ p1 }) => p1),
      };
    },

    toJSON: (): VennAbersMulticlassPredictorJSON => ({
      kind: "parsimony.conformal.venn-abers-multiclass",
      version: 1,
      normalize,
      classes: predictors.map((predictor) => predictor.toJSON()),
    }),
  });
}
