import { checkAlpha, checkFinite, checkPositive, checkUnit, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import {
  type OnlineCalibrationOptions,
  calibrationOf,
  levelCovers,
  readCalibration,
  savedCalibration,
  thresholdAtLevel,
} from "./level.ts";
import { type OnlineMethod, onlineMethod } from "./method.ts";
import type { Saved } from "./saved.ts";

/** Options of `dtAci`. */
export interface DtAciOptions extends OnlineCalibrationOptions {
  /** Target share of uncovered outcomes, strictly between 0 and 1. */
  readonly alpha: number;
  /** Step sizes of the experts, positive. Default 0.001, 0.002, 0.004, ..., 0.128. */
  readonly gammas?: readonly number[];
  /** Length of the stretches over which the method competes with the best step size, a whole number >= 1. Default 500. */
  readonly interval?: number;
  /** Share of the weight that is spread over all experts at each step, in [0, 1]. Default `1 / (2 interval)`. */
  readonly sigma?: number;
  /** Rate of the exponential weights, positive. Default: the rate of the regret bound for `interval`. */
  readonly eta?: number;
}

/** The step sizes of the paper's experiments. */
export const DEFAULT_GAMMAS: readonly number[] = Object.freeze([
  0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128,
]);

interface Expert {
  readonly gamma: number;
  level: number;
  /** Share of the weight; the shares of all experts sum to 1. */
  weight: number;
}

/**
 * Dynamically-tuned adaptive conformal inference: `aci` with many step sizes at once, each expert weighted by how well
 * its level predicted the p-values of the scores (pinball loss, exponential weights with a fixed share), and the
 * weighted mean of the levels as working level. There is no step size to choose. The regret over every stretch of
 * `interval` steps is bounded; the share of uncovered outcomes has no bound as exact as `aciBound`, hence guarantee
 * `none`.
 *
 * The paper's other variant, one level drawn at random by weight, is left out: a mean needs no randomness.
 *
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE
 * @see Gibbs and Candès, Conformal inference for online prediction with arbitrary distribution shifts (2024), algorithm
 *   1 with the mean of the levels as output, and their choice of sigma and eta
 */
export function dtAci(options: DtAciOptions): OnlineMethod {
  const { alpha, gammas = DEFAULT_GAMMAS, interval = 500 } = options;
  checkAlpha("dtAci", alpha);
  checkGammas("dtAci", gammas);
  checkWhole("dtAci", "interval", interval, 1);
  const { sigma = 1 / (2 * interval), eta = dtAciRate(alpha, gammas.length, interval) } = options;
  const experts = gammas.map((gamma) => ({ gamma, level: alpha, weight: 1 / gammas.length }));
  return start({ alpha, sigma, eta, calibration: options, experts });
}

/** The method that `toJSON` described. */
export function dtAciFromSaved(options: Saved, state: Saved): OnlineMethod {
  const alpha = options.number("alpha");
  checkAlpha(options.where, alpha);
  const gammas = options.numbers("gammas");
  checkGammas(options.where, gammas);
  const levels = state.numbers("levels", gammas.length);
  const weights = state.numbers("weights", gammas.length);
  const experts = gammas.map((gamma, i) => {
    const [level, weight] = [levels[i] as number, weights[i] as number];
    checkFinite(state.where, `levels[${i}]`, level);
    checkUnit(state.where, `weights[${i}]`, weight);
    return { gamma, level, weight };
  });
  const total = weights.reduce((a, b) => a + b, 0);
  if (!(Math.abs(total - 1) <= 1e-6)) {
    throw new ConformalError("E_JSON", `${state.where}: state.weights must sum to 1, got ${total}`);
  }
  const calibration = readCalibration(state);
  return start({ alpha, sigma: options.number("sigma"), eta: options.number("eta"), calibration, experts });
}

function start(parts: {
  alpha: number;
  sigma: number;
  eta: number;
  calibration: OnlineCalibrationOptions;
  experts: Expert[];
}): OnlineMethod {
  const { alpha, sigma, eta, experts } = parts;
  checkUnit("dtAci", "sigma", sigma);
  checkPositive("dtAci", "eta", eta);
  const calibration = calibrationOf(alpha, parts.calibration);
  return onlineMethod({
    method: "dtAci",
    alpha,
    guarantee: "none",
    threshold: () => thresholdAtLevel(calibration, meanLevel(experts)),
    learn(score) {
      const below = calibration.countBelow(score);
      const n = calibration.size;
      // The levels that cover the score are those below its p-value.
      const beta = (n + 1 - below) / (n + 1);
      const losses = experts.map(({ level }) => levelLoss(beta, level, alpha));
      // Only differences of losses matter; without the least one, all weights at once could become 0.
      const least = losses.reduce((a, b, i) => (experts[i]?.weight === 0 ? a : Math.min(a, b)), Infinity);
      let total = 0;
      for (const [i, expert] of experts.entries()) {
        if (expert.weight > 0) expert.weight *= Math.exp(-eta * ((losses[i] as number) - least));
        total += expert.weight;
        expert.level += expert.gamma * (alpha - (levelCovers(expert.level, below, n) ? 0 : 1));
      }
      for (const expert of experts) {
        expert.weight = (1 - sigma) * (expert.weight / total) + sigma / experts.length;
      }
      calibration.insert(score);
    },
    options: () => ({ alpha, gammas: experts.map(({ gamma }) => gamma), sigma, eta }),
    state: () => ({
      levels: experts.map(({ level }) => level),
      weights: experts.map(({ weight }) => weight),
      ...savedCalibration(calibration, parts.calibration.window),
    }),
  });
}

function meanLevel(experts: readonly Expert[]): number {
  return experts.reduce((sum, { level, weight }) => sum + weight * level, 0);
}

/** The pinball loss of a level against the p-value of a score. */
function levelLoss(beta: number, level: number, alpha: number): number {
  return alpha * (beta - level) - Math.min(0, beta - level);
}

function dtAciRate(alpha: number, experts: number, interval: number): number {
  const square = (1 - alpha) ** 2 * alpha ** 3 + alpha ** 2 * (1 - alpha) ** 3;
  return Math.sqrt((3 / interval) * ((Math.log(experts * interval) + 2) / square));
}

/** Throws unless there is at least one step size and all are positive. */
export function checkGammas(where: string, gammas: readonly number[]): void {
  if (gammas.length === 0) throw new ConformalError("E_RANGE", `${where}: gammas must not be empty`);
  for (let i = 0; i < gammas.length; i++) checkPositive(where, `gammas[${i}]`, gammas[i] as number, i);
}
