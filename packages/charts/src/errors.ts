/**
 * What was wrong.
 *
 * - `E_LENGTH`: two lists that belong together differ in length.
 * - `E_RANGE`: a number, or a count of things, outside its domain: a value that is not positive on a logarithmic axis, more
 *   lines than can be told apart, a negative count.
 */
export type ChartErrorCode = "E_LENGTH" | "E_RANGE";

/** Bad input to a function of this package. */
export class ChartError extends Error {
  override readonly name = "ChartError";
  /** What was wrong, for programs. */
  readonly code: ChartErrorCode;
  /** Position of the first offending element, where the fault has a position. */
  readonly index: number | undefined;

  constructor(code: ChartErrorCode, message: string, index?: number) {
    super(message);
    this.code = code;
    this.index = index;
  }
}

/** Throws E_LENGTH unless the two lengths agree. */
export function checkLength(where: string, name: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new ChartError("E_LENGTH", `${where}: ${name} must have ${expected} elements, got ${found}`);
  }
}

/** Throws E_RANGE unless a number is whole and in `least`..`most`. */
export function checkWhole(where: string, name: string, value: number, least: number, most: number = Infinity): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Infinity ? `>= ${least}` : `in ${least}..${most}`;
  throw new ChartError("E_RANGE", `${where}: ${name} must be a whole number ${range}, got ${value}`);
}
