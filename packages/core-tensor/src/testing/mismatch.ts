import type { TensorData } from "../tensor/tensor.ts";

/** The first element, in row-major order, in which two tensors differ by more than is allowed. */
export interface Mismatch {
  readonly index: readonly number[];
  readonly actual: number | bigint;
  readonly expected: number | bigint;
  /** How many elements differ, of how many. */
  readonly count: number;
  readonly size: number;
  /** Largest absolute difference over all elements; NaN when one side alone is NaN somewhere. */
  readonly largest: number;
}

/** Compares row-major data of equal shape; int64 values are compared exactly when `within` refuses their numbers. */
export function firstMismatch(
  actual: TensorData,
  expected: TensorData,
  shape: readonly number[],
  within: (actual: number, expected: number) => boolean,
): Mismatch | undefined {
  let first = -1;
  let count = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] as number | bigint;
    const e = expected[i] as number | bigint;
    if (a === e || (typeof a === "number" && typeof e === "number" && within(a, e))) continue;
    if (typeof a === "bigint" && typeof e === "bigint" && Number(a) !== Number(e) && within(Number(a), Number(e)))
      continue;
    if (first < 0) first = i;
    count++;
    largest = Math.max(largest, Math.abs(Number(a) - Number(e)));
  }
  if (first < 0) return undefined;
  const both = { actual: actual[first] as number | bigint, expected: expected[first] as number | bigint };
  return { index: unravel(first, shape), ...both, count, size: expected.length, largest };
}

function unravel(flat: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const dim = shape[axis] as number;
    index[axis] = rest % dim;
    rest = Math.floor(rest / dim);
  }
  return index;
}

/** `element [1, 0]: 2, expected 2.1 (1 of 4 elements differ, by up to 0.1)` */
export function formatMismatch({ index, actual, expected, count, size, largest }: Mismatch): string {
  const where = `element [${index.join(", ")}]: ${formatNumber(actual)}, expected ${formatNumber(expected)}`;
  return `${where} (${count} of ${size} elements differ, by up to ${largest})`;
}

/** A number as JavaScript writes it, negative zero too. */
export function formatNumber(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
