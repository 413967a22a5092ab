import { ArgumentError } from "../errors.ts";
import { checkDraw, wholeBelow } from "./bits.ts";
import type { Key } from "./key.ts";

/** Largest number of things to choose from: their indices fit an Int32Array. */
const most = 2 ** 31;

/**
 * `count` different indices in [0, size) in random order: a choice without replacement. Every sequence is equally
 * likely (the Fisher-Yates shuffle from the front, stopped after `count` steps), and a smaller choice is the
 * beginning of a larger one.
 */
export function choiceIndices(key: Key, size: number, count: number): Int32Array {
  checkDraw("choice", key, size, "size");
  if (size > most) {
    throw new ArgumentError({ op: "choice", argument: "size", expected: "at most 2^31", found: String(size) });
  }
  if (!Number.isInteger(count) || count < 0 || count > size) {
    const expected = `a whole number in [0, ${size}], as nothing is chosen twice`;
    throw new ArgumentError({ op: "choice", argument: "count", expected, found: String(count) });
  }
  const indices = new Int32Array(size);
  for (let i = 0; i < size; i++) indices[i] = i;
  for (let i = 0; i < count; i++) {
    const other = i + wholeBelow(key, i, size - i);
    const chosen = indices[other] as number;
    indices[other] = indices[i] as number;
    indices[i] = chosen;
  }
  return indices.slice(0, count);
}

/** The numbers 0 … size - 1 in random order: `values[permutation[i]]` shuffles `values`. */
export function permutationIndices(key: Key, size: number): Int32Array {
  return choiceIndices(key, size, size);
}
