import { binomialCdf } from "../base/binomial.ts";
import { checkLevel, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { selectInPlace } from "../base/select.ts";
import { type Scores, checkedCopy } from "./quantile.ts";

/** Probabilities this close (relative) to delta count as delta, so that delta means the decimal you wrote. */
const SNAP = 1e-12;

/**
 * The largest number of calibration errors that still proves an error rate of at most `alpha`: the largest `k` with
 * `P(Binomial(n, alpha) <= k) <= delta`, or null when not even zero errors are proof, because `(1 - alpha)^n > delta`.
 *
 * If a predictor errs with a probability above `alpha`, it makes at most `k` errors on `n` independent calibration points
 * with probability at most `delta`.
 *
 * @param n number of calibration points, a whole number >= 0
 * @param alpha allowed error rate, strictly between 0 and 1
 * @param delta probability with which the calibration points may mislead, strictly between 0 and 1
 * @throws ConformalError E_RANGE for n, E_ALPHA for alpha and delta
 * @see Vovk, Conditional validity of inductive conformal predictors (2012), proposition 2a; Park et al., PAC confidence
 *   sets for deep neural networks via calibrated prediction (2020)
 */
export function binomialTailK(n: number, alpha: number, delta: number): number | null {
  checkWhole("binomialTailK", "n", n, 0);
  checkPacLevels("binomialTailK", alpha, delta);
  const limit = delta * (1 + SNAP);
  if (binomialCdf(0, n, alpha) > limit) return null;
  let low = 0;
  let high = n; // P(X <= n) = 1 > delta
  while (high - low > 1) {
    const k = (low + high) >>> 1;
    if (binomialCdf(k, n, alpha) <= limit) low = k;
    else high = k;
  }
  return low;
}

/** A threshold with a guarantee about the calibration set at hand. */
export interface PacThreshold {
  /** A new score is covered when it is <= `value`; Infinity when there are too few calibration scores. */
  readonly value: number;
  /** Which calibration score it is, 1 = the smallest; n + 1 when none is large enough. */
  readonly rank: number;
  /** Number of calibration scores. */
  readonly n: number;
  /** Calibration scores that may lie above the threshold, `binomialTailK(n, alpha, delta)`. */
  readonly k: number | null;
  /** Is `value` a finite number? */
  readonly finite: boolean;
  /**
   * The attained confidence `1 - P(Binomial(n, alpha) <= k)`, at least `1 - delta`: with this probability over the
   * calibration scores, new scores are covered with a probability of at least `1 - alpha`. 1 at rank n + 1.
   */
  readonly level: number;
  readonly guarantee: Extract<Guarantee, "pac">;
  /** Why no calibration score serves as threshold. */
  readonly reason?: "too-few-calibration";
}

/**
 * A threshold that new scores exceed with a probability of at most `alpha`, for this calibration set, unless the
 * calibration set is one of the misleading ones, which have a probability of at most `delta`. It is the
 * `(n - k)`-th smallest score with `k = binomialTailK(n, alpha, delta)`, and needs independent scores of one law, where
 * `conformalQuantile` needs exchangeable ones.
 *
 * @param scores calibration scores; infinite ones are allowed, NaN is not; not modified, order doesn't matter
 * @param alpha allowed error rate, strictly between 0 and 1
 * @param delta probability with which the calibration scores may mislead, strictly between 0 and 1
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_NAN
 */
export function pacThreshold(scores: Scores, alpha: number, delta: number): PacThreshold {
  checkPacLevels("pacThreshold", alpha, delta);
  const n = scores.length;
  if (n === 0) throw new ConformalError("E_EMPTY_CALIBRATION", "pacThreshold: needs at least one score, got none");
  const copy = checkedCopy("pacThreshold", scores, Infinity);
  const k = binomialTailK(n, alpha, delta);
  if (k === null) {
    const reason = "too-few-calibration";
    return Object.freeze({ value: Infinity, rank: n + 1, n, k, finite: false, level: 1, guarantee: "pac", reason });
  }
  const value = selectInPlace(copy, n - k);
  const level = 1 - binomialCdf(k, n, alpha);
  return Object.freeze({ value, rank: n - k, n, k, finite: Number.isFinite(value), level, guarantee: "pac" });
}

/** Throws E_ALPHA unless both levels of a PAC statement are strictly between 0 and 1. */
export function checkPacLevels(where: string, alpha: number, delta: number): void {
  checkLevel(where, "alpha", alpha);
  checkLevel(where, "delta", delta);
}
