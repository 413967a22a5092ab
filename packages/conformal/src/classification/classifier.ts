import { checkLength, checkUniforms } from "../base/checks.ts";
import { type JsonNumber, encodeNumber } from "../base/json.ts";
import { type ProbabilityMatrix, readRow, readRows } from "../base/matrix.ts";
import { ConformalError } from "../base/errors.ts";
import type { Quantile } from "../quantile/quantile.ts";
import { rowUniform } from "../base/random.ts";
import { type ClassificationScore, ranking } from "./scores/score.ts";

/** The labels that a predictor cannot rule out for one row. */
export interface PredictionSet {
  /** Class indices in ascending order. */
  readonly labels: readonly number[];
  /** Was the set empty and the most probable label put in, as `allowEmpty: false` asks? */
  readonly forced: boolean;
}

/**
 * What a predictor promises. `marginal`: a new row's set holds its label with probability >= 1 - alpha, over
 * calibration and test rows drawn together. `label-conditional`: the same among the rows of each class.
 */
export type ClassificationGuarantee = "marginal" | "label-conditional";

/** A calibrated, immutable predictor of label sets. */
export interface ConformalClassifier {
  readonly alpha: number;
  /** Number of classes; labels are 0..classes-1. */
  readonly classes: number;
  readonly score: ClassificationScore;
  readonly guarantee: ClassificationGuarantee;
  /** The quantile with the largest threshold: the only one there is for a marginal guarantee. */
  readonly quantile: Quantile;
  /** The quantile that decides on each label `[classes]`; all the same for a marginal guarantee. */
  readonly quantiles: readonly Quantile[];
  /**
   * The set for one row of class probabilities `[classes]`.
   *
   * @param options `u`: the uniform number in [0, 1] of a randomised score, in place of the seeded one
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE
   */
  predictSet(row: ArrayLike<number>, options?: { readonly u?: number }): PredictionSet;
  /**
   * The sets for the rows of a matrix `[rows, classes]`; each is what `predictSet` gives for that row.
   *
   * @param options `u`: one uniform number in [0, 1] for each row, in place of the seeded ones
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE
   */
  predictSets(matrix: ProbabilityMatrix, options?: { readonly u?: ArrayLike<number> }): PredictionSet[];
  /** Plain data for `JSON.stringify`, from which `splitClassifierFromJSON` makes the same predictor. */
  toJSON(): ConformalClassifierJSON;
}

/** Everything that a calibrated predictor is made of. */
export interface ClassifierState {
  readonly alpha: number;
  readonly classes: number;
  readonly score: ClassificationScore;
  readonly guarantee: ClassificationGuarantee;
  readonly quantiles: readonly Quantile[];
  readonly seed: number;
  readonly allowEmpty: boolean;
  readonly normalize: boolean;
}

/** A saved predictor. Thresholds are numbers, or strings where JSON has no number (`"Infinity"`). */
export interface ConformalClassifierJSON {
  readonly kind: "parsimony.conformal.split-classifier";
  readonly version: 1;
  readonly alpha: number;
  readonly classes: number;
  /** Name of the score. */
  readonly score: string;
  readonly guarantee: ClassificationGuarantee;
  readonly seed: number;
  readonly allowEmpty: boolean;
  readonly normalize: boolean;
  /** One for a marginal guarantee, one for each class otherwise. */
  readonly quantiles: readonly { readonly value: JsonNumber; readonly rank: number; readonly n: number }[];
}

/** The predictor with a given state, which is trusted to be consistent. */
export function classifierFrom(state: ClassifierState): ConformalClassifier {
  const { alpha, classes, score, guarantee, quantiles, seed, allowEmpty, normalize } = state;
  const thresholds = Float64Array.from(quantiles, (quantile) => quantile.value);

  const setOf = (row: Float64Array, u: number): PredictionSet => {
    const scores = score.rowScores(row, u);
    const labels: number[] = [];
    for (let label = 0; label < classes; label++) {
      if ((scores[label] as number) <= (thresholds[label] as number)) labels.push(label);
    }
    const forced = labels.length === 0 && !allowEmpty;
    if (forced) labels.push(ranking(row)[0] as number);
    return { labels, forced };
  };

  return Object.freeze({
    alpha,
    classes,
    score,
    guarantee,
    quantiles,
    quantile: quantiles.reduce((largest, quantile) => (quantile.value > largest.value ? quantile : largest)),

    predictSet(row: ArrayLike<number>, options: { readonly u?: number } = {}): PredictionSet {
      const where = "predictSet";
      checkLength(where, "the row", row.length, classes);
      if (options.u !== undefined) checkUniforms(where, [options.u]);
      const probabilities = readRow(row, { where, normalize });
      return setOf(probabilities, options.u ?? seededUniform(score, seed, probabilities));
    },

    predictSets(matrix: ProbabilityMatrix, options: { readonly u?: ArrayLike<number> } = {}): PredictionSet[] {
      const where = "predictSets";
      const rows = readRows(matrix, { where, normalize });
      if (rows.length > 0) checkLength(where, "rows", (rows[0] as Float64Array).length, classes);
      const { u } = options;
      if (u !== undefined) {
        checkLength(where, "u", u.length, rows.length);
        checkUniforms(where, u);
      }
      return rows.map((row, i) => setOf(row, u === undefined ? seededUniform(score, seed, row) : (u[i] as number)));
    },

    toJSON(): ConformalClassifierJSON {
      const saved = guarantee === "marginal" ? quantiles.slice(0, 1) : quantiles;
      return {
        kind: "parsimony.conformal.split-classifier",
        version: 1,
        alpha,
        classes,
        score: score.name,
        guarantee,
        seed,
        allowEmpty,
        normalize,
        quantiles: saved.map(({ value, rank, n }) => ({ value: encodeNumber(value), rank, n })),
      };
    },
  });
}

/** The `u` of a row: a function of seed and row, or 0 for a score that ignores it. */
export function seededUniform(score: ClassificationScore, seed: number, row: Float64Array): number {
  return score.randomized ? rowUniform(seed, row) : 0;
}

/** Throws unless the score's members are there: a plain `aps` in place of `aps()` is the usual slip. */
export function checkScore(where: string, score: ClassificationScore): void {
  if (typeof score?.labelScore !== "function" || typeof score.rowScores !== "function") {
    const hint = typeof score === "function" ? "a function; call it, as in aps()" : String(score);
    throw new ConformalError("E_RANGE", `${where}: score must be a ClassificationScore such as lac, got ${hint}`);
  }
}
