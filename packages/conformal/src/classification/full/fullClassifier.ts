import { checkAlpha, checkLabels, checkLength, checkUniforms, checkWhole } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { readRow } from "../../base/matrix.ts";
import { conformalRank } from "../../quantile/rank.ts";
import type { FitClassifier } from "../fit.ts";
import { type PredictionSet, withoutGaps } from "../predictionSet.ts";
import { pValueOfCounts } from "../pValues/rankCount.ts";
import { checkScore, seededUniform } from "../scores/score.ts";
import type { SplitClassifierOptions } from "../splitClassifier.ts";

/** Options of `fullClassifier`: those of `splitClassifier`, and how to train. */
export interface FullClassifierOptions<Example> extends Omit<SplitClassifierOptions, "mondrian"> {
  /** Number of classes; labels are 0..classes-1. */
  readonly classes: number;
  /** Trains a model on the examples together with the new one under a label that is tried. */
  readonly fit: FitClassifier<Example>;
}

/** A full conformal predictor: the examples, and how to train on them. */
export interface FullClassifier<Example> {
  readonly alpha: number;
  readonly classes: number;
  readonly guarantee: "marginal";
  /**
   * The p-value of each label `[classes]`, from one training each.
   *
   * @param options `tieBreak`: a uniform number in [0, 1] that makes the true label's p-value exactly uniform
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH when a model's output is no probability row, E_RANGE
   */
  pValues(example: Example, options?: { readonly tieBreak?: number }): Float64Array;
  /** The labels whose conservative p-value exceeds alpha. @throws ConformalError as `pValues` */
  predictSet(example: Example): PredictionSet;
}

/**
 * Full (transductive) conformal prediction for classification: for every new example and every label, a model is
 * trained on all examples and the new one with that label, and the label is kept unless the new example is then among
 * the strangest. No data is set aside, and coverage is at least `1 - alpha`; the price is `classes` trainings for each
 * prediction. `fit` must treat all examples alike, whatever their order.
 *
 * @param examples examples of any type `[n]`
 * @param labels their classes `[n]`, whole numbers in 0..classes-1
 * @throws ConformalError E_ALPHA, E_RANGE, E_LENGTH, E_NAN, E_EMPTY_CALIBRATION
 * @see Vovk, Gammerman, Shafer, Algorithmic learning in a random world (2005), section 2.2
 */
export function fullClassifier<Example>(
  examples: readonly Example[],
  labels: ArrayLike<number>,
  options: FullClassifierOptions<Example>,
): FullClassifier<Example> {
  const where = "fullClassifier";
  const { classes, fit, score, alpha, allowEmpty = true, normalize = false, seed = 0 } = options;
  checkAlpha(where, alpha);
  checkScore(where, score);
  checkWhole(where, "seed", seed, 0);
  checkWhole(where, "classes", classes, 1);
  if (typeof fit !== "function") throw new ConformalError("E_RANGE", `${where}: fit must be a function`);
  const n = examples.length;
  if (n === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one example, got none`);
  checkLength(where, "labels", labels.length, n);
  checkLabels(where, labels, classes);
  const kept = examples.slice();
  const keptLabels = Array.from(labels);
  const rank = conformalRank(n, alpha);

  const countsOf = (example: Example, label: number): { below: number; equal: number } => {
    const model = fit([...kept, example], [...keptLabels, label]);
    const scoreOf = (of: Example, own: number, index?: number): number => {
      const output = model(of);
      checkLength(where, "the model's output", output.length, classes);
      const row = readRow(output, { where, normalize }, index);
      const value = score.labelScore(row, own, seededUniform(score, seed, row));
      if (Number.isNaN(value)) throw new ConformalError("E_NAN", `${where}: score ${score.name} is NaN`, index);
      return value;
    };
    const value = scoreOf(example, label);
    let below = 0;
    let equal = 0;
    kept.forEach((other, i) => {
      const own = scoreOf(other, keptLabels[i] as number, i);
      if (own < value) below++;
      else if (own === value) equal++;
    });
    return { below, equal };
  };
  const tried = Array.from({ length: classes }, (_, label) => label);

  return Object.freeze({
    alpha,
    classes,
    guarantee: "marginal",
    pValues(example: Example, { tieBreak }: { readonly tieBreak?: number } = {}): Float64Array {
      if (tieBreak !== undefined) checkUniforms("pValues", [tieBreak]);
      return Float64Array.from(tried, (label) => {
        const { below, equal } = countsOf(example, label);
        return pValueOfCounts(n, below, equal, tieBreak);
      });
    },
    predictSet(example: Example): PredictionSet {
      // Counted, not compared with alpha, so that no rounding decides on p = alpha.
      const below = tried.map((label) => countsOf(example, label).below);
      const within = tried.filter((label) => (below[label] as number) < rank);
      const set = score.contiguous === true ? withoutGaps(within) : within;
      const forced = set.length === 0 && !allowEmpty;
      // Without one model for the row, the most probable label is that of the largest p-value.
      if (forced) set.push(below.indexOf(below.reduce((least, count) => Math.min(least, count))));
      return rank > n ? { labels: set, forced, reason: "too-few-calibration" } : { labels: set, forced };
    },
  });
}
