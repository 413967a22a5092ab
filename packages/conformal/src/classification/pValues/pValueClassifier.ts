import { checkAlpha, checkUniforms, checkWhole } from "../../base/checks.ts";
import { type JsonNumber, encodeNumber } from "../../base/json.ts";
import type { ProbabilityMatrix } from "../../base/matrix.ts";
import { conformalRank } from "../../quantile/rank.ts";
import { splitByKey } from "../groups.ts";
import { type PredictionSet, withoutGaps } from "../predictionSet.ts";
import { calibrationScores, withTestRow } from "../rows.ts";
import { type SavedScore, saveScore } from "../scores/savedScore.ts";
import { type ClassificationScore, checkScore, favourite } from "../scores/score.ts";
import { countBelow, countUpTo } from "../../base/sortedSearch.ts";
import { checkMondrian, type SplitClassifierOptions } from "../splitClassifier.ts";
import { pValueOfCounts } from "./rankCount.ts";

/** Options of `pValueClassifier`: those of `splitClassifier` that don't concern one level. */
export type PValueClassifierOptions = Omit<SplitClassifierOptions, "alpha" | "allowEmpty">;

/** A single label with what speaks for it. */
export interface LabelChoice {
  /** The label with the largest p-value, the least strange of equals. */
  readonly label: number;
  /** 1 less the second largest p-value: the largest level at which no other label is in the set. */
  readonly confidence: number;
  /** The largest p-value: small when the row is like no label at all. */
  readonly credibility: number;
}

/** A calibrated, immutable source of p-values for labels, and of sets at any level. */
export interface PValueClassifier {
  /** Number of classes; labels are 0..classes-1. */
  readonly classes: number;
  readonly score: ClassificationScore;
  readonly guarantee: "marginal" | "label-conditional";
  /**
   * The p-value of each label `[classes]` for one row: the p-value p of the true label has `P(p <= alpha) <= alpha`
   * for every alpha, among the rows of its class when label-conditional. Conservative unless ties are broken.
   *
   * @param options `u`: the uniform number of a randomised score; `tieBreak`: a uniform number in [0, 1], independent
   *   of the row, that makes the p-value of the true label exactly uniform
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE
   */
  pValues(row: ArrayLike<number>, options?: { readonly u?: number; readonly tieBreak?: number }): Float64Array;
  /**
   * The labels whose conservative p-value exceeds alpha: the set of a `splitClassifier` at that alpha.
   *
   * @param options `u` as above; `allowEmpty` as in `splitClassifier`
   * @throws ConformalError E_ALPHA, E_PROBS, E_NAN, E_LENGTH, E_RANGE
   */
  predictSet(
    row: ArrayLike<number>,
    alpha: number,
    options?: { readonly u?: number; readonly allowEmpty?: boolean },
  ): PredictionSet;
  /**
   * One label, with confidence and credibility.
   *
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE
   * @see Vovk, Gammerman, Shafer, Algorithmic learning in a random world (2005), section 3.4
   */
  predictLabel(row: ArrayLike<number>, options?: { readonly u?: number }): LabelChoice;
  /** Plain data for `JSON.stringify`, from which `pValueClassifierFromJSON` makes the same predictor. */
  toJSON(): PValueClassifierJSON;
}

/** A saved `PValueClassifier`. */
export interface PValueClassifierJSON extends SavedScore {
  readonly kind: "parsimony.conformal.p-value-classifier";
  readonly version: 1;
  readonly classes: number;
  readonly guarantee: "marginal" | "label-conditional";
  readonly seed: number;
  readonly normalize: boolean;
  /** Calibration scores, ascending: one list, or one for each class. */
  readonly scores: readonly (readonly JsonNumber[])[];
}

/**
 * Split conformal p-values for every label, for sets at several levels, for tests, or for one label with its
 * confidence and credibility. Keeps the calibration scores; `O(log n)` a label.
 *
 * @throws ConformalError E_RANGE
 * @see Vovk, Gammerman, Shafer, Algorithmic learning in a random world (2005), sections 2.2 and 4.5
 */
