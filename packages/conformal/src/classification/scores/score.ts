import { ConformalError } from "../../base/errors.ts";
import { rowUniform } from "../../base/random.ts";

/**
 * A nonconformity score for classification: how strange a label looks beside the probabilities that a model gave. A
 * plain record, so that a score of your own is an object with the same members. All functions must agree bit for bit,
 * because calibration uses one and prediction another. The
 * row they are given is overwritten with the next one: copy what you keep of it.
 */
export interface ClassificationScore {
  /** Name in the field, such as `lac`. Saved with a calibrated predictor. */
  readonly name: string;
  /** Does the score use `u`? If not, all functions ignore it. */
  readonly randomized: boolean;
  /** What the score was made with, saved beside its name. */
  readonly options?: Readonly<Record<string, number>>;
  /** Are the classes ordered, and every set within one threshold an interval of them? */
  readonly contiguous?: boolean;
  /**
   * The score of one label.
   *
   * @param row probabilities `[classes]`, >= 0, sum 1
   * @param label class index
   * @param u one uniform number in [0, 1], the same for all labels of the row
   */
  labelScore(row: Float64Array, label: number, u: number): number;
  /**
   * The scores `[classes]` of all labels of a row.
   *
   * @param into an array `[classes]` that may be filled and returned, which spares making one for each row
   */
  rowScores(row: Float64Array, u: number, into?: Float64Array): Float64Array;
  /**
   * The labels of `rowScores` whose score is at most `threshold`, ascending, where they can be told faster than by all
   * scores. Optional.
   */
  labelsWithin?(row: Float64Array, u: number, threshold: number): number[];
}

/** Throws unless the score's members are there: a plain `aps` in place of `aps()` is the usual slip. */
export function checkScore(where: string, score: ClassificationScore): void {
  if (typeof score?.labelScore !== "function" || typeof score.rowScores !== "function") {
    const hint = typeof score === "function" ? "a function; call it, as in aps()" : String(score);
    throw new ConformalError("E_RANGE", `${where}: score must be a ClassificationScore such as lac, got ${hint}`);
  }
}

/** The labels, ascending, whose score is at most one threshold. */
export function labelsWithin(score: ClassificationScore, row: Float64Array, u: number, threshold: number): number[] {
  if (score.labelsWithin !== undefined) return score.labelsWithin(row, u, threshold);
  const scores = score.rowScores(row, u);
  const labels: number[] = [];
  for (let label = 0; label < scores.length; label++) {
    if ((scores[label] as number) <= threshold) labels.push(label);
  }
  return labels;
}

/** The `u` of a row: a function of seed and row, or 0 for a score that ignores it. */
export function seededUniform(score: ClassificationScore, seed: number, row: Float64Array): number {
  return score.randomized ? rowUniform(seed, row) : 0;
}

/** The most probable class of a row, the first of equals. */
export function favourite(row: Float64Array): number {
  let best = 0;
  for (let label = 1; label < row.length; label++) {
    if ((row[label] as number) > (row[best] as number)) best = label;
  }
  return best;
}
