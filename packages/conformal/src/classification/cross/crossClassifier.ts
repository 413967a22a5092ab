import { checkAlpha, checkLength, checkUniforms, checkWhole } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { type JsonNumber, encodeNumber } from "../../base/json.ts";
import { type ProbabilityMatrix, openRows } from "../../base/matrix.ts";
import { conformalRank } from "../../quantile/rank.ts";
import { splitByKey } from "../groups.ts";
import { type PredictionSet, withoutGaps } from "../predictionSet.ts";
import { calibrationScores } from "../rows.ts";
import { pValueOfCounts } from "../pValues/rankCount.ts";
import { type SavedScore, saveScore } from "../scores/savedScore.ts";
import { type ClassificationScore, checkScore, favourite, seededUniform } from "../scores/score.ts";
import { countBelow, countUpTo } from "../../base/sortedSearch.ts";
import type { SplitClassifierOptions } from "../splitClassifier.ts";

/** Options of `crossClassifier`: those of `splitClassifier`, without categories. */
export type CrossClassifierOptions = Omit<SplitClassifierOptions, "mondrian">;

/** A calibrated, immutable predictor of label sets from one model for each fold. */
export interface CrossClassifier {
  readonly alpha: number;
  /** Number of classes; labels are 0..classes-1. */
  readonly classes: number;
  /** Number of folds K, and of models. */
  readonly folds: number;
  /** Number of calibration rows. */
  readonly n: number;
  readonly score: ClassificationScore;
  /** `marginal` with the coverage `level`, not `1 - alpha`; `none` where that bound says nothing. */
  readonly guarantee: "marginal" | "none";
  /**
   * The coverage that is proved: `1 - 2 alpha` less a term for the folds, which is 0 for one row in a fold. In practice
   * coverage is near `1 - alpha`.
   */
  readonly level: number;
  /**
   * The set for one example: label y is in when fewer than the conformal rank of the calibration scores are below that
   * of y under the model of their own fold.
   *
   * @param foldRows class probabilities `[folds, classes]` that the model of each fold gives for the example
   * @param options `u`: the uniform number of a randomised score, in place of one seeded by each row
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE
   */
  predictSet(foldRows: ProbabilityMatrix, options?: { readonly u?: number }): PredictionSet;
  /**
   * The cross-conformal p-value of each label `[classes]`: `P(p <= alpha)` for the true label is at most 1 - `level`.
   *
   * @param options `tieBreak`: a uniform number in [0, 1] for ties
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE
   */
  pValues(foldRows: ProbabilityMatrix, options?: { readonly u?: number; readonly tieBreak?: number }): Float64Array;
  /** Plain data for `JSON.stringify`, from which `crossClassifierFromJSON` makes the same predictor. */
  toJSON(): CrossClassifierJSON;
}

/** A saved `CrossClassifier`. */
export interface CrossClassifierJSON extends SavedScore {
  readonly kind: "parsimony.conformal.cross-classifier";
  readonly version: 1;
  readonly alpha: number;
  readonly classes: number;
  readonly seed: number;
  readonly allowEmpty: boolean;
  readonly normalize: boolean;
  /** Calibration scores of each fold, ascending. */
  readonly scores: readonly (readonly JsonNumber[])[];
}

/**
 * CV+ and cross-conformal prediction for classification (for label sets the two are the same), and jackknife+ with
 * one row in a fold: every row calibrates, by the model that was trained without its fold. This is the part without
 * models, on probabilities that you have; `cvPlusClassifier` trains as well. Memory is `O(n)`, and one example takes
 * `O(folds * classes * log n)`.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Romano, Sesia, Candès, Classification with valid and adaptive coverage (2020), CV+; Vovk, Cross-conformal
 *   predictors (2015); Barber, Candès, Ramdas, Tibshirani, Predictive inference with the jackknife+ (2021), theorem 4
 */
export function crossClassifier(options: CrossClassifierOptions): {
  /**
   * Calibrates on out-of-fold probabilities.
   *
   * @param outOfFold row i `[n, classes]` is from the model that was trained without the fold of example i
   * @param labels true classes `[n]`
   * @param folds the fold of each example `[n]`, whole numbers 0..K-1, each used; chosen without looking at the data
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_RANGE, E_PROBS, E_NAN
   */
  calibrate(
    outOfFold: ProbabilityMatrix,
    labels: ArrayLike<number>,
    folds: ArrayLike<number>,
    options?: { readonly u?: ArrayLike<number> },
  ): CrossClassifier;
} {
  const { score, alpha, allowEmpty = true, normalize = false, seed = 0 } = options;
  checkAlpha("crossClassifier", alpha);
  checkScore("crossClassifier", score);
  checkWhole("crossClassifier", "seed", seed, 0);
  return Object.freeze({
    calibrate(
      outOfFold: ProbabilityMatrix,
      labels: ArrayLike<number>,
      folds: ArrayLike<number>,
      { u }: { readonly u?: ArrayLike<number> } = {},
    ): CrossClassifier {
      const { scores, classes } = calibrationScores("calibrate", outOfFold, labels, u, { score, seed, normalize });
      const count = countFolds("calibrate", folds, scores.length);
      const sorted = splitByKey(scores, folds, count).map((part) => part.sort());
      return crossClassifierFrom({ alpha, classes, score, seed, allowEmpty, normalize, sorted });
    },
  });
}

