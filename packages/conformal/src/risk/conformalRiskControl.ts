import { checkPositive } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { checkLambdas, checkRisk, firstAbove, type LossMatrix, makeMonotone, readLosses, sumOf } from "./losses.ts";

/** Options of `conformalRiskControl`. */
export interface ConformalRiskControlOptions {
  /** The largest expected loss that is allowed, above 0 and below `bound`. */
  readonly alpha: number;
  /** No loss is ever above this. Default 1. */
  readonly bound?: number;
  /** Replace losses that rise with lambda by the largest later loss instead of throwing E_MONOTONE. Default false. */
  readonly monotonize?: boolean;
}

/**
 * The chosen setting and what it rests on. A promise about an expected loss has no `level`: `adjustedRisk`, at most
 * alpha, takes its place, unless there is a `reason`.
 */
export interface RiskControl {
  /** The chosen setting: the smallest whose `adjustedRisk` is at most alpha. */
  readonly lambda: number;
  /** Its position among the lambdas. */
  readonly index: number;
  /** Mean loss of the calibration points there. */
  readonly risk: number;
  /** `(n risk + bound) / (n + 1)`: the mean loss when the next point is as bad as can be. */
  readonly adjustedRisk: number;
  /** Number of calibration points. */
  readonly n: number;
  /** The expected loss of a new point is at most this. */
  readonly alpha: number;
  readonly guarantee: Extract<Guarantee, "marginal">;
  /** Set when no adjusted risk is small enough, so that the last lambda is used, where no loss is above alpha. */
  readonly reason?: "only-lambda-max";
}

/** Sums this close above a limit (relative) reach it: rounding put them there. */
const SNAP = 1e-9;

/**
 * Conformal risk control: the smallest lambda at which the EXPECTED loss of a new exchangeable point is at most alpha,
 * for any loss that never rises with lambda: misses of a set, false negative rate, distance, cost. With the 0/1 loss of
 * a threshold it is split conformal prediction.
 *
 * The last lambda must be safe: every loss there at most alpha, which is checked on the calibration points and must
 * hold for all others too. Losses at lambdas between those given are not looked at; the guarantee holds for the grid.
 *
 * @param losses losses of the calibration points `[n, lambdas]`, each row nonincreasing, none above `bound`
 * @param lambdas settings, ascending
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_MONOTONE, E_RANGE: also when a loss at the
 *   last lambda is above alpha
 * @see Angelopoulos, Bates, Fisch, Lei, Schuster, Conformal risk control (2024), theorem 1; section 2 for `monotonize`
 */
export function conformalRiskControl(
  losses: LossMatrix,
  lambdas: ArrayLike<number>,
  options: ConformalRiskControlOptions,
): RiskControl {
  const { alpha, bound = 1, monotonize = false } = options;
  const where = "conformalRiskControl";
  checkPositive(where, "bound", bound);
  checkRisk(where, alpha, bound);
  checkLambdas(where, lambdas);
  const read = readLosses(where, losses, { settings: lambdas.length, least: -Infinity, largest: bound });
  makeMonotone(where, read, monotonize);
  const { points: n, columns } = read;
  const last = columns.length - 1;
  const unsafe = firstAbove(columns[last] as Float64Array, alpha);
  if (unsafe >= 0) {
    const text = `${where}: the loss at the last lambda must be at most alpha = ${alpha} for every point`;
    throw new ConformalError("E_RANGE", `${text}, but losses[${unsafe}][${last}] is ${columns[last]![unsafe]}`, unsafe);
  }
  const allowed = alpha * (n + 1);
  const limit = allowed * (1 + SNAP);
  // Sums fall along the lambdas, so the first that is small enough can be found by halving.
  let low = 0;
  let high = columns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sumOf(columns[middle] as Float64Array) + bound <= limit) high = middle;
    else low = middle + 1;
  }
  const index = Math.min(low, last);
  const sum = sumOf(columns[index] as Float64Array);
  return Object.freeze({
    lambda: lambdas[index] as number,
    index,
    risk: sum / n,
    adjustedRisk: (sum + bound) / (n + 1),
    n,
    alpha,
    guarantee: "marginal",
    ...(low > last ? { reason: "only-lambda-max" as const } : {}),
  });
}
