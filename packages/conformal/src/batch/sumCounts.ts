import { ConformalError } from "../base/errors.ts";
import { binomialCoefficient } from "./allowance.ts";

/** Limbs of 51 bits: a sum of two and a carry is still exact in a double. */
const BASE = 2 ** 51;
const LIMB_BITS = 51n;
/** Steps on limbs that take about half a minute, and limbs that take about a gigabyte. */
const MOST_STEPS = 2e10;
const MOST_LIMBS = 6e7;

/** Exact cumulative counts of `U = sum(r_i - 1)` over all sorted rank vectors of H(n, m). */
export interface SumCounts {
  /** Number of vectors, C(n + m, m). */
  readonly total: bigint;
  /** Number of vectors with `U <= u`, for whole u from -1 to nm. */
  atMost(u: number): bigint;
}

/**
 * Counts by the Gaussian binomial `prod_{i=1..m} (1 - x^(n+i)) / (1 - x^i)`: for each i one pass of exact additions and
 * subtractions over the lower half of the coefficients (the upper half is its mirror image), on integers of several
 * limbs in flat arrays.
 *
 * @throws ConformalError E_RANGE where the counts would take minutes or gigabytes
 */
export function sumCounts(n: number, m: number): SumCounts {
  const few = Math.min(n, m);
  const many = Math.max(n, m);
  const total = binomialCoefficient(n + m, m);
  const half = Math.floor((n * m) / 2);
  const limbs = limbsOf(total);
  if (few * half * limbs > MOST_STEPS || half * limbs > MOST_LIMBS) {
    const hint = 'use method: "montecarlo", which is valid for any size';
    throw new ConformalError("E_RANGE", `the exact law of rank sums is too large for n = ${n}, m = ${m}: ${hint}`);
  }
  let counts = new Float64Array((half + 1) * limbs);
  let next = new Float64Array((half + 1) * limbs);
  counts[0] = 1;
  let size = 1n;
  for (let i = 1; i <= few; i++) {
    size = (size * BigInt(many + i)) / BigInt(i);
    multiply(counts, next, {
      divisor: i,
      factor: many + i,
      last: Math.min(half, many * i),
      used: limbsOf(size),
      limbs,
    });
    [counts, next] = [next, counts];
  }
  accumulate(counts, half, limbs);
  const atMost = (u: number): bigint => {
    if (u < 0) return 0n;
    if (u >= n * m) return total;
    return u <= half ? valueAt(counts, u * limbs, limbs) : total - atMost(n * m - 1 - u);
  };
  return { total, atMost };
}

interface Pass {
  readonly divisor: number;
  readonly factor: number;
  readonly last: number;
  readonly used: number;
  readonly limbs: number;
}

/** `to = from * (1 - x^factor) / (1 - x^divisor)` up to `x^last`. What the arrays hold beyond is 0 or never read. */
function multiply(from: Float64Array, to: Float64Array, { divisor, factor, last, used, limbs }: Pass): void {
  for (let u = 0; u <= last; u++) {
    const here = u * limbs;
    const added = (u - divisor) * limbs;
    const removed = (u - factor) * limbs;
    let carry = 0;
    for (let l = 0; l < used; l++) {
      let sum = (from[here + l] as number) + carry;
      if (added >= 0) sum += to[added + l] as number;
      if (removed >= 0) sum -= from[removed + l] as number;
      carry = 0;
      if (sum >= BASE) {
        sum -= BASE;
        carry = 1;
      } else if (sum < 0) {
        sum += BASE;
        carry = -1;
      }
      to[here + l] = sum;
    }
  }
}

function accumulate(counts: Float64Array, last: number, limbs: number): void {
  for (let u = 1; u <= last; u++) {
    let carry = 0;
    for (let l = 0; l < limbs; l++) {
      const sum = (counts[u * limbs + l] as number) + (counts[(u - 1) * limbs + l] as number) + carry;
      carry = sum >= BASE ? 1 : 0;
      counts[u * limbs + l] = sum - carry * BASE;
    }
  }
}

function limbsOf(size: bigint): number {
  return Math.ceil((4 * size.toString(16).length) / Number(LIMB_BITS));
}

function valueAt(counts: Float64Array, start: number, limbs: number): bigint {
  let value = 0n;
  for (let l = limbs - 1; l >= 0; l--) value = (value << LIMB_BITS) + BigInt(counts[start + l] as number);
  return value;
}
