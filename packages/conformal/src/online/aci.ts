import { checkAlpha, checkFinite, checkPositive, checkUnit, checkWhole } from "../base/checks.ts";
import {
  type OnlineCalibrationOptions,
  calibrationOf,
  readCalibration,
  savedCalibration,
  thresholdAtLevel,
} from "./level.ts";
import { type OnlineMethod, onlineMethod } from "./method.ts";
import type { Saved } from "./saved.ts";

/** The rule by which `aci` moves its level. */
export interface AciRule {
  /** Target share of uncovered outcomes, strictly between 0 and 1. */
  readonly alpha: number;
  /** Step size, positive: larger adapts faster and swings more. Default 0.005. */
  readonly gamma?: number;
  /** The first working level, in [0, 1]. Default `alpha`. */
  readonly alpha1?: number;
}

/** Options of `aci`. */
export interface AciOptions extends AciRule, OnlineCalibrationOptions {}

const DEFAULT_GAMMA = 0.005;

/**
 * Adaptive conformal inference: conformal quantiles at a working level `alpha_t` that rises by `gamma alpha` after a
 * covered outcome and falls by `gamma (1 - alpha)` after an uncovered one. At levels <= 0 everything is covered, at
 * levels >= 1 nothing. Whatever the scores do, the share of uncovered ones after T steps is within `aciBound(T)` of
 * alpha.
 *
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE
 * @see Gibbs and Candès, Adaptive conformal inference under distribution shift (2021), algorithm of section 2
 */
export function aci(options: AciOptions): OnlineMethod {
  checkRule("aci", options);
  return start(options, options.alpha1 ?? options.alpha);
}

/** The method that `toJSON` described. */
export function aciFromSaved(options: Saved, state: Saved): OnlineMethod {
  const rule = { alpha: options.number("alpha"), gamma: options.number("gamma") };
  checkRule(options.where, rule);
  const level = state.number("level");
  checkFinite(state.where, "level", level);
  return start({ ...rule, ...readCalibration(state) }, level);
}

function start(options: AciOptions, first: number): OnlineMethod {
  const { alpha, gamma = DEFAULT_GAMMA, window } = options;
  const calibration = calibrationOf(alpha, options);
  let level = first;
  return onlineMethod({
    method: "aci",
    alpha,
    guarantee: "long-run",
    threshold: () => thresholdAtLevel(calibration, level),
    learn(score, covered) {
      level = aciUpdate(level, covered, { alpha, gamma });
      calibration.insert(score);
    },
    options: () => ({ alpha, gamma }),
    state: () => ({ level, ...savedCalibration(calibration, window) }),
  });
}

/**
 * One step of the level of `aci`: `level + gamma (alpha - 1)` after an uncovered outcome, `level + gamma alpha` after a
 * covered one. For sets of your own making, with everything covered at levels <= 0 and nothing at levels >= 1.
 */
export function aciUpdate(level: number, covered: boolean, rule: AciRule): number {
  const { alpha, gamma = DEFAULT_GAMMA } = rule;
  return level + gamma * (alpha - (covered ? 0 : 1));
}

/**
 * How far the share of uncovered outcomes among the first `steps` can be from alpha, for any sequence whatever:
 * `max(alpha1 + gamma (1 - alpha), 1 - alpha1 + gamma alpha) / (gamma steps)`, because the level stays within
 * `[-gamma (1 - alpha), 1 + gamma alpha]`. The bound of the paper, `(max(alpha1, 1 - alpha1) + gamma) / (gamma steps)`,
 * is this one with both excesses rounded up to gamma.
 *
 * @param steps number of outcomes, a whole number >= 1
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE
 * @see Gibbs and Candès (2021), proposition 4.1
 */
export function aciBound(steps: number, rule: AciRule): number {
  const { alpha, gamma = DEFAULT_GAMMA, alpha1 = alpha } = rule;
  checkWhole("aciBound", "steps", steps, 1);
  checkRule("aciBound", rule);
  return Math.max(alpha1 + gamma * (1 - alpha), 1 - alpha1 + gamma * alpha) / (gamma * steps);
}

function checkRule(where: string, { alpha, gamma = DEFAULT_GAMMA, alpha1 = alpha }: AciRule): void {
  checkAlpha(where, alpha);
  checkPositive(where, "gamma", gamma);
  checkUnit(where, "alpha1", alpha1);
}
