import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { uniformStream } from "../base/random.ts";
import type { Scores } from "../quantile/quantile.ts";
import { shuffled } from "./shuffle.ts";
import type { LawVerdict } from "./verdict.ts";

/** Options of `exchangeabilityCheck`. */
export interface ExchangeabilityCheckOptions {
  /** Random divisions to compare with. Default 999: the least p-value is 0.001. */
  readonly permutations?: number;
  /** Seed of the divisions, a whole number >= 0. Default 0. */
  readonly seed?: number;
  /** Probability of failing exchangeable data. Default 0.01. */
  readonly risk?: number;
}

/** Verdict of `exchangeabilityCheck`. */
export interface ExchangeabilityVerdict extends LawVerdict {
  /** The largest distance between the two distribution functions, in [0, 1]. */
  readonly statistic: number;
  /** Exact: at most p with probability at most p, for exchangeable scores. */
  readonly pValue: number;
}

/**
 * Are test scores drawn like the calibration scores? Compares the two empirical distribution functions (two-sample
 * Kolmogorov-Smirnov statistic) with those of random divisions of the pooled scores, which gives an exact p-value, ties
 * or not. Unlike the other laws this one judges data and not a procedure, and `risk` is the rate of false alarms. It
 * says nothing about order within the test scores.
 *
 * @throws ConformalError E_EMPTY_CALIBRATION for no scores on a side, E_NAN, E_RANGE
 */
export function exchangeabilityCheck(
  calibration: Scores,
  tests: Scores,
  options: ExchangeabilityCheckOptions = {},
): ExchangeabilityVerdict {
  const law = "exchangeabilityCheck";
  const { permutations = 999, seed = 0, risk = 0.01 } = options;
  checkWhole(law, "permutations", permutations, 1);
  if (calibration.length === 0 || tests.length === 0) {
    throw new ConformalError("E_EMPTY_CALIBRATION", `${law}: needs scores on both sides`);
  }
  const pooled = [...calibration, ...tests];
  const bad = pooled.findIndex(Number.isNaN);
  if (bad >= 0) throw new ConformalError("E_NAN", `${law}: score ${bad} of both together is NaN`, bad);
  const order = pooled.map((_, i) => i).sort((a, b) => compare(pooled[a] as number, pooled[b] as number));
  const isTest = order.map((i) => (i >= calibration.length ? 1 : 0));
  const ends = order.map((i, k) => k + 1 === order.length || pooled[i] !== pooled[order[k + 1] as number]);
  const n = calibration.length;
  const m = tests.length;
  const observed = largestGap(isTest, ends, n, m);
  const uniform = uniformStream(seed);
  let asLarge = 1;
  const positions = order.map((_, k) => k);
  const fewer = Math.min(n, m);
  for (let k = 0; k < permutations; k++) {
    // Draws the members of the smaller side.
    const drawn = Array<number>(n + m).fill(m <= n ? 0 : 1);
    for (const position of shuffled(positions, uniform, fewer)) drawn[position] = m <= n ? 1 : 0;
    if (largestGap(drawn, ends, n, m) >= observed) asLarge++;
  }
  const pValue = asLarge / (permutations + 1);
  const statistic = observed / (n * m);
  const message = `distribution functions of ${n} and ${m} scores differ by ${statistic.toFixed(3)}, p = ${pValue}`;
  return { law, holds: pValue > risk, message, statistic, pValue };
}

/** `n m` times the Kolmogorov-Smirnov distance: a whole number, so that equal distances compare equal. */
function largestGap(isTest: readonly number[], ends: readonly boolean[], n: number, m: number): number {
  let below = 0;
  let largest = 0;
  isTest.forEach((test, k) => {
    below += test;
    if (ends[k]) largest = Math.max(largest, Math.abs(n * below - m * (k + 1 - below)));
  });
  return largest;
}

/** Unlike a difference, right for two infinite scores. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
