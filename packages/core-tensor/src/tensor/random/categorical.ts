import { exp } from "../elementary.ts";
import { ArgumentError } from "../errors.ts";
import { checkDraw, unitAt } from "./bits.ts";
import type { Key } from "./key.ts";

export interface CategoricalOptions {
  /** Length of a row: the number of classes; all of `weights` if not given. */
  readonly classes?: number;
  /** Draws from each row; 1 if not given. */
  readonly draws?: number;
  /** What `weights` holds: logits (logarithms of weights; -Infinity excludes a class) if not given. */
  readonly from?: "logits" | "probabilities";
}

/** Writes running sums of the class weights of one row; the last is their total, > 0 and finite. */
function cumulate(weights: ArrayLike<number>, row: number, logits: boolean, sums: Float64Array): void {
  const start = row * sums.length;
  let largest = -Infinity;
  for (let i = 0; i < sums.length; i++) {
    const value = weights[start + i] as number;
    const allowed = logits ? value < Infinity : value >= 0 && value < Infinity;
    if (!allowed) {
      const expected = logits ? "logits that are finite or -Infinity" : "finite weights >= 0";
      const found = `${value} at index ${start + i}`;
      throw new ArgumentError({ op: "categorical", argument: "weights", expected, found });
    }
    if (value > largest) largest = value;
  }
  if (largest === (logits ? -Infinity : 0)) {
    const expected = "at least one possible class in each row";
    throw new ArgumentError({ op: "categorical", argument: "weights", expected, found: `none in row ${row}` });
  }
  let sum = 0;
  for (let i = 0; i < sums.length; i++) {
    const value = weights[start + i] as number;
    // Scaling by the largest weight keeps the total finite; it cancels below.
    sum += logits ? exp(value - largest) : value / largest;
    sums[i] = sum;
  }
}

/** First index whose running sum exceeds `target`: never a class of weight 0, which adds nothing to the sum. */
function search(sums: Float64Array, target: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] as number) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Class numbers drawn with the probabilities of each row of `weights` (row-major, `[rows, classes]`), by inversion of
 * the cumulative sums. Probabilities are divided by their row's sum, so plain weights serve as well. The result is
 * row-major `[rows, draws]`.
 */
export function categoricalValues(key: Key, weights: ArrayLike<number>, options: CategoricalOptions = {}): Int32Array {
  const { classes = weights.length, draws = 1, from = "logits" } = options;
  checkDraw("categorical", key, draws, "draws");
  if (!Number.isInteger(classes) || classes < 1 || weights.length % classes !== 0) {
    const expected = `a whole number >= 1 that divides the ${weights.length} weights`;
    throw new ArgumentError({ op: "categorical", argument: "classes", expected, found: String(classes) });
  }
  const rows = weights.length / classes;
  const values = new Int32Array(rows * draws);
  const sums = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    cumulate(weights, row, from === "logits", sums);
    const total = sums[classes - 1] as number;
    for (let draw = 0; draw < draws; draw++) {
      const at = row * draws + draw;
      values[at] = search(sums, unitAt(key, 0, at) * total);
    }
  }
  return values;
}
