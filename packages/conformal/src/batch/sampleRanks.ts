import { checkSizes } from "./sumLaw.ts";

/**
 * A rank vector `r_1 <= ... <= r_m` in 1..n+1, uniform on the C(n + m, m) such vectors: m positions are drawn from
 * 1..n+m WITHOUT replacement, and the i-th smallest, less i - 1, is r_i. Drawing ranks independently from 1..n+1 is a
 * different law with lighter tails, and quantiles from it are too low.
 *
 * @param uniform gives numbers in [0, 1), such as `uniformStream(seed)`; m are used
 * @throws ConformalError E_RANGE
 */
export function sampleRanks(n: number, m: number, uniform: () => number): number[] {
  checkSizes("rankLaw.sample", n, m);
  return positions(n + m, m, uniform).map((position, i) => position - i + 1);
}

/**
 * Ascending positions in 0..count-1 of a uniform subset (Floyd's algorithm, Communications of the ACM 30, 1987).
 */
function positions(count: number, size: number, uniform: () => number): number[] {
  const chosen = new Set<number>();
  for (let top = count - size; top < count; top++) {
    const drawn = Math.floor(uniform() * (top + 1));
    chosen.add(chosen.has(drawn) ? top : drawn);
  }
  return [...chosen].sort((a, b) => a - b);
}
