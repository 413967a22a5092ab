import { checkLength, checkWhole } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import type { FitClassifier } from "../fit.ts";
import type { PredictionSet } from "../predictionSet.ts";
import { type CrossClassifier, type CrossClassifierOptions, countFolds, crossClassifier } from "./crossClassifier.ts";

/** Options of `cvPlusClassifier`: those of `crossClassifier`, and how to train. */
export interface CvPlusClassifierOptions<Example> extends CrossClassifierOptions {
  /** Trains the model of a fold on the examples outside it. */
  readonly fit: FitClassifier<Example>;
  /**
   * How many folds, a whole number >= 2 (example i is in fold i mod folds; as many as examples for jackknife+), or the
   * fold of each example. Shuffle sorted data first, without looking at labels. Default 10, or one for each example
   * when there are fewer.
   */
  readonly folds?: number | ArrayLike<number>;
}

/** A CV+ predictor with its models. */
export interface CvPlusClassifier<Example> {
  readonly alpha: number;
  /** What is promised, and what the models' probabilities are calibrated with; can be saved by itself. */
  readonly cross: CrossClassifier;
  /** The coverage that is proved, `1 - 2 alpha` less a term for the folds: see `CrossClassifier`. */
  readonly level: number;
  readonly guarantee: "marginal" | "none";
  /** Set for one example. @throws ConformalError E_PROBS, E_NAN, E_LENGTH when a model's output is no probability row */
  predictSet(example: Example, options?: { readonly u?: number }): PredictionSet;
  /** Cross-conformal p-value of each label `[classes]`; see `CrossClassifier`. */
  pValues(example: Example, options?: { readonly u?: number; readonly tieBreak?: number }): Float64Array;
}

/**
 * CV+ for classification: trains one model for each fold on the other folds, and calibrates every example with the
 * model that has not seen it, so that no data is set aside. With as many folds as examples this is jackknife+. What is
 * proved is a coverage of `level`, about `1 - 2 alpha`; what is seen is near `1 - alpha`. Predicting runs all models
 * for one example at a time and keeps nothing.
 *
 * @throws ConformalError E_ALPHA, E_RANGE, E_LENGTH, E_EMPTY_CALIBRATION, E_PROBS, E_NAN
 * @see Romano, Sesia, Candès, Classification with valid and adaptive coverage (2020)
 */
export function cvPlusClassifier<Example>(
  examples: readonly Example[],
  labels: ArrayLike<number>,
  options: CvPlusClassifierOptions<Example>,
): CvPlusClassifier<Example> {
  const where = "cvPlusClassifier";
  const { fit, folds = Math.min(10, examples.length), ...rest } = options;
  const method = crossClassifier(rest);
  if (typeof fit !== "function") throw new ConformalError("E_RANGE", `${where}: fit must be a function`);
  const n = examples.length;
  if (n < 2) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least two examples, got ${n}`);
  checkLength(where, "labels", labels.length, n);
  const foldOf = typeof folds === "number" ? cyclicFolds(where, folds, n) : folds;
  const count = countFolds(where, foldOf, n);
  if (count < 2) throw new ConformalError("E_RANGE", `${where}: needs at least two folds`);

  const members: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i < n; i++) (members[foldOf[i] as number] as number[]).push(i);
  const outOfFold: ArrayLike<number>[] = Array<ArrayLike<number>>(n).fill([]);
  const models = members.map((held, fold) => {
    const kept = Array.from({ length: n }, (_, i) => i).filter((i) => foldOf[i] !== fold);
    const model = fit(
      kept.map((i) => examples[i] as Example),
      kept.map((i) => labels[i] as number),
    );
    for (const i of held) outOfFold[i] = model(examples[i] as Example);
    return model;
  });
  const cross = method.calibrate(outOfFold, labels, foldOf);
  const rowsFor = (example: Example): ArrayLike<number>[] => models.map((model) => model(example));
  return Object.freeze({
    alpha: cross.alpha,
    cross,
    level: cross.level,
    guarantee: cross.guarantee,
    predictSet: (example: Example, chosen: { readonly u?: number } = {}): PredictionSet =>
      cross.predictSet(rowsFor(example), chosen),
    pValues: (example: Example, chosen: { readonly u?: number; readonly tieBreak?: number } = {}): Float64Array =>
      cross.pValues(rowsFor(example), chosen),
  });
}

function cyclicFolds(where: string, folds: number, n: number): Uint32Array {
  checkWhole(where, "folds", folds, 2);
  if (folds > n) throw new ConformalError("E_RANGE", `${where}: folds must be at most ${n}, got ${folds}`);
  return Uint32Array.from({ length: n }, (_, i) => i % folds);
}
