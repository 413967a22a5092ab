import { ConformalError } from "./errors.ts";
import { checkLength } from "./checks.ts";

/**
 * Rows of class probabilities, `[rows, classes]`: nested arrays, a row-major buffer with its shape, or anything that
 * offers `shape` and `dataSync()`, such as a host tensor of `@parsimony/core-tensor` or TensorFlow.js.
 */
export type ProbabilityMatrix =
  | readonly ArrayLike<number>[]
  | { readonly data: ArrayLike<number>; readonly shape: readonly number[] }
  | { readonly shape: readonly number[]; dataSync(): ArrayLike<number> | ArrayLike<bigint> | ArrayLike<string> };

/** How rows are checked. */
export interface RowRules {
  /** The function to name in errors. */
  readonly where: string;
  /** Divide every row by its sum instead of asking for a sum of 1. */
  readonly normalize: boolean;
}

/** Sums of double rows are off by rounding alone. */
const TOLERANCE_FLOAT64 = 1e-6;
/** A softmax in single precision (2^-24 = 6e-8 relative for each of perhaps a thousand terms) is further off. */
const TOLERANCE_FLOAT32 = 1e-4;

/** A matrix whose rows are read one at a time, so that no second copy of it is held. */
export interface RowSource {
  /** Number of rows. */
  readonly count: number;
  /** Length of every row; 0 when there are no nested rows to tell. */
  readonly classes: number;
  /** Row i as a checked probability vector in doubles: a copy, written to `into` `[classes]` where one is given. */
  row(i: number, into?: Float64Array): Float64Array;
  /** Row i as it was given, unchecked and perhaps a view. */
  raw(i: number): ArrayLike<unknown>;
}

/** Opens a matrix for reading row by row; lengths are checked here, values in `row`. */
export function openRows(matrix: ProbabilityMatrix, rules: RowRules): RowSource {
  if (Array.isArray(matrix)) {
    const nested = matrix as readonly ArrayLike<unknown>[];
    const classes = nested[0]?.length ?? 0;
    return {
      count: nested.length,
      classes,
      raw: (i) => nested[i] as ArrayLike<unknown>,
      row: (i, into = new Float64Array(classes)) => {
        const row = nested[i] as ArrayLike<unknown>;
        if (typeof row !== "object" || row === null) {
          throw new ConformalError("E_PROBS", `${rules.where}: row ${i} must be an array, got ${String(row)}`, i);
        }
        if (row.length !== classes) checkLength(rules.where, `row ${i}`, row.length, classes);
        return fillRow(into, row, 0, rules, i);
      },
    };
  }
  const { data, rows, classes } = readBuffer(matrix as Exclude<ProbabilityMatrix, readonly unknown[]>, rules.where);
  return {
    count: rows,
    classes,
    raw: (i) => sliceOf(data, i * classes, (i + 1) * classes),
    row: (i, into = new Float64Array(classes)) => fillRow(into, data, i * classes, rules, i),
  };
}

/** The rows of a matrix as checked probability vectors in doubles, each a copy. */
export function readRows(matrix: ProbabilityMatrix, rules: RowRules): Float64Array[] {
  const source = openRows(matrix, rules);
  return Array.from({ length: source.count }, (_, i) => source.row(i));
}

/** Part of a buffer, of the same element type: single precision is checked with more room. */
function sliceOf(data: ArrayLike<unknown>, start: number, end: number): ArrayLike<unknown> {
  if (data instanceof Float64Array || data instanceof Float32Array) return data.subarray(start, end);
  return Array.from({ length: end - start }, (_, c) => data[start + c]);
}

/**
 * One probability vector, checked and copied to doubles.
 *
 * @param index row number for errors, where the row is one of many
 */
export function readRow(data: ArrayLike<unknown>, rules: RowRules, index?: number): Float64Array {
  return fillRow(new Float64Array(data.length), data, 0, rules, index);
}

/** Fills `row` from `start` on. Nothing is allocated for a good row: this runs once for each row of a matrix. */
function fillRow(
  row: Float64Array,
  data: ArrayLike<unknown>,
  start: number,
  rules: RowRules,
  index: number | undefined,
): Float64Array {
  const classes = row.length;
  if (classes === 0) throw badRow(rules, index, "E_PROBS", "has no classes");
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const p = data[start + c];
    // One comparison for what is no number, NaN, negative or infinite; which of them it is, is told apart on failure.
    if (!(typeof p === "number" && p >= 0 && p < Infinity)) throw badProbability(rules, index, p, c);
    row[c] = p;
    sum += p;
  }
  if (rules.normalize) {
    if (!(sum > 0 && sum < Infinity)) {
      throw badRow(rules, index, "E_PROBS", `must have a positive finite sum, got ${sum}`);
    }
    for (let c = 0; c < classes; c++) row[c] = (row[c] as number) / sum;
    return row;
  }
  const tolerance = data instanceof Float32Array ? TOLERANCE_FLOAT32 : TOLERANCE_FLOAT64;
  if (Math.abs(sum - 1) > tolerance) {
    const text = `must sum to 1 within ${tolerance}, got ${sum}; pass normalize: true to divide by the sum`;
    throw badRow(rules, index, "E_PROBS", text);
  }
  return row;
}

function badProbability(rules: RowRules, index: number | undefined, p: unknown, c: number): ConformalError {
  if (typeof p !== "number")
    return badRow(rules, index, "E_PROBS", `must hold numbers, got ${typeof p} for class ${c}`);
  if (Number.isNaN(p)) return badRow(rules, index, "E_NAN", `has NaN for class ${c}`);
  return badRow(rules, index, "E_PROBS", `must hold probabilities >= 0, got ${p} for class ${c}`);
}

function badRow(
  { where }: RowRules,
  index: number | undefined,
  code: "E_NAN" | "E_PROBS",
  text: string,
): ConformalError {
  return new ConformalError(code, `${where}: ${index === undefined ? "the row" : `row ${index}`} ${text}`, index);
}

function readBuffer(
  matrix: Exclude<ProbabilityMatrix, readonly unknown[]>,
  where: string,
): { data: ArrayLike<unknown>; rows: number; classes: number } {
  const members: { readonly shape?: readonly number[]; readonly data?: unknown } =
    typeof matrix === "object" && matrix !== null ? matrix : {};
  // A tensor may have an asynchronous `data` method beside `dataSync`, so `dataSync` is looked at first.
  const data: unknown =
    "dataSync" in members && typeof members.dataSync === "function" ? members.dataSync() : members.data;
  const { shape } = members;
  const whole = shape?.every((size) => Number.isInteger(size) && size >= 0);
  if (shape?.length !== 2 || whole !== true || typeof data !== "object" || data === null || !("length" in data)) {
    const found = shape === undefined ? "no shape" : `[${shape.join(", ")}]`;
    throw new ConformalError("E_PROBS", `${where}: needs a matrix of shape [rows, classes], got ${found}`);
  }
  const [rows, classes] = shape as readonly [number, number];
  const buffer = data as ArrayLike<unknown>;
  checkLength(where, `the data of shape [${rows}, ${classes}]`, buffer.length, rows * classes);
  return { data: buffer, rows, classes };
}
