import { checkAlpha, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { ProbabilityMatrix } from "../base/matrix.ts";
import { type Quantile, quantileOfCopy } from "../quantile/quantile.ts";
import { type ClassificationGuarantee, type ConformalClassifier, classifierFrom } from "./classifier.ts";
import { splitByKey } from "./groups.ts";
import { calibrationScores } from "./rows.ts";
import { type ClassificationScore, checkScore } from "./scores/score.ts";

/** Options of `splitClassifier`. */
export interface SplitClassifierOptions {
  /** How strange a label looks: `lac`, `aps()`, another of this package, or a record of your own. */
  readonly score: ClassificationScore;
  /** Allowed miscoverage, strictly between 0 and 1: sets hold the true label with probability >= 1 - alpha. */
  readonly alpha: number;
  /** `"label"`: a threshold for each class from its own calibration rows, so that every class is covered. */
  readonly mondrian?: "none" | "label";
  /**
   * `false`: an otherwise empty set gets the most probable label. Sets only grow, so the guarantee stays, and coverage
   * may exceed what was asked for. Default true: an empty set says that every label looks strange.
   */
  readonly allowEmpty?: boolean;
  /** Divide every row by its sum, in place of an error when it isn't 1. Default false. */
  readonly normalize?: boolean;
  /**
   * Seed for the `u` of randomised scores, a whole number >= 0. Default 0. The `u` of a row is `rowUniform(seed, row)`:
   * equal rows share it, so that sets don't depend on order or batch. Any seed keeps the guarantee.
   */
  readonly seed?: number;
}

/** A method and a level, waiting for calibration data. */
export interface SplitClassifier {
  /**
   * Calibrates on rows `[n, classes]` of class probabilities and their true classes. The model that gave the rows must
   * not have been fitted to them. With fewer than about `1/alpha - 1` rows (of a class, with `mondrian: "label"`) the
   * threshold is infinite and sets hold every label: the only answer that is valid then.
   *
   * @param labels true classes `[n]`, whole numbers in 0..classes-1
   * @param options `u`: uniform numbers `[n]` in [0, 1] for a randomised score, in place of the seeded ones
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_RANGE, E_PROBS, E_NAN
   */
  calibrate(
    matrix: ProbabilityMatrix,
    labels: ArrayLike<number>,
    options?: { readonly u?: ArrayLike<number> },
  ): ConformalClassifier;
}

/**
 * Split (inductive) conformal prediction for classification: turns the class probabilities of any model into sets of
 * labels that hold the true one with probability at least `1 - alpha`, whatever the data and the model, provided that
 * calibration and new rows are exchangeable. The guarantee is an average over calibration sets and new rows together.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Papadopoulos et al., Inductive confidence machines for regression (2002); Vovk, Conditional validity of
 *   inductive conformal predictors (2012), for `mondrian`
 */
export function splitClassifier(options: SplitClassifierOptions): SplitClassifier {
  const { score, alpha, mondrian = "none", allowEmpty = true, normalize = false, seed = 0 } = options;
  checkAlpha("splitClassifier", alpha);
  checkScore("splitClassifier", score);
  checkWhole("splitClassifier", "seed", seed, 0);
  checkMondrian("splitClassifier", mondrian);
  const guarantee: ClassificationGuarantee = mondrian === "label" ? "label-conditional" : "marginal";
  return Object.freeze({
    calibrate(
      matrix: ProbabilityMatrix,
      labels: ArrayLike<number>,
      { u }: { readonly u?: ArrayLike<number> } = {},
    ): ConformalClassifier {
      const { scores, classes } = calibrationScores("calibrate", matrix, labels, u, { score, seed, normalize });
      const quantiles =
        mondrian === "label"
          ? splitByKey(scores, labels, classes).map((part) => quantileOfCopy(part, alpha, Infinity))
          : Array.from<Quantile>({ length: classes }).fill(quantileOfCopy(scores, alpha, Infinity));
      return classifierFrom({
        alpha,
        classes,
        score,
        guarantee,
        quantiles: Object.freeze(quantiles),
        seed,
        allowEmpty,
        normalize,
      });
    },
  });
}

/** Throws E_RANGE unless the categories are none or the labels. */
export function checkMondrian(where: string, mondrian: "none" | "label"): void {
  if (mondrian === "none" || mondrian === "label") return;
  const hint = `got ${String(mondrian)}; for groups of rows see mondrianClassifier`;
  throw new ConformalError("E_RANGE", `${where}: mondrian must be "none" or "label", ${hint}`);
}
