/**
 * From keys to bits and to numbers in the unit interval. The 64-bit counter of a block has two words: the *stream*
 * and the element's index. Element i of a draw reads the blocks (0, i), (1, i), … only, so it depends on the key and
 * on i alone: a longer draw begins with the shorter one, and an element that needs more numbers than another (a
 * rejection, say) shifts nobody else's.
 */
import { ArgumentError } from "../errors.ts";
import { checkKey, type Key } from "./key.ts";
import { threefry2x32 } from "./threefry.ts";

const words = new Uint32Array(2);

// Written as quotients because ECMAScript does not promise that `2 ** -53` is exact.
const toUnit26 = 1 / 0x4000000;
const toUnit27 = 1 / 0x8000000;
const two53 = 0x20000000000000;
const toUnit52 = 2 / two53;
const toUnit53 = 1 / two53;

/** A multiple of 2^-53 in [0, 1), each equally likely. */
export function unitAt(key: Key, stream: number, index: number): number {
  threefry2x32(key.hi, key.lo, stream, index, words);
  return ((words[0] as number) >>> 5) * toUnit27 + ((words[1] as number) >>> 6) * toUnit53;
}

/** An odd multiple of 2^-53 in (0, 1), each equally likely: never 0 or 1, and symmetric about 1/2. */
export function openUnitAt(key: Key, stream: number, index: number): number {
  threefry2x32(key.hi, key.lo, stream, index, words);
  return ((words[0] as number) >>> 6) * toUnit26 + (((words[1] as number) >>> 6) * toUnit52 + toUnit53);
}

/** A whole number in [0, n) without bias, for 1 <= n <= 2^53, by rejection; reads streams 0, 1, … of the element. */
export function wholeBelow(key: Key, index: number, n: number): number {
  const limit = two53 - (two53 % n);
  for (let stream = 0; ; stream++) {
    const bits = unitAt(key, stream, index) * two53;
    if (bits < limit) return bits % n;
  }
}

/** Refuses a bad key or a bad number of elements: what every drawing function checks first. */
export function checkDraw(op: string, key: Key, count: number, argument = "count"): void {
  checkKey(op, key);
  if (!Number.isInteger(count) || count < 0 || count > 2 ** 32) {
    throw new ArgumentError({ op, argument, expected: "a whole number in [0, 2^32]", found: String(count) });
  }
}

/** `length` random 32-bit words. Two neighbours share a block. */
export function randomBits(key: Key, length: number): Uint32Array {
  checkDraw("randomBits", key, length, "length");
  const bits = new Uint32Array(length);
  for (let i = 0; i < length; i += 2) {
    threefry2x32(key.hi, key.lo, 0, i >>> 1, words);
    bits[i] = words[0] as number;
    if (i + 1 < length) bits[i + 1] = words[1] as number;
  }
  return bits;
}
