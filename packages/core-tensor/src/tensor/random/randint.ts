import { ArgumentError } from "../errors.ts";
import { checkDraw, wholeBelow } from "./bits.ts";
import type { Key } from "./key.ts";

export interface RandintOptions {
  /** Smallest possible number; 0 if not given. */
  readonly min?: number;
  /** Upper bound, never reached. */
  readonly max: number;
}

/** Whole numbers in [min, max), each exactly equally likely. Both bounds are safe integers at most 2^53 apart. */
export function randintValues(key: Key, count: number, options: RandintOptions): Float64Array {
  const { min = 0, max } = options;
  checkDraw("randint", key, count);
  const found = `min ${min}, max ${max}`;
  if (!Number.isSafeInteger(min)) {
    throw new ArgumentError({ op: "randint", argument: "min", expected: "a safe integer", found });
  }
  if (!Number.isSafeInteger(max) || max <= min || max - min > 2 ** 53) {
    const expected = "a safe integer above min, at most 2^53 away from it";
    throw new ArgumentError({ op: "randint", argument: "max", expected, found });
  }
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = min + wholeBelow(key, i, max - min);
  return values;
}
