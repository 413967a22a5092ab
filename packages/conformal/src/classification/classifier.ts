import type { Guarantee } from "../base/guarantee.ts";
import type { ProbabilityMatrix } from "../base/matrix.ts";
import type { Quantile } from "../quantile/quantile.ts";
import { type QuantileJSON, saveQuantile } from "../quantile/savedQuantile.ts";
import { type PredictionSet, type SetReason, setWithin, setWithinEach } from "./predictionSet.ts";
import { mapTestRows, withTestRow } from "./rows.ts";
import { type SavedScore, saveScore } from "./scores/savedScore.ts";
import type { ClassificationScore } from "./scores/score.ts";

/**
 * What a predictor promises. `marginal`: a new row's set holds its label with probability >= 1 - alpha, over
 * calibration and test rows drawn together. `label-conditional`: the same among the rows of each class.
 * `group-conditional`: the same among the rows of each group, or of each cluster of classes.
 */
export type ClassificationGuarantee = Extract<Guarantee, "marginal" | "label-conditional" | "group-conditional">;

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
  /** The cluster of each class `[classes]`, of a predictor that `clusteredClassifier` calibrated. */
  readonly clusters?: readonly number[];
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
  readonly clusters?: readonly number[];
  readonly seed: number;
  readonly allowEmpty: boolean;
  readonly normalize: boolean;
}

/** A saved predictor. Thresholds are numbers, or strings where JSON has no number (`"Infinity"`). */
export interface ConformalClassifierJSON extends SavedScore {
  readonly kind: "parsimony.conformal.split-classifier";
  readonly version: 1;
  readonly alpha: number;
  readonly classes: number;
  readonly guarantee: ClassificationGuarantee;
  readonly seed: number;
  readonly allowEmpty: boolean;
  readonly normalize: boolean;
  /** One for a marginal guarantee, one for each class otherwise. */
  readonly quantiles: readonly QuantileJSON[];
  readonly clusters?: readonly number[];
}

/** The predictor with a given state, which is trusted to be consistent. */
export function classifierFrom(state: ClassifierState): ConformalClassifier {
  const { alpha, classes, score, guarantee, quantiles, clusters, seed, allowEmpty, normalize } = state;
  const quantile = quantiles.reduce((largest, other) => (other.value > largest.value ? other : largest));
  const thresholds = Float64Array.from(quantiles, ({ value }) => value);
  const reason: SetReason | undefined = quantiles.find((other) => other.reason !== undefined)?.reason;
  const same = quantiles.every((other) => other.value === quantile.value);

  const buffer = new Float64Array(classes);
  const setOf = (row: Float64Array, u: number): PredictionSet =>
    same ? setWithin(row, u, quantile.value, reason, state) : setWithinEach(row, u, thresholds, buffer, reason, state);

  return Object.freeze({
    alpha,
    classes,
    score,
    guarantee,
    quantiles,
    quantile,
    ...(clusters === undefined ? {} : { clusters }),

    predictSet: (row: ArrayLike<number>, { u }: { readonly u?: number } = {}): PredictionSet =>
      withTestRow("predictSet", row, u, state, setOf),

    predictSets: (matrix: ProbabilityMatrix, { u }: { readonly u?: ArrayLike<number> } = {}): PredictionSet[] =>
      mapTestRows("predictSets", matrix, u, state, setOf),

    toJSON(): ConformalClassifierJSON {
      const saved = guarantee === "marginal" ? quantiles.slice(0, 1) : quantiles;
      return {
        kind: "parsimony.conformal.split-classifier",
        version: 1,
        alpha,
        classes,
        ...saveScore(score),
        guarantee,
        seed,
        allowEmpty,
        normalize,
        quantiles: saved.map(saveQuantile),
        ...(clusters === undefined ? {} : { clusters }),
      };
    },
  });
}
