/**
 * Keys of the random functions. A key is plain data that names a stream of random numbers; nothing is remembered
 * between calls. Draw from a key once, and make new keys with `split` or `foldIn` for further draws: two draws
 * from one key are the same numbers seen twice.
 */
import { ArgumentError } from "../errors.ts";
import { threefry2x32 } from "./threefry.ts";

/** Two unsigned 32-bit words. */
export interface Key {
  readonly hi: number;
  readonly lo: number;
}

/**
 * First counter words of the blocks that make new keys. Draws count their first word (the stream, see bits.ts) up from
 * zero, so a key's draws and its descendants never come from the same block.
 */
const splitStream = 0xffffffff;
const foldStream = 0xfffffffe;

const wordCount = 2 ** 32;

function isWord(x: unknown): boolean {
  return typeof x === "number" && Number.isInteger(x) && x >= 0 && x < wordCount;
}

/** Refuses what is no key. */
export function checkKey(op: string, key: Key): void {
  if (!(isWord(key?.hi) && isWord(key.lo))) {
    const found = key === null || typeof key !== "object" ? String(key) : `{ hi: ${key.hi}, lo: ${key.lo} }`;
    throw new ArgumentError({ op, argument: "key", expected: "a key as made by key(), split() or foldIn()", found });
  }
}

function derive(key: Key, stream: number, index: number): Key {
  const words = new Uint32Array(2);
  threefry2x32(key.hi, key.lo, stream, index, words);
  return { hi: words[0] as number, lo: words[1] as number };
}

/** The key of a seed: a whole number that is a safe integer, or a bigint in [-2^63, 2^64). Equal seeds, equal keys. */
export function key(seed: number | bigint): Key {
  const whole = typeof seed === "bigint" || Number.isSafeInteger(seed);
  const wide = whole ? BigInt(seed) : 0n;
  if (!whole || wide < -(2n ** 63n) || wide >= 2n ** 64n) {
    const expected = "a safe integer, or a bigint in [-2^63, 2^64)";
    throw new ArgumentError({ op: "key", argument: "seed", expected, found: String(seed) });
  }
  const bits = BigInt.asUintN(64, wide);
  return { hi: Number(bits >> 32n), lo: Number(bits & 0xffffffffn) };
}

/** `count` new keys, independent of each other and of draws from `key`. A larger split begins with the smaller one. */
export function split(key: Key, count = 2): Key[] {
  checkKey("split", key);
  if (!Number.isInteger(count) || count < 0 || count >= wordCount) {
    throw new ArgumentError({ op: "split", argument: "count", expected: "a whole number >= 0", found: String(count) });
  }
  return Array.from({ length: count }, (_, index) => derive(key, splitStream, index));
}

/** The new key that belongs to a number, for example to a step or a layer: a whole number in [0, 2^32). */
export function foldIn(key: Key, data: number): Key {
  checkKey("foldIn", key);
  if (!isWord(data)) {
    throw new ArgumentError({
      op: "foldIn",
      argument: "data",
      expected: "a whole number in [0, 2^32)",
      found: String(data),
    });
  }
  return derive(key, foldStream, data);
}
