import { checkLabels, checkLength, checkUniforms } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type ProbabilityMatrix, openRows, readRow } from "../base/matrix.ts";
import { type ClassificationScore, seededUniform } from "./scores/score.ts";

/** How a predictor reads rows of probabilities. */
export interface RowReading {
  readonly score: ClassificationScore;
  /** Seed of the `u` of randomised scores. */
  readonly seed: number;
  /** Divide every row by its sum? */
  readonly normalize: boolean;
}

/** Calibration examples as a predictor sees them. */
export interface CalibrationScores {
  readonly classes: number;
  /** The score of the true label of each row `[n]`. */
  readonly scores: Float64Array;
}

/**
 * The scores of the true labels, reading one row at a time.
 *
 * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_RANGE, E_PROBS, E_NAN
 */
export function calibrationScores(
  where: string,
  matrix: ProbabilityMatrix,
  labels: ArrayLike<number>,
  u: ArrayLike<number> | undefined,
  reading: RowReading,
): CalibrationScores {
  const { score, seed, normalize } = reading;
  const source = openRows(matrix, { where, normalize });
  const n = source.count;
  if (n === 0)
    throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one calibration row, got none`);
  checkLength(where, "labels", labels.length, n);
  if (u !== undefined) checkRowUniforms(where, u, n);
  const scores = new Float64Array(n);
  const { classes } = source;
  // One buffer for all rows: a typed array costs more to allocate than ten classes to read and score.
  const buffer = new Float64Array(classes);
  for (let i = 0; i < n; i++) {
    const row = source.row(i, buffer);
    if (i === 0) checkLabels(where, labels, classes);
    const value = score.labelScore(
      row,
      labels[i] as number,
      u === undefined ? seededUniform(score, seed, row) : (u[i] as number),
    );
    // Infinite scores are ranked like others; a NaN of a score record of the user's would be lost in the sort.
    if (Number.isNaN(value)) throw new ConformalError("E_NAN", `${where}: score ${score.name} is NaN for row ${i}`, i);
    scores[i] = value;
  }
  return { classes, scores };
}

/** Reads one row to predict for, with its `u`. */
export function withTestRow<Result>(
  where: string,
  row: ArrayLike<number>,
  u: number | undefined,
  reading: RowReading & { readonly classes: number },
  predict: (row: Float64Array, u: number) => Result,
): Result {
  checkLength(where, "the row", row.length, reading.classes);
  if (u !== undefined) checkUniforms(where, [u]);
  const probabilities = readRow(row, { where, normalize: reading.normalize });
  return predict(probabilities, u ?? seededUniform(reading.score, reading.seed, probabilities));
}

/** Reads the rows of a matrix one after the other, each with its `u`; `checkCount` sees their number first. */
export function mapTestRows<Result>(
  where: string,
  matrix: ProbabilityMatrix,
  u: ArrayLike<number> | undefined,
  reading: RowReading & { readonly classes: number },
  predict: (row: Float64Array, u: number, index: number) => Result,
  checkCount?: (rows: number) => void,
): Result[] {
  const source = openRows(matrix, { where, normalize: reading.normalize });
  checkCount?.(source.count);
  if (u !== undefined) checkRowUniforms(where, u, source.count);
  const buffer = new Float64Array(source.classes);
  const results: Result[] = [];
  for (let i = 0; i < source.count; i++) {
    const row = source.row(i, buffer);
    if (row.length !== reading.classes) checkLength(where, `row ${i}`, row.length, reading.classes);
    results.push(predict(row, u === undefined ? seededUniform(reading.score, reading.seed, row) : (u[i] as number), i));
  }
  return results;
}

function checkRowUniforms(where: string, u: ArrayLike<number>, rows: number): void {
  checkLength(where, "u", u.length, rows);
  checkUniforms(where, u);
}
