import { checkAlpha, checkAtLeast, checkFinite } from "../base/checks.ts";
import { type BoaExpert, boaExpert, boaLearn, boaWeights } from "./boa.ts";
import { DEFAULT_GAMMAS, checkGammas } from "./dtAci.ts";
import {
  type OnlineCalibrationOptions,
  calibrationOf,
  levelCovers,
  readCalibration,
  savedCalibration,
  thresholdAtLevel,
} from "./level.ts";
import { type OnlineMethod, onlineMethod, thresholdOf } from "./method.ts";
import type { Saved } from "./saved.ts";

/** Options of `agAci`. */
export interface AgAciOptions extends OnlineCalibrationOptions {
  /** Target share of uncovered outcomes, strictly between 0 and 1. */
  readonly alpha: number;
  /** Step sizes of the experts, positive. Default 0.001, 0.002, 0.004, ..., 0.128. */
  readonly gammas?: readonly number[];
}

interface Expert extends BoaExpert {
  readonly gamma: number;
  level: number;
}

/**
 * Aggregated adaptive conformal inference: one `aci` for each step size, and the weighted mean of their thresholds as
 * threshold, with weights by Bernstein online aggregation of the pinball losses (linearised at the mean). The weights
 * tune themselves to the scale of the scores. A heuristic with good coverage in practice: guarantee `none`.
 *
 * An expert whose threshold is infinite sits the step out, as a sleeping expert; when all do, everything is covered.
 * The paper aggregates the two ends of an interval apart; for that run two methods, one on `y - prediction` and one on
 * `prediction - y`, each at alpha / 2.
 *
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE
 * @see Zaffran et al., Adaptive conformal predictions for time series (2022), section 4; Wintenberger, Optimal learning
 *   with Bernstein online aggregation (2017), the version with a rate for each expert
 */
export function agAci(options: AgAciOptions): OnlineMethod {
  const { alpha, gammas = DEFAULT_GAMMAS } = options;
  checkAlpha("agAci", alpha);
  checkGammas("agAci", gammas);
  return start(
    alpha,
    options,
    gammas.map((gamma) => ({ gamma, level: alpha, ...boaExpert() })),
  );
}

/** The method that `toJSON` described. */
export function agAciFromSaved(options: Saved, state: Saved): OnlineMethod {
  const alpha = options.number("alpha");
  checkAlpha(options.where, alpha);
  const gammas = options.numbers("gammas");
  checkGammas(options.where, gammas);
  const column = (name: string): number[] => state.numbers(name, gammas.length);
  const [levels, regrets, squares, largest] = ["levels", "regrets", "squares", "largest"].map(column) as number[][];
  const experts = gammas.map((gamma, i) => {
    const expert = { gamma, level: levels![i]!, regret: regrets![i]!, squares: squares![i]!, largest: largest![i]! };
    checkFinite(state.where, `levels[${i}]`, expert.level);
    checkFinite(state.where, `regrets[${i}]`, expert.regret);
    checkAtLeast(state.where, `squares[${i}]`, expert.squares, 0);
    checkAtLeast(state.where, `largest[${i}]`, expert.largest, 0);
    return expert;
  });
  return start(alpha, readCalibration(state), experts);
}

function start(alpha: number, calibrationOptions: OnlineCalibrationOptions, experts: Expert[]): OnlineMethod {
  const calibration = calibrationOf(alpha, calibrationOptions);

  /** The experts that are awake, their thresholds and shares. */
  function mixture(): { awake: Expert[]; thresholds: number[]; mean: number } {
    const all = experts.map(({ level }) => thresholdAtLevel(calibration, level).threshold);
    const awake = experts.filter((_, i) => Number.isFinite(all[i]));
    const thresholds = all.filter(Number.isFinite);
    if (awake.length === 0) return { awake, thresholds, mean: Infinity };
    const weights = boaWeights(awake, experts.length);
    return { awake, thresholds, mean: thresholds.reduce((sum, q, i) => sum + (weights[i] as number) * q, 0) };
  }

  return onlineMethod({
    method: "agAci",
    alpha,
    guarantee: "none",
    threshold() {
      const { awake, mean } = mixture();
      if (awake.length > 0) return thresholdOf(mean);
      // All asleep: the reason of the most cautious expert.
      const lowest = experts.reduce((least, { level }) => Math.min(least, level), Infinity);
      return thresholdOf(Infinity, { reason: lowest <= 0 ? "level-at-most-0" : "too-few-calibration" });
    },
    learn(score, covered) {
      const { awake, thresholds, mean } = mixture();
      const slope = (covered ? 1 : 0) - (1 - alpha);
      awake.forEach((expert, i) => {
        boaLearn(expert, slope * (mean - (thresholds[i] as number)), experts.length);
      });
      const below = calibration.countBelow(score);
      for (const expert of experts) {
        const error = levelCovers(expert.level, below, calibration.size) ? 0 : 1;
        expert.level += expert.gamma * (alpha - error);
      }
      calibration.insert(score);
    },
    options: () => ({ alpha, gammas: experts.map(({ gamma }) => gamma) }),
    state: () => ({
      levels: experts.map(({ level }) => level),
      regrets: experts.map(({ regret }) => regret),
      squares: experts.map(({ squares }) => squares),
      largest: experts.map(({ largest }) => largest),
      ...savedCalibration(calibration, calibrationOptions.window),
    }),
  });
}