export function pValueClassifier(options: PValueClassifierOptions): {
  /**
   * Calibrates on rows `[n, classes]` of class probabilities and their true classes `[n]`.
   *
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_RANGE, E_PROBS, E_NAN
   */
  calibrate(
    matrix: ProbabilityMatrix,
    labels: ArrayLike<number>,
    options?: { readonly u?: ArrayLike<number> },
  ): PValueClassifier;
} {
  const { score, mondrian = "none", normalize = false, seed = 0 } = options;
  checkScore("pValueClassifier", score);
  checkWhole("pValueClassifier", "seed", seed, 0);
  checkMondrian("pValueClassifier", mondrian);
  return Object.freeze({
    calibrate(
      matrix: ProbabilityMatrix,
      labels: ArrayLike<number>,
      { u }: { readonly u?: ArrayLike<number> } = {},
    ): PValueClassifier {
      const { scores, classes } = calibrationScores("calibrate", matrix, labels, u, { score, seed, normalize });
      const byLabel = mondrian === "label";
      const sorted = (byLabel ? splitByKey(scores, labels, classes) : [scores]).map((part) => part.sort());
      const guarantee = byLabel ? "label-conditional" : "marginal";
      return pValueClassifierFrom({ classes, score, guarantee, seed, normalize, sorted });
    },
  });
}

/** Everything that a source of p-values is made of. */
export interface PValueClassifierState {
  readonly classes: number;
  readonly score: ClassificationScore;
  readonly guarantee: "marginal" | "label-conditional";
  readonly seed: number;
  readonly normalize: boolean;
  /** Ascending scores: one array, or one for each class. */
  readonly sorted: readonly Float64Array[];
}

/** The source of p-values with a given state, which is trusted to be consistent. */
export function pValueClassifierFrom(state: PValueClassifierState): PValueClassifier {
  const { classes, score, guarantee, seed, normalize, sorted } = state;
  const scoresFor = (label: number): Float64Array =>
    sorted[guarantee === "label-conditional" ? label : 0] as Float64Array;

  const pValuesOf = (scores: Float64Array, tieBreak?: number): Float64Array =>
    scores.map((value, label) => {
      const calibration = scoresFor(label);
      const below = countBelow(calibration, value);
      return pValueOfCounts(calibration.length, below, countUpTo(calibration, value) - below, tieBreak);
    });

  return Object.freeze({
    classes,
    score,
    guarantee,

    pValues(
      row: ArrayLike<number>,
      { u, tieBreak }: { readonly u?: number; readonly tieBreak?: number } = {},
    ): Float64Array {
      if (tieBreak !== undefined) checkUniforms("pValues", [tieBreak]);
      return withTestRow("pValues", row, u, state, (probabilities, uniform) =>
        pValuesOf(score.rowScores(probabilities, uniform), tieBreak),
      );
    },

    predictSet(
      row: ArrayLike<number>,
      alpha: number,
      { u, allowEmpty = true }: { readonly u?: number; readonly allowEmpty?: boolean } = {},
    ): PredictionSet {
      checkAlpha("predictSet", alpha);
      return withTestRow("predictSet", row, u, state, (probabilities, uniform) => {
        const labels: number[] = [];
        score.rowScores(probabilities, uniform).forEach((value, label) => {
          const calibration = scoresFor(label);
          if (countBelow(calibration, value) < conformalRank(calibration.length, alpha)) labels.push(label);
        });
        const tooFew = sorted.some(({ length }) => conformalRank(length, alpha) > length);
        const kept = score.contiguous === true ? withoutGaps(labels) : labels;
        const forced = kept.length === 0 && !allowEmpty;
        if (forced) kept.push(favourite(probabilities));
        return tooFew ? { labels: kept, forced, reason: "too-few-calibration" } : { labels: kept, forced };
      });
    },

    predictLabel(row: ArrayLike<number>, { u }: { readonly u?: number } = {}): LabelChoice {
      return withTestRow("predictLabel", row, u, state, (probabilities, uniform) => {
        const scores = score.rowScores(probabilities, uniform);
        return chooseLabel(pValuesOf(scores), scores);
      });
    },

    toJSON: (): PValueClassifierJSON => ({
      kind: "parsimony.conformal.p-value-classifier",
      version: 1,
      classes,
      ...saveScore(score),
      guarantee,
      seed,
      normalize,
      scores: sorted.map((part) => Array.from(part, encodeNumber)),
    }),
  });
}

function chooseLabel(pValues: Float64Array, scores: Float64Array): LabelChoice {
  let label = 0;
  for (let other = 1; other < pValues.length; other++) {
    const ahead = (pValues[other] as number) - (pValues[label] as number);
    if (ahead > 0 || (ahead === 0 && (scores[other] as number) < (scores[label] as number))) label = other;
  }
  let second = 0;
  for (let other = 0; other < pValues.length; other++) {
    if (other !== label) second = Math.max(second, pValues[other] as number);
  }
  return { label, confidence: 1 - second, credibility: pValues[label] as number };
}
