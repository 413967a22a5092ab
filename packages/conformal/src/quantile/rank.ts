import { checkAlpha, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";

/** Products this close to a whole number (relative, absolute below 1) are that number: rounding put them beside it. */
const SNAP = 1e-9;

/**
 * The conformal rank `k = ceil((n + 1)(1 - alpha))`, in 1..n+1: the k-th smallest of `n` calibration scores covers a
 * new exchangeable score with probability at least `1 - alpha`. The rank `n + 1` says that no calibration score is
 * large enough (`n < 1/alpha - 1`); it is never lowered to `n`, which would void the guarantee.
 *
 * `(n + 1) * (1 - alpha)` in doubles can fall just above a whole number, and a bare `Math.ceil` is then one too high;
 * products within a relative 1e-9 of a whole number are taken as that number, so alpha means the decimal you wrote.
 *
 * @param n number of calibration scores, a whole number >= 0
 * @param alpha allowed miscoverage, strictly between 0 and 1
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Papadopoulos et al., Inductive confidence machines for regression (2002); Lei et al.,
 *   Distribution-free predictive inference for regression (2018)
 */
export function conformalRank(n: number, alpha: number): number {
  checkWhole("conformalRank", "n", n, 0);
  checkAlpha("conformalRank", alpha);
  const product = (n + 1) * (1 - alpha);
  const nearest = Math.round(product);
  const rank = Math.abs(product - nearest) <= SNAP * Math.max(1, product) ? nearest : Math.ceil(product);
  return Math.max(1, rank);
}

/**
 * Does a share of a total reach `1 - alpha`? The same rounding rule as `conformalRank`, for weighted counts. Weights may
 * differ by more than counts do, so that what is missing must be close to a share of alpha as well.
 */
export function reaches(mass: number, total: number, alpha: number): boolean {
  const relative = mass >= (1 - alpha) * total * (1 - SNAP);
  return relative && mass >= (1 - alpha * (1 + SNAP)) * total * (1 - 2 ** -52);
}

/**
 * The allowed miscoverage for a wanted coverage: `1 - confidence`.
 *
 * @param confidence wanted coverage, strictly between 0 and 1, such as 0.9
 * @throws ConformalError E_ALPHA
 */
export function alphaFromConfidence(confidence: number): number {
  if (typeof confidence !== "number" || !(confidence > 0 && confidence < 1)) {
    throw new ConformalError(
      "E_ALPHA",
      `alphaFromConfidence: confidence must be strictly between 0 and 1, got ${confidence}`,
    );
  }
  return 1 - confidence;
}
