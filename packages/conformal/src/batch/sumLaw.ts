import { checkWhole } from "../base/checks.ts";
import { allowedCount, binomialCoefficient, ratio } from "./allowance.ts";
import { type SumCounts, sumCounts } from "./sumCounts.ts";

/**
 * The law `[nm + 1]` of `U = sum(r_i - 1)` over the rank vectors of a batch: entry u is `P(U = u)`, rounded from exact
 * counts. It is also the null law of the Mann-Whitney statistic. The sum of the ranks themselves is `U + m`.
 *
 * @param n number of calibration scores, >= 0
 * @param m size of the batch, >= 1
 * @throws ConformalError E_RANGE, also where the counts would take minutes
 */
export function sumLaw(n: number, m: number): Float64Array {
  checkSizes("rankLaw.sum", n, m);
  const { total, atMost } = sumCounts(n, m);
  const law = new Float64Array(n * m + 1);
  let below = 0n;
  for (let u = 0; 2 * u <= n * m; u++) {
    const upTo = atMost(u);
    law[u] = ratio(upTo - below, total);
    law[n * m - u] = law[u] as number;
    below = upTo;
  }
  return law;
}

/** Which rank vectors an upper bound on a mean has to allow for. */
export interface AcceptedRanks {
  /** Largest accepted sum of m ranks; Infinity when every vector is accepted. */
  readonly rankSum: number;
  /** Largest accepted single rank: n + 1, or n where vectors with rank n + 1 come last. */
  readonly largestRank: number;
  /** Probability of the accepted vectors, at least `1 - alpha`. */
  readonly level: number;
}

/** Throws E_RANGE unless n >= 0 and m >= 1 are whole numbers. */
export function checkSizes(where: string, n: number, m: number): void {
  checkWhole(where, "n", n, 0);
  checkWhole(where, "m", m, 1);
}

/** The fewest vectors of smallest rank sum whose share of H(n, m) is at least `1 - alpha`. */
export function acceptBySum(n: number, m: number, alpha: number): AcceptedRanks {
  const counts = sumCounts(n, m);
  const u = leastReaching(counts, n * m, counts.total - allowedCount(counts.total, alpha));
  return { rankSum: u + m, largestRank: n + 1, level: ratio(counts.atMost(u), counts.total) };
}

/** Are the vectors without rank n + 1, a share of n/(n + m), enough for the level? */
export function canAvoidLastRank(n: number, m: number, alpha: number): boolean {
  return n >= 1 && BigInt(m) <= allowedCount(BigInt(n + m), alpha);
}

/**
 * The fewest vectors whose share of H(n, m) is at least `1 - alpha`, in the order of their rank sums but with those that
 * hold rank n + 1 last. Needs `canAvoidLastRank`.
 */
export function acceptWithoutLastRank(n: number, m: number, alpha: number): AcceptedRanks {
  const total = binomialCoefficient(n + m, m);
  const counts = sumCounts(n - 1, m);
  const u = leastReaching(counts, (n - 1) * m, total - allowedCount(total, alpha));
  return { rankSum: u + m, largestRank: n, level: ratio(counts.atMost(u), total) };
}

/** The least u in 0..last whose cumulative count is at least `needed`, by bisection. */
function leastReaching(counts: SumCounts, last: number, needed: bigint): number {
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (counts.atMost(middle) >= needed) high = middle;
    else low = middle + 1;
  }
  return low;
}