/** The number of folds, each of which must have an example. */
export function countFolds(where: string, folds: ArrayLike<number>, examples: number): number {
  checkLength(where, "folds", folds.length, examples);
  let count = 0;
  const used = new Set<number>();
  for (let i = 0; i < examples; i++) {
    const fold = folds[i] as number;
    if (!Number.isSafeInteger(fold) || fold < 0) {
      const code = Number.isNaN(fold) ? "E_NAN" : "E_RANGE";
      throw new ConformalError(code, `${where}: folds[${i}] must be a whole number >= 0, got ${fold}`, i);
    }
    used.add(fold);
    count = Math.max(count, fold + 1);
  }
  if (used.size !== count) {
    throw new ConformalError(
      "E_RANGE",
      `${where}: folds must be 0..K-1, each used, but of ${count} only ${used.size} are`,
    );
  }
  return count;
}

/** Everything that a cross predictor is made of. */
export interface CrossClassifierState {
  readonly alpha: number;
  readonly classes: number;
  readonly score: ClassificationScore;
  readonly seed: number;
  readonly allowEmpty: boolean;
  readonly normalize: boolean;
  /** Ascending scores of each fold, at least one in each. */
  readonly sorted: readonly Float64Array[];
}

/** The predictor with a given state, which is trusted to be consistent. */
export function crossClassifierFrom(state: CrossClassifierState): CrossClassifier {
  const { alpha, classes, score, seed, allowEmpty, normalize, sorted } = state;
  const n = sorted.reduce((sum, part) => sum + part.length, 0);
  const rank = conformalRank(n, alpha);
  const level = provedCoverage(
    sorted.map((part) => part.length),
    alpha,
  );

  /** For each label, the calibration scores below its own and those equal, each under the model of their fold. */
  const countsOf = (
    where: string,
    foldRows: ProbabilityMatrix,
    u: number | undefined,
  ): { below: Uint32Array; equal: Uint32Array; favourites: Float64Array } => {
    if (u !== undefined) checkUniforms(where, [u]);
    const source = openRows(foldRows, { where, normalize });
    checkLength(where, "foldRows", source.count, sorted.length);
    const below = new Uint32Array(classes);
    const equal = new Uint32Array(classes);
    const favourites = new Float64Array(classes);
    sorted.forEach((calibration, fold) => {
      const row = source.row(fold);
      checkLength(where, `row ${fold}`, row.length, classes);
      const scores = score.rowScores(row, u ?? seededUniform(score, seed, row));
      for (let label = 0; label < classes; label++) {
        const value = scores[label] as number;
        const smaller = countBelow(calibration, value);
        below[label] = (below[label] as number) + smaller;
        equal[label] = (equal[label] as number) + countUpTo(calibration, value) - smaller;
        favourites[label] = (favourites[label] as number) + (row[label] as number);
      }
    });
    return { below, equal, favourites };
  };

  return Object.freeze({
    alpha,
    classes,
    folds: sorted.length,
    n,
    score,
    guarantee: level > 0 ? "marginal" : "none",
    level,

    predictSet(foldRows: ProbabilityMatrix, { u }: { readonly u?: number } = {}): PredictionSet {
      const { below, favourites } = countsOf("predictSet", foldRows, u);
      const voted: number[] = [];
      below.forEach((count, label) => {
        if (count < rank) voted.push(label);
      });
      const labels = score.contiguous === true ? withoutGaps(voted) : voted;
      const forced = labels.length === 0 && !allowEmpty;
      if (forced) labels.push(favourite(favourites));
      return rank > n ? { labels, forced, reason: "too-few-calibration" } : { labels, forced };
    },

    pValues(
      foldRows: ProbabilityMatrix,
      { u, tieBreak }: { readonly u?: number; readonly tieBreak?: number } = {},
    ): Float64Array {
      if (tieBreak !== undefined) checkUniforms("pValues", [tieBreak]);
      const { below, equal } = countsOf("pValues", foldRows, u);
      return Float64Array.from(below, (count, label) => pValueOfCounts(n, count, equal[label] as number, tieBreak));
    },

    toJSON: (): CrossClassifierJSON => ({
      kind: "parsimony.conformal.cross-classifier",
      version: 1,
      alpha,
      classes,
      ...saveScore(score),
      seed,
      allowEmpty,
      normalize,
      scores: sorted.map((part) => Array.from(part, encodeNumber)),
    }),
  });
}

/**
 * The coverage that is proved for folds of the given sizes. Each fold gives a valid p-value `p_k`, and the combined one
 * is at most alpha only if their mean, weighted by fold size + 1, is at most `(alpha (n + 1) + K - 1) / (n + K)`, which
 * has at most twice that probability. Folds of one size also have the term of Barber et al., 0 for single rows.
 */
function provedCoverage(sizes: readonly number[], alpha: number): number {
  const folds = sizes.length;
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const merged = (2 * (folds - 1) * (1 - alpha)) / (n + folds);
  const equalSizes = sizes.every((size) => size === sizes[0]);
  const excess = equalSizes ? Math.min(merged, (1 - folds / n) / (folds + 1)) : merged;
  return Math.max(0, 1 - 2 * alpha - excess);
}
