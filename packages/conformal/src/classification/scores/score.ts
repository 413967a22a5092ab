/**
 * A nonconformity score for classification: how strange a label looks beside the probabilities that a model gave. A
 * plain record, so that a score of your own is an object with the same members. Both functions must agree bit for bit,
 * because calibration uses one and prediction the other.
 */
export interface ClassificationScore {
  /** Name in the field, such as `lac`. Saved with a calibrated predictor. */
  readonly name: string;
  /** Does the score use `u`? If not, both functions ignore it. */
  readonly randomized: boolean;
  /**
   * The score of one label.
   *
   * @param row probabilities `[classes]`, >= 0, sum 1
   * @param label class index
   * @param u one uniform number in [0, 1], the same for all labels of the row
   */
  labelScore(row: Float64Array, label: number, u: number): number;
  /** The scores `[classes]` of all labels of a row. */
  rowScores(row: Float64Array, u: number): Float64Array;
}

/** The classes of a row from most to least probable, equal ones by class index. */
export function ranking(row: Float64Array): Uint32Array {
  return Uint32Array.from(row, (_, label) => label).sort((a, b) => (row[b] as number) - (row[a] as number) || a - b);
}
