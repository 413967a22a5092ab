import { checkWhole } from "../base/checks.ts";
import { betaBinomialLaw } from "../base/countLaw.ts";
import { ConformalError } from "../base/errors.ts";
import { allowedLoss } from "./allowance.ts";

/** A conformal rank with the probability that the test rank is at most it. */
export interface RankQuantile {
  /** In 1..n+1. */
  readonly rank: number;
  /** `P(R <= rank)`, at least `1 - alpha`. */
  readonly level: number;
}

/** Throws E_RANGE unless n >= 0, m >= 1 and 1 <= zeta <= m are whole numbers. */
export function checkOrderStatistic(where: string, n: number, m: number, zeta: number): void {
  checkWhole(where, "n", n, 0);
  checkWhole(where, "m", m, 1);
  checkWhole(where, "zeta", zeta, 1);
  if (zeta > m) throw new ConformalError("E_RANGE", `${where}: zeta must be at most m = ${m}, got ${zeta}`);
}

/**
 * The law `[n + 1]` of the conformal rank of the `zeta`-th smallest of m test scores among n calibration scores: entry
 * `k - 1` is the probability of rank k, for k = 1..n+1. The rank less one is BetaBinomial(n, zeta, m - zeta + 1).
 *
 * @throws ConformalError E_RANGE
 * @see Lee, Tchetgen Tchetgen, Dobriban, Batch predictive inference (arXiv 2409.13990), for the law of the rank vector
 */
export function orderStatisticLaw(n: number, m: number, zeta: number): Float64Array {
  checkOrderStatistic("rankLaw.orderStatistic", n, m, zeta);
  return betaBinomialLaw(n, zeta, m - zeta + 1);
}

/**
 * The least rank k with `P(R_zeta <= k) >= 1 - alpha`. Decided in doubles where their error bound leaves no doubt, and
 * in fixed-point integers where it does.
 */
export function orderStatisticQuantile(n: number, m: number, zeta: number, alpha: number): RankQuantile {
  const law = betaBinomialLaw(n, zeta, m - zeta + 1);
  const allowed = allowedLoss(alpha);
  // Four roundings for each step away from the mode, one for each term of a sum, twice because of the division by the
  // total: together less than 12 for each of the n + 3 steps.
  const error = 12 * (n + 3) * 2 ** -53;
  let tail = 0;
  let k = n + 1;
  while (k > 1 && tail + (law[k - 1] as number) <= allowed * (1 - error)) tail += law[--k] as number;
  // Ranks from k on surely lose little enough; k - 1 would lose this much:
  const next = tail + (k > 1 ? (law[k - 1] as number) : 1);
  if (k > 1 && next <= allowed * (1 + error)) return fixedPointQuantile(n, m, zeta, allowed);
  return { rank: k, level: 1 - tail };
}

const FIXED_BITS = 192;

/**
 * The same with terms as integers on a scale where the largest is 2^192. Every step away from the mode multiplies by a
 * ratio below 1 and rounds down, so that a term is at most its distance from the mode too small, and a sum of terms at
 * most n^2, which is under 2^-100 of the whole. A loss that even this can't tell from the allowed one is refused.
 */
function fixedPointQuantile(n: number, m: number, zeta: number, allowed: number): RankQuantile {
  const b = m - zeta + 1;
  const terms = fixedPointTerms(n, zeta, b);
  const total = terms.reduce((sum, term) => sum + term, 0n);
  const slack = BigInt(n + 1) ** 2n;
  const limit = BigInt(Math.floor(allowed * 2 ** 60));
  const isAllowed = (tail: bigint): boolean => (tail + slack) << 60n <= limit * total;
  let tail = 0n;
  let k = n + 1;
  while (k > 1 && isAllowed(tail + (terms[k - 1] as bigint))) tail += terms[--k] as bigint;
  const lost = Number((tail << 64n) / total) / 2 ** 64;
  return { rank: k, level: 1 - lost };
}

function fixedPointTerms(n: number, a: number, b: number): bigint[] {
  const terms = Array<bigint>(n + 1).fill(0n);
  const up = (j: number): [bigint, bigint] => [BigInt(n - j) * BigInt(a + j), BigInt(j + 1) * BigInt(b + n - j - 1)];
  let low = 0;
  let high = n;
  while (low < high) {
    const j = (low + high) >>> 1;
    const [over, under] = up(j);
    if (over > under) low = j + 1;
    else high = j;
  }
  terms[low] = 1n << BigInt(FIXED_BITS);
  for (let j = low; j < n && terms[j] !== 0n; j++) {
    const [over, under] = up(j);
    terms[j + 1] = ((terms[j] as bigint) * over) / under;
  }
  for (let j = low; j > 0 && terms[j] !== 0n; j--) {
    const [over, under] = up(j - 1);
    terms[j - 1] = ((terms[j] as bigint) * under) / over;
  }
  return terms;
}
