import { checkWhole } from "./checks.ts";

const TWO_26 = 2 ** 26;
const TWO_53 = 2 ** 53;

// The bits of one double at a time, through one buffer: a view for each row would cost more than its hash.
const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
/** Where the low half of a double is: 0, or 1 on a big-endian machine, on which 1.0 begins with its high half. */
const LOW = new Int32Array(Float64Array.of(1).buffer)[0] === 0 ? 0 : 1;
const HIGH = 1 - LOW;

/**
 * A uniform number in [0, 1) that is a function of the seed and the numbers of a row alone: the same row gets the same
 * number in any batch and any order, on every platform. The bits come from two MurmurHash3 (x86, 32 bit) values, with
 * hash seeds 0 and 0x9e3779b9, of the seed (8 bytes) and the row (doubles), both little-endian.
 *
 * Used as the `u` of randomised scores. Any fixed function of the row keeps split conformal prediction valid, because
 * calibration and test points go through the same function: the guarantee doesn't rest on the quality of the hash.
 *
 * @param seed whole number >= 0
 * @param row numbers without NaN; -0 counts as 0
 * @throws ConformalError E_RANGE for a bad seed
 */
export function rowUniform(seed: number, row: ArrayLike<number>): number {
  checkWhole("rowUniform", "seed", seed, 0);
  const seedLow = seed | 0;
  const seedHigh = Math.floor(seed / 2 ** 32);
  let a = absorb(absorb(0, mix(seedLow)), mix(seedHigh));
  let b = absorb(absorb(0x9e3779b9, mix(seedLow)), mix(seedHigh));
  for (let i = 0; i < row.length; i++) {
    double[0] = (row[i] as number) + 0;
    const low = mix(words[LOW] as number);
    const high = mix(words[HIGH] as number);
    a = absorb(absorb(a, low), high);
    b = absorb(absorb(b, low), high);
  }
  const bytes = 8 * (1 + row.length);
  // 27 bits of one hash above 26 bits of the other: a double of 53 random bits.
  return ((finish(a, bytes) >>> 5) * TWO_26 + (finish(b, bytes) >>> 6)) / TWO_53;
}

/**
 * A stream of uniform numbers in [0, 1), each a hash of the seed and its position: the same numbers on every platform.
 *
 * @param seed whole number >= 0
 * @throws ConformalError E_RANGE for a bad seed
 */
export function uniformStream(seed: number): () => number {
  checkWhole("uniformStream", "seed", seed, 0);
  const position = [0];
  return () => {
    const u = rowUniform(seed, position);
    position[0] = (position[0] as number) + 1;
    return u;
  };
}

/** MurmurHash3 (Austin Appleby, public domain algorithm): what a 32-bit block is before the state absorbs it. */
function mix(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

function absorb(state: number, mixed: number): number {
  const h = state ^ mixed;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(state: number, bytes: number): number {
  let h = state ^ bytes;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
