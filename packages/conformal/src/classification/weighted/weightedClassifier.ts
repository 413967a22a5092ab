import { checkAlpha, checkLength, checkWhole } from "../../base/checks.ts";
import { type JsonNumber, encodeNumber } from "../../base/json.ts";
import type { ProbabilityMatrix } from "../../base/matrix.ts";
import type { Quantile } from "../../quantile/quantile.ts";
import { checkWeight } from "../../quantile/weightedMass.ts";
import { weightedQuantiles } from "../../quantile/weightedQuantiles.ts";
import { type PredictionSet, setWithin } from "../predictionSet.ts";
import { calibrationScores, mapTestRows, withTestRow } from "../rows.ts";
import { type SavedScore, saveScore } from "../scores/savedScore.ts";
import { type ClassificationScore, checkScore } from "../scores/score.ts";
import type { SplitClassifierOptions } from "../splitClassifier.ts";

/** Options of `weightedClassifier`: those of `splitClassifier`, without categories. */
export type WeightedClassifierOptions = Omit<SplitClassifierOptions, "mondrian">;

/** A calibrated, immutable predictor of label sets under covariate shift. */
export interface WeightedClassifier {
  readonly alpha: number;
  /** Number of classes; labels are 0..classes-1. */
  readonly classes: number;
  readonly score: ClassificationScore;
  /** Holds when the weights are the true likelihood ratios, up to a common factor. */
  readonly guarantee: "marginal";
  /** The quantile that decides on the labels of a row of the given weight; `O(log n)`. */
  quantileFor(weight: number): Quantile;
  /**
   * The set for one row of class probabilities `[classes]`.
   *
   * @param weight likelihood ratio of the row, finite and >= 0, on the scale of the calibration weights
   * @param options `u`: the uniform number in [0, 1] of a randomised score, in place of the seeded one
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE, E_WEIGHTS
   */
  predictSet(row: ArrayLike<number>, weight: number, options?: { readonly u?: number }): PredictionSet;
  /**
   * The sets for the rows of a matrix `[rows, classes]`, each with a weight of its own.
   *
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE, E_WEIGHTS
   */
  predictSets(
    matrix: ProbabilityMatrix,
    weights: ArrayLike<number>,
    options?: { readonly u?: ArrayLike<number> },
  ): PredictionSet[];
  /** Plain data for `JSON.stringify`, from which `weightedClassifierFromJSON` makes the same predictor. */
  toJSON(): WeightedClassifierJSON;
}

/** A saved `WeightedClassifier`. */
export interface WeightedClassifierJSON extends SavedScore {
  readonly kind: "parsimony.conformal.weighted-classifier";
  readonly version: 1;
  readonly alpha: number;
  readonly classes: number;
  readonly seed: number;
  readonly allowEmpty: boolean;
  readonly normalize: boolean;
  /** Scores of the calibration rows `[n]`. */
  readonly scores: readonly JsonNumber[];
  /** Weights of the calibration rows `[n]`. */
  readonly weights: readonly JsonNumber[];
}

/**
 * Split conformal prediction for test rows that are drawn from another distribution than the calibration rows, while
 * the labels depend on a row as before (covariate shift): calibration rows count by their likelihood ratio, how much
 * more often such a row occurs in the test domain. `densityRatios` estimates it. A row in a region with little
 * calibration weight gets the set of all labels, with the reason.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Tibshirani, Barber, Candès, Ramdas, Conformal prediction under covariate shift (2019)
 */
export function weightedClassifier(options: WeightedClassifierOptions): {
  /**
   * Calibrates on rows `[n, classes]`, their true classes and their weights `[n]`, finite and >= 0.
   *
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_RANGE, E_PROBS, E_NAN, E_WEIGHTS
   */
  calibrate(
    matrix: ProbabilityMatrix,
    labels: ArrayLike<number>,
    weights: ArrayLike<number>,
    options?: { readonly u?: ArrayLike<number> },
  ): WeightedClassifier;
} {
  const { score, alpha, allowEmpty = true, normalize = false, seed = 0 } = options;
  checkAlpha("weightedClassifier", alpha);
  checkScore("weightedClassifier", score);
  checkWhole("weightedClassifier", "seed", seed, 0);
  return Object.freeze({
    calibrate(
      matrix: ProbabilityMatrix,
      labels: ArrayLike<number>,
      weights: ArrayLike<number>,
      { u }: { readonly u?: ArrayLike<number> } = {},
    ): WeightedClassifier {
      const { scores, classes } = calibrationScores("calibrate", matrix, labels, u, { score, seed, normalize });
      checkLength("calibrate", "weights", weights.length, scores.length);
      const given = Float64Array.from(weights);
      return weightedClassifierFrom({ alpha, classes, score, seed, allowEmpty, normalize, scores, weights: given });
    },
  });
}

/** Everything that a weighted predictor is made of. */
export interface WeightedClassifierState {
  readonly alpha: number;
  readonly classes: number;
  readonly score: ClassificationScore;
  readonly seed: number;
  readonly allowEmpty: boolean;
  readonly normalize: boolean;
  readonly scores: Float64Array;
  readonly weights: Float64Array;
}

/** The predictor with a given state. */
export function weightedClassifierFrom(state: WeightedClassifierState): WeightedClassifier {
  const { alpha, classes, score, seed, allowEmpty, normalize, scores, weights } = state;
  const quantileFor = weightedQuantiles(scores, weights, alpha);
  const setOf = (row: Float64Array, u: number, weight: number): PredictionSet => {
    const { value, reason } = quantileFor(weight);
    return setWithin(row, u, value, reason, state);
  };
  return Object.freeze({
    alpha,
    classes,
    score,
    guarantee: "marginal",
    quantileFor,
    predictSet: (row: ArrayLike<number>, weight: number, { u }: { readonly u?: number } = {}): PredictionSet => {
      checkWeight("predictSet", "weight", weight);
      return withTestRow("predictSet", row, u, state, (probabilities, uniform) =>
        setOf(probabilities, uniform, weight),
      );
    },
    predictSets: (
      matrix: ProbabilityMatrix,
      testWeights: ArrayLike<number>,
      { u }: { readonly u?: ArrayLike<number> } = {},
    ): PredictionSet[] => {
      return mapTestRows(
        "predictSets",
        matrix,
        u,
        state,
        (row, uniform, i) => setOf(row, uniform, testWeights[i] as number),
        (rows) => {
          checkLength("predictSets", "weights", testWeights.length, rows);
          for (let i = 0; i < rows; i++) checkWeight("predictSets", `weights[${i}]`, testWeights[i] as number, i);
        },
      );
    },
    toJSON: (): WeightedClassifierJSON => ({
      kind: "parsimony.conformal.weighted-classifier",
      version: 1,
      alpha,
      classes,
      ...saveScore(score),
      seed,
      allowEmpty,
      normalize,
      scores: Array.from(scores, encodeNumber),
      weights: Array.from(weights, encodeNumber),
    }),
  });
}
