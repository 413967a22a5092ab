import { checkAlpha, checkAtLeast, checkFinite, checkPositive, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type OnlineMethod, onlineMethod, thresholdOf } from "./method.ts";
import type { Saved } from "./saved.ts";

/** The functions that `conformalPid` takes from the user; they are not saved with it. */
export interface ConformalPidFunctions {
  /** Forecasts the next score from all earlier ones (possibly none), which it must not change. Default: 0. */
  readonly scorecaster?: (scores: readonly number[]) => number;
  /**
   * The integrator: what to add to the threshold when after `steps` scores the uncovered ones exceed their share by
   * `excess`. Nondecreasing in `excess`; +-Infinity where it is saturated. Default: `tangentSaturation`.
   */
  readonly saturation?: (excess: number, steps: number) => number;
}

/** Options of `conformalPid`. */
export interface ConformalPidOptions extends ConformalPidFunctions {
  /** Target share of uncovered scores, strictly between 0 and 1. */
  readonly alpha: number;
  /** Step size of the quantile tracking, >= 0, in units of the score. */
  readonly eta: number;
  /** Size of the integrator, >= 0, in units of the score; the usual range of scores is a good start. */
  readonly kI: number;
  /** How much excess the integrator bears before it saturates, positive. Default 1. */
  readonly cSat?: number;
  /** The first threshold of the tracking. Default 0. */
  readonly q0?: number;
}

/**
 * Conformal PID control: the sum of a tracked quantile (P), an integrator of the excess of uncovered scores (I), and a
 * forecast of the next score (D). The integrator saturates: it covers everything or nothing when the excess becomes too
 * large, which bounds the share of uncovered scores for any scores at all, see `pidBound`.
 *
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE
 * @see Angelopoulos, Candès, Tibshirani, Conformal PID control for time series prediction (2023), section 2
 */
export function conformalPid(options: ConformalPidOptions): OnlineMethod {
  checkRule("conformalPid", options);
  return start(options, { threshold: options.q0 ?? 0, steps: 0, uncovered: 0, scores: [] });
}

/** The method that `toJSON` described; its functions are passed in again. */
export function pidFromSaved(options: Saved, state: Saved, functions: ConformalPidFunctions): OnlineMethod {
  const rule = {
    alpha: options.number("alpha"),
    eta: options.number("eta"),
    kI: options.number("kI"),
    cSat: options.number("cSat"),
  };
  checkRule(options.where, rule);
  for (const name of ["scorecaster", "saturation"] as const) {
    if ((options.number(name) === 1) !== (functions[name] !== undefined)) {
      const text = functions[name] === undefined ? "needs the" : "was saved without a";
      throw new ConformalError("E_JSON", `${options.where}: the saved conformalPid ${text} ${name} function`);
    }
  }
  const threshold = state.number("threshold");
  checkFinite(state.where, "threshold", threshold);
  const steps = state.whole("steps", 0);
  const uncovered = state.whole("uncovered", 0);
  const scores = state.numbers("scores", functions.scorecaster === undefined ? 0 : steps);
  return start({ ...rule, ...functions }, { threshold, steps, uncovered, scores });
}

interface PidState {
  threshold: number;
  steps: number;
  uncovered: number;
  /** All scores, kept for the scorecaster only. */
  scores: number[];
}

