import { checkAlpha, checkLabels, checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { ProbabilityMatrix } from "../base/matrix.ts";
import { type Quantile, quantileOfCopy } from "../quantile/quantile.ts";
import { type BinaryScore, binaryLac } from "./binaryScores.ts";
import { type ConceptBounds, readBounds, readConceptRows } from "./concepts.ts";
import { type RuleSetMode, type RuleSetPredictor, predictorFrom } from "./ruleSetPredictor.ts";

/** Options of `ruleSets`. */
export interface RuleSetsOptions {
  /** Number of classes: they are the first concepts, and labels are 0..classes-1. */
  readonly classes: number;
  /** Allowed miscoverage, strictly between 0 and 1, certificate failures included. */
  readonly alpha: number;
  /**
   * `"classwise"`: the threshold of class j comes from the calibration points of class j; covers within each class.
   * `"union"`: each concept's threshold comes from all points, at level alpha / classes; covers on average. `"paper"`:
   * likewise at level alpha, which is the method of the paper read literally and guarantees nothing about the class,
   * because a binary predictor that is right on average may be wrong where the concept holds. Default `"classwise"`.
   */
  readonly mode?: RuleSetMode;
  /** Default `binaryLac`. */
  readonly score?: BinaryScore;
}

/** A method and a level, waiting for calibration data. */
export interface RuleSets {
  /**
   * Calibrates ordinary sets.
   *
   * @param corrected rows `[n, concepts]` of concept probabilities, corrected or raw
   * @param labels true classes `[n]`
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_PROBS, E_RANGE
   */
  calibrate(corrected: ProbabilityMatrix, labels: ArrayLike<number>): RuleSetPredictor;
  /**
   * Calibrates robust sets: on the worst score that each point can get within its bounds. Sets at an attacked input
   * then hold its class with probability >= 1 - alpha, as long as the attack stays within what the bounds allow for.
   *
   * @param bounds for each point, bounds `[concepts]` over everything an attacker may do to it, e.g. those of a circuit
   *   from certified concepts
   * @param options `failure`: probability that the certificate of one point, or what `predictSetWithin` is given at
   *   a new one, is wrong, in sum. Taken off alpha. Default 0
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE; E_ALPHA when failure is not below alpha
   */
  calibrateRobust(
    bounds: readonly ConceptBounds[],
    labels: ArrayLike<number>,
    options?: { readonly failure?: number },
  ): RuleSetPredictor;
}

/**
 * Prediction sets from one binary conformal predictor for each class concept: the classes that it cannot rule out.
 *
 * For robust sets the argument needs only the new point's certificates. Worst-case scores are exchangeable whether or
 * not they are right; if the certificate of the new point's clean input holds, its worst-case score is at least the
 * score at the attacked input, and the set there contains whatever the worst case allows.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Kang, Guerel, Li, Li, COLEP (2024), section 5; the calibration by class is Vovk's label-conditional one (2012)
 */
export function ruleSets(options: RuleSetsOptions): RuleSets {
  const { classes, alpha, mode = "classwise", score = binaryLac } = options;
  const where = "ruleSets";
  checkWhole(where, "classes", classes, 1);
  checkAlpha(where, alpha);
  if (mode !== "classwise" && mode !== "union" && mode !== "paper") {
    throw new ConformalError("E_RANGE", `${where}: mode must be classwise, union or paper, got ${String(mode)}`);
  }
  const calibrateOn = (
    highest: (row: number, concept: number, holds: boolean) => number,
    labels: ArrayLike<number>,
    failure: number,
  ): RuleSetPredictor => {
    const conformalAlpha = mode === "union" ? (alpha - failure) / classes : alpha - failure;
    const quantiles = Array.from({ length: classes }, (_, concept): Quantile => {
      const scores: number[] = [];
      for (let row = 0; row < labels.length; row++) {
        const holds = labels[row] === concept;
        if (holds || mode !== "classwise") scores.push(highest(row, concept, holds) + 0);
      }
      const nan = scores.findIndex(Number.isNaN);
      if (nan >= 0) throw new ConformalError("E_NAN", `calibrate: score ${score.name} is NaN`, nan);
      return quantileOfCopy(Float64Array.from(scores), conformalAlpha, Infinity);
    });
    return predictorFrom({ classes, alpha, failure, mode, score, quantiles });
  };
  return Object.freeze({
    calibrate(corrected: ProbabilityMatrix, labels: ArrayLike<number>): RuleSetPredictor {
      const rows = readConceptRows("calibrate", corrected, conceptsOf(corrected));
      checkCalibration("calibrate", rows.length, rows[0]?.length, labels, classes);
      return calibrateOn(
        (row, concept, holds) => {
          const p = (rows[row] as Float64Array)[concept] as number;
          return score.score(holds ? p : 1 - p);
        },
        labels,
        0,
      );
    },
    calibrateRobust(
      bounds: readonly ConceptBounds[],
      labels: ArrayLike<number>,
      { failure = 0 }: { readonly failure?: number } = {},
    ): RuleSetPredictor {
      checkFailure("calibrateRobust", failure, alpha);
      const first = bounds[0]?.lower.length;
      const read = bounds.map((row, i) => readBounds("calibrateRobust", row, first as number, i));
      checkCalibration("calibrateRobust", read.length, first, labels, classes);
      return calibrateOn(
        (row, concept, holds) => {
          const { lower, upper } = read[row] as (typeof read)[number];
          return worstScore(score, lower[concept] as number, upper[concept] as number, holds);
        },
        labels,
        failure,
      );
    },
  });
}

/** The largest score of a concept's true value over an interval of its probability. */
export function worstScore(score: BinaryScore, lower: number, upper: number, holds: boolean): number {
  return holds ? score.highest(lower, upper) : score.highest(1 - upper, 1 - lower);
}

/**
 * The certified worst-case score of each point's true class: no input within what the bounds allow for has a larger
 * one. For plots, and for procedures of your own.
 *
 * @param bounds for each point, bounds `[concepts]`, classes first
 * @throws ConformalError E_LENGTH, E_NAN, E_RANGE
 */
export function worstCaseScores(
  bounds: readonly ConceptBounds[],
  labels: ArrayLike<number>,
  score: BinaryScore = binaryLac,
): Float64Array {
  const where = "worstCaseScores";
  checkLength(where, "labels", labels.length, bounds.length);
  return Float64Array.from(bounds, (row, i) => {
    const { lower, upper } = readBounds(where, row, row.lower.length, i);
    checkLabels(where, [labels[i] as number], lower.length);
    const label = labels[i] as number;
    return worstScore(score, lower[label] as number, upper[label] as number, true);
  });
}

function conceptsOf(matrix: ProbabilityMatrix): number {
  if (Array.isArray(matrix)) return (matrix as readonly ArrayLike<number>[])[0]?.length ?? 0;
  return (matrix as { readonly shape: readonly number[] }).shape[1] ?? 0;
}

function checkCalibration(
  where: string,
  rows: number,
  concepts: number | undefined,
  labels: ArrayLike<number>,
  classes: number,
): void {
  if (rows === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one row, got none`);
  if ((concepts as number) < classes) {
    throw new ConformalError("E_LENGTH", `${where}: needs ${classes} class concepts first, got rows of ${concepts}`);
  }
  checkLength(where, "labels", labels.length, rows);
  checkLabels(where, labels, classes);
}

function checkFailure(where: string, failure: number, alpha: number): void {
  if (!(failure >= 0 && failure < alpha)) {
    throw new ConformalError("E_ALPHA", `${where}: failure must be in [0, alpha = ${alpha}), got ${failure}`);
  }
}
