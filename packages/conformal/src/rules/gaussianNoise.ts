import { rowUniform } from "../base/random.ts";

const TWO_32 = 2 ** 32;

/**
 * A stream of standard normal numbers, a function of the seed and a row of numbers: rows get independent noise, equal
 * rows the same. Pairs by Marsaglia's polar method from xoshiro128** (Blackman and Vigna, public domain algorithm),
 * which is some ten times faster than hashing each number.
 *
 * @param seed whole number >= 0
 */
export function gaussianNoise(seed: number, row: ArrayLike<number> = []): () => number {
  const bits = Float64Array.of(rowUniform(seed, row), 0);
  const state = Int32Array.from([0, 1, 2, 3], (i) => {
    bits[1] = i;
    return Math.floor(rowUniform(seed, bits) * TWO_32);
  });
  state[0] = (state[0] as number) | 1; // Never all zero.
  let [a = 1, b = 0, c = 0, d = 0] = state;
  const next = (): number => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled;
  };
  /** Uniform in (-1, 1), 53 bits. */
  const symmetric = (): number => ((next() >> 5) * 2 ** 26 + (next() >>> 6) + 0.5) * 2 ** -52;
  let spare = 0;
  let hasSpare = false;
  return () => {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    for (;;) {
      const x = symmetric();
      const y = symmetric();
      const r = x * x + y * y;
      if (r >= 1 || r === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(r)) / r);
      spare = y * scale;
      hasSpare = true;
      return x * scale;
    }
  };
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