function start(options: ConformalPidOptions, first: PidState): OnlineMethod {
  const { alpha, eta, kI, cSat = 1, scorecaster } = options;
  const saturation = options.saturation ?? tangentSaturation({ kI, cSat });
  const now = first;
  return onlineMethod({
    method: "conformalPid",
    alpha,
    guarantee: options.saturation === undefined && kI > 0 ? "long-run" : "none",
    threshold() {
      const integral = now.steps === 0 ? 0 : saturation(now.uncovered - alpha * now.steps, now.steps);
      const forecast = scorecaster === undefined ? 0 : scorecaster(now.scores);
      if (Number.isNaN(integral)) throw new ConformalError("E_NAN", "conformalPid: saturation returned NaN");
      checkFinite("conformalPid", "the forecast", forecast);
      if (!Number.isFinite(integral)) return thresholdOf(integral, { reason: "saturated" });
      return thresholdOf(now.threshold + integral + forecast);
    },
    learn(score, covered) {
      now.steps++;
      if (!covered) now.uncovered++;
      now.threshold += eta * ((covered ? 0 : 1) - alpha);
      if (scorecaster !== undefined) now.scores.push(score);
    },
    options: () => ({
      alpha,
      eta,
      kI,
      cSat,
      scorecaster: scorecaster === undefined ? 0 : 1,
      saturation: options.saturation === undefined ? 0 : 1,
    }),
    state: () => ({ ...now, scores: [...now.scores] }),
  });
}

/** Options of `tangentSaturation`, as in `conformalPid`. */
export type TangentSaturationOptions = Pick<ConformalPidOptions, "kI" | "cSat">;

/**
 * The integrator of the paper: `kI tan(excess log(steps) / (steps cSat))`, infinite from a right angle on.
 *
 * @throws ConformalError E_NAN, E_RANGE
 */
export function tangentSaturation(options: TangentSaturationOptions): (excess: number, steps: number) => number {
  const { kI, cSat = 1 } = options;
  checkAtLeast("tangentSaturation", "kI", kI, 0);
  checkPositive("tangentSaturation", "cSat", cSat);
  return (excess, steps) => {
    if (kI === 0 || excess === 0) return 0;
    const angle = (excess * Math.log(steps)) / (steps * cSat);
    if (Math.abs(angle) >= Math.PI / 2) return angle > 0 ? Infinity : -Infinity;
    return kI * Math.tan(angle);
  };
}

/** The excess at which the integrator saturates. */
function largestExcess(steps: number, cSat: number): number {
  return steps <= 1 ? Infinity : ((Math.PI / 2) * cSat * steps) / Math.log(steps);
}

/** Options of `pidBound`, as in `conformalPid`. */
export type PidBoundOptions = Pick<ConformalPidOptions, "alpha" | "cSat">;

/**
 * How far the share of uncovered scores among the first `steps` can be from alpha, for any scores whatever, with the
 * tangent integrator: the largest excess that can arise when it must fall once saturated, divided by `steps`. About
 * `1.6 cSat / log(steps)`: a slow bound, but one without a bound on the scores, the forecasts or the tracking.
 *
 * @param steps number of scores, a whole number >= 1
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE
 * @see Angelopoulos, Candès, Tibshirani (2023), section 2.2: the argument, here followed step by step
 */
export function pidBound(steps: number, options: PidBoundOptions): number {
  const { alpha, cSat = 1 } = options;
  checkWhole("pidBound", "steps", steps, 1);
  checkAlpha("pidBound", alpha);
  checkPositive("pidBound", "cSat", cSat);
  let above = 1 - alpha;
  let below = alpha;
  for (let t = 1; t < steps; t++) {
    const limit = largestExcess(t, cSat);
    above = next(above, limit, 1 - alpha, alpha);
    below = next(below, limit, alpha, 1 - alpha);
  }
  return Math.max(above, below) / steps;
}

/** The largest excess one step on: it rises by `up` while under the limit, and falls by `down` from there. */
function next(excess: number, limit: number, up: number, down: number): number {
  return excess < limit ? excess + up : Math.max(excess - down, limit + up);
}

function checkRule(where: string, { alpha, eta, kI, cSat = 1, q0 = 0 }: ConformalPidOptions): void {
  checkAlpha(where, alpha);
  checkAtLeast(where, "eta", eta, 0);
  checkAtLeast(where, "kI", kI, 0);
  checkPositive(where, "cSat", cSat);
  checkFinite(where, "q0", q0);
}
