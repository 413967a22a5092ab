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
  /** Row i as a checked probability vector in doubles, a copy. */
  row(i: number): Float64Array;
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
      row: (i) => {
        const row = nested[i] as ArrayLike<unknown>;
        if (typeof row !== "object" || row === null) {
          throw new ConformalError("E_PROBS", `${rules.where}: row ${i} must be an array, got ${String(row)}`, i);
        }
        checkLength(rules.where, `row ${i}`, row.length, classes);
        return readRow(row, rules, i);
      },
    };
  }
  const { data, rows, classes } = readBuffer(matrix as Exclude<ProbabilityMatrix, readonly unknown[]>, rules.where);
  return {
    count: rows,
    classes,
    raw: (i) => sliceOf(data, i * classes, (i + 1) * classes),
    row: (i) => readRow(data, rules, i, i * classes, classes),
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
export function readRow(
  data: ArrayLike<unknown>,
  rules: RowRules,
  index?: number,
  start = 0,
  classes: number = data.length,
): Float64Array {
  const { where, normalize } = rules;
  const name = index === undefined ? "the row" : `row ${index}`;
  const fail = (code: "E_NAN" | "E_PROBS", text: string): ConformalError =>
    new ConformalError(code, `${where}: ${name} ${text}`, index);
  if (classes === 0) throw fail("E_PROBS", "has no classes");
  const row = new Float64Array(classes);
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const p = data[start + c];
    if (typeof p !== "number") throw fail("E_PROBS", `must hold numbers, got ${typeof p} for class ${c}`);
    if (Number.isNaN(p)) throw fail("E_NAN", `has NaN for class ${c}`);
    if (!(p >= 0 && p < Infinity)) throw fail("E_PROBS", `must hold probabilities >= 0, got ${p} for class ${c}`);
    row[c] = p;
    sum += p;
  }
  if (normalize) {
    if (!(sum > 0 && sum < Infinity)) throw fail("E_PROBS", `must have a positive finite sum, got ${sum}`);
    for (let c = 0; c < classes; c++) row[c] = (row[c] as number) / sum;
    return row;
  }
  const tolerance = data instanceof Float32Array ? TOLERANCE_FLOAT32 : TOLERANCE_FLOAT64;
  if (Math.abs(sum - 1) > tolerance) {
    throw fail("E_PROBS", `must sum to 1 within ${tolerance}, got ${sum}; pass normalize: true to divide by the sum`);
  }
  return row;
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
  if (shape?.length !== 2 || typeof data !== "object" || data === null || !("length" in data)) {
    const found = shape === undefined ? "no shape" : `[${shape.join(", ")}]`;
    throw new ConformalError("E_PROBS", `${where}: needs a matrix of shape [rows, classes], got ${found}`);
  }
  const [rows, classes] = shape as readonly [number, number];
  const buffer = data as ArrayLike<unknown>;
  checkLength(where, `the data of shape [${rows}, ${classes}]`, buffer.length, rows * classes);
  return { data: buffer, rows, classes };
}
