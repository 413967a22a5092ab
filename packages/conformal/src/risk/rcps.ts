import { checkLevel, checkPositive } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { checkLambdas, checkRisk, firstAbove, type LossMatrix, makeMonotone, readLosses, sumOf } from "./losses.ts";
import { type UpperConfidenceBound, hoeffdingBentkusBound } from "./upperBounds.ts";

/** Options of `rcps`. */
export interface RcpsOptions {
  /** The largest expected loss that is allowed, above 0 and below `bound`. */
  readonly alpha: number;
  /** The probability, over the calibration points, with which it may be exceeded; strictly between 0 and 1. */
  readonly delta: number;
  /** Losses are in [0, bound]. Default 1. */
  readonly bound?: number;
  /** The upper confidence bound on the mean of losses scaled to [0, 1]. Default `hoeffdingBentkusBound`. */
  readonly upperConfidenceBound?: UpperConfidenceBound;
  /** Replace losses that rise with lambda by the largest later loss instead of throwing E_MONOTONE. Default false. */
  readonly monotonize?: boolean;
}

/** The chosen setting and what it rests on: `upperBound` is what the promise about the risk rests on. */
export interface RiskControllingSets {
  /** The chosen setting: the smallest from which on every upper bound is at most alpha. */
  readonly lambda: number;
  /** Its position among the lambdas. */
  readonly index: number;
  /** Mean loss of the calibration points there. */
  readonly risk: number;
  /** Upper confidence bound on the expected loss there. */
  readonly upperBound: number;
  /** Number of calibration points. */
  readonly n: number;
  readonly alpha: number;
  readonly delta: number;
  readonly guarantee: Extract<Guarantee, "pac">;
  /** Set when even the last bound is above alpha, so that the last lambda is used, where no loss is above alpha. */
  readonly reason?: "only-lambda-max";
}

/**
 * Risk-controlling prediction sets: the smallest lambda whose expected loss is at most alpha with probability at least
 * `1 - delta` over the calibration points, for a loss that never rises with lambda. From the last lambda downward, as
 * long as the upper confidence bound is at most alpha; because the risk is monotone, one bound at level delta is
 * enough for the whole walk.
 *
 * Unlike `conformalRiskControl`, which bounds the mean over many calibrations, this one makes a promise about yours.
 *
 * @param losses losses of the calibration points `[n, lambdas]`, in [0, bound], each row nonincreasing
 * @param lambdas settings, ascending
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_MONOTONE, E_RANGE: also when no bound is at
 *   most alpha and a loss at the last lambda is above alpha
 * @see Bates, Angelopoulos, Lei, Malik, Jordan, Distribution-free, risk-controlling prediction sets (2021), theorem 1
 */
export function rcps(losses: LossMatrix, lambdas: ArrayLike<number>, options: RcpsOptions): RiskControllingSets {
  const { alpha, delta, bound = 1, upperConfidenceBound = hoeffdingBentkusBound, monotonize = false } = options;
  checkPositive("rcps", "bound", bound);
  checkRisk("rcps", alpha, bound);
  checkLevel("rcps", "delta", delta);
  checkLambdas("rcps", lambdas);
  const read = readLosses("rcps", losses, { settings: lambdas.length, least: 0, largest: bound });
  makeMonotone("rcps", read, monotonize);
  const { points: n, columns } = read;
  const boundAt = (j: number): number =>
    bound *
    upperConfidenceBound(
      (columns[j] as Float64Array).map((x) => x / bound),
      delta,
    );
  const last = columns.length - 1;
  let index = last;
  let upperBound = boundAt(last);
  const certified = upperBound <= alpha;
  if (!certified) {
    const unsafe = firstAbove(columns[last] as Float64Array, alpha);
    if (unsafe >= 0) {
      const text = `rcps: no upper bound is at most alpha = ${alpha}, and the last lambda is no way out`;
      throw new ConformalError("E_RANGE", `${text}: losses[${unsafe}][${last}] is ${columns[last]![unsafe]}`, unsafe);
    }
  }
  while (certified && index > 0) {
    const next = boundAt(index - 1);
    if (!(next <= alpha)) break;
    index--;
    upperBound = next;
  }
  return Object.freeze({
    lambda: lambdas[index] as number,
    index,
    risk: sumOf(columns[index] as Float64Array) / n,
    upperBound,
    n,
    alpha,
    delta,
    guarantee: "pac",
    ...(certified ? {} : { reason: "only-lambda-max" as const }),
  });
}
