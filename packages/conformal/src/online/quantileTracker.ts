import { checkAlpha, checkAtLeast, checkFinite, checkPositive, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type OnlineMethod, onlineMethod, thresholdOf } from "./method.ts";
import type { Saved } from "./saved.ts";

/** Options of `quantileTracker`. */
export interface QuantileTrackerOptions {
  /** Target share of uncovered scores, strictly between 0 and 1. */
  readonly alpha: number;
  /** Step size, positive, in units of the score; a tenth of the usual range of scores is a good start. */
  readonly eta: number;
  /** The first threshold. Default 0. */
  readonly q0?: number;
  /** Step t has size `eta t^-decay`, 0 <= decay < 1. Default 0; 0.6 settles down on a stream without shifts. */
  readonly decay?: number;
}

/**
 * Quantile tracking: the threshold rises by `eta (1 - alpha)` after an uncovered score and falls by `eta alpha` after a
 * covered one. It needs no calibration set, is never infinite, and for bounded scores the share of uncovered ones is
 * within `trackerBound` of alpha whatever the scores do. With a decaying step it also converges where there is
 * something to converge to.
 *
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE
 * @see Angelopoulos, Candès, Tibshirani, Conformal PID control for time series prediction (2023), section 2.1;
 *   Angelopoulos, Barber, Bates, Online conformal prediction with decaying step sizes (2024)
 */
export function quantileTracker(options: QuantileTrackerOptions): OnlineMethod {
  checkRule("quantileTracker", options);
  return start(options, options.q0 ?? 0, 0);
}

/** The method that `toJSON` described. */
export function trackerFromSaved(options: Saved, state: Saved): OnlineMethod {
  const rule = { alpha: options.number("alpha"), eta: options.number("eta"), decay: options.number("decay") };
  checkRule(options.where, rule);
  const threshold = state.number("threshold");
  checkFinite(state.where, "threshold", threshold);
  return start(rule, threshold, state.whole("steps", 0));
}

function start({ alpha, eta, decay = 0 }: QuantileTrackerOptions, first: number, taken: number): OnlineMethod {
  let threshold = first;
  let steps = taken;
  return onlineMethod({
    method: "quantileTracker",
    alpha,
    guarantee: "long-run",
    threshold: () => thresholdOf(threshold),
    learn(_, covered) {
      steps++;
      threshold += stepSize(eta, decay, steps) * ((covered ? 0 : 1) - alpha);
    },
    options: () => ({ alpha, eta, decay }),
    state: () => ({ threshold, steps }),
  });
}

/** What `trackerBound` needs to know beside the options of the method. */
export interface TrackerBoundOptions extends QuantileTrackerOptions {
  /** All scores are in [0, bound]. */
  readonly bound: number;
}

/**
 * How far the share of uncovered scores among the first `steps` can be from alpha, for any scores in [0, bound]. The
 * threshold never leaves `[-eta alpha, bound + eta (1 - alpha)]`; with a constant step the distance is therefore at
 * most `max(bound - q0 + eta (1 - alpha), q0 + eta alpha) / (eta steps)`, and with a decaying one at most
 * `(bound + eta) / (eta_T steps)`, where eta_T is the last step. The constant-step bound is never above the
 * `(bound + eta) / (eta steps)` of the paper.
 *
 * @param steps number of scores, a whole number >= 1
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE: also when q0 is outside [0, bound]
 * @see Angelopoulos, Candès, Tibshirani (2023), proposition 1; Angelopoulos, Barber, Bates (2024), theorem 1
 */
export function trackerBound(steps: number, options: TrackerBoundOptions): number {
  const { alpha, eta, q0 = 0, decay = 0, bound } = options;
  checkWhole("trackerBound", "steps", steps, 1);
  checkRule("trackerBound", options);
  checkAtLeast("trackerBound", "bound", bound, 0);
  if (q0 < 0 || q0 > bound) {
    throw new ConformalError("E_RANGE", `trackerBound: q0 must be in [0, ${bound}], got ${q0}`);
  }
  if (decay === 0) return Math.max(bound - q0 + eta * (1 - alpha), q0 + eta * alpha) / (eta * steps);
  return (bound + eta) / (stepSize(eta, decay, steps) * steps);
}

function stepSize(eta: number, decay: number, step: number): number {
  return decay === 0 ? eta : eta * step ** -decay;
}

function checkRule(where: string, { alpha, eta, q0 = 0, decay = 0 }: QuantileTrackerOptions): void {
  checkAlpha(where, alpha);
  checkPositive(where, "eta", eta);
  checkFinite(where, "q0", q0);
  if (!(decay >= 0 && decay < 1)) {
    throw new ConformalError("E_RANGE", `${where}: decay must be in [0, 1), got ${decay}`);
  }
}
