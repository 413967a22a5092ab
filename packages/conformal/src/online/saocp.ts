import { checkAlpha, checkAtLeast, checkFinite, checkPositive, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type OnlineMethod, onlineMethod, thresholdOf } from "./method.ts";
import type { Saved } from "./saved.ts";

/** Options of `saocp`. */
export interface SaocpOptions {
  /** Target share of uncovered scores, strictly between 0 and 1. */
  readonly alpha: number;
  /** The largest distance between thresholds that matters, positive: the range of the scores. */
  readonly scale: number;
  /** The first threshold. Default 0. */
  readonly q0?: number;
  /** Lifetime of the experts born at odd steps, a whole number >= 1; others live longer. Default 8. */
  readonly lifetime?: number;
}

interface Expert {
  /** The step at which it was born, 1 = the first. */
  readonly born: number;
  threshold: number;
  /** Sum of the squared slopes that it met. */
  slopes: number;
  /** Sum of the gains over the mixture. */
  gain: number;
  /** Sum of the gains, each times the stake at its time. */
  won: number;
  /** Steps lived through. */
  age: number;
}

/**
 * Strongly adaptive online conformal prediction: at each step an expert is born that tracks the quantile by scale-free
 * gradient descent and lives for a while, and the threshold is the mean of the living ones, each weighted by what it
 * won against the mixture in a coin-betting game. The pinball loss over EVERY stretch of time is near that of the
 * best fixed threshold for that stretch. About log2(t) experts live at step t. Guarantee `none`: regret, not coverage.
 *
 * @throws ConformalError E_ALPHA, E_NAN, E_RANGE; `step` also for infinite scores
 * @see Bhatnagar et al., Improved online conformal prediction via strongly adaptive online learning (2023), algorithm 1
 *   and 2 (experts live exactly their lifetime, thresholds are not cut off at 0, and gains below 1e-9 count as none)
 */
export function saocp(options: SaocpOptions): OnlineMethod {
  const { alpha, scale, q0 = 0, lifetime = 8 } = options;
  checkRule("saocp", options);
  return start({ alpha, scale, lifetime }, [newborn(1, q0)], 1);
}

/** The method that `toJSON` described. */
export function saocpFromSaved(options: Saved, state: Saved): OnlineMethod {
  const rule = {
    alpha: options.number("alpha"),
    scale: options.number("scale"),
    lifetime: options.whole("lifetime", 1),
  };
  checkRule(options.where, rule);
  const births = state.numbers("births");
  const now = state.whole("next", 1);
  const column = (name: string): number[] => state.numbers(name, births.length);
  const names = ["thresholds", "slopes", "gains", "won"];
  const [thresholds, slopes, gains, won] = names.map(column) as [number[], number[], number[], number[]];
  const experts = births.map((born, i): Expert => {
    checkWhole(state.where, `births[${i}]`, born, 1);
    const expert = {
      born,
      threshold: thresholds[i]!,
      slopes: slopes[i]!,
      gain: gains[i]!,
      won: won[i]!,
      age: now - born,
    };
    checkWhole(state.where, `the age of expert ${i}`, expert.age, 0);
    checkFinite(state.where, `thresholds[${i}]`, expert.threshold);
    checkAtLeast(state.where, `slopes[${i}]`, expert.slopes, 0);
    checkFinite(state.where, `gains[${i}]`, expert.gain);
    checkFinite(state.where, `won[${i}]`, expert.won);
    return expert;
  });
  if (experts.length === 0) throw new ConformalError("E_JSON", `${state.where}: births must not be empty`);
  return start(rule, experts, now);
}

function start(
  { alpha, scale, lifetime }: { alpha: number; scale: number; lifetime: number },
  first: Expert[],
  step: number,
): OnlineMethod {
  let experts = first;
  /** The number of the next step. */
  let next = step;
  return onlineMethod({
    method: "saocp",
    alpha,
    guarantee: "none",
    threshold: () => thresholdOf(mixture(experts)),
    learn(score, _, said) {
      checkFinite("saocp", "the score", score);
      const mixed = pinball(score, said.threshold, alpha);
      for (const expert of experts) learn(expert, score, mixed, alpha, scale);
      experts = experts.filter(({ born, age }) => age < lifetime * largestPowerOfTwo(born));
      // The next expert starts where the mixture stands.
      const from = experts.length === 0 ? said.threshold : mixture(experts);
      next++;
      experts.push(newborn(next, from));
    },
    options: () => ({ alpha, scale, lifetime }),
    state: () => ({
      next,
      births: experts.map(({ born }) => born),
      thresholds: experts.map(({ threshold }) => threshold),
      slopes: experts.map(({ slopes }) => slopes),
      gains: experts.map(({ gain }) => gain),
      won: experts.map(({ won }) => won),
    }),
  });
}

function newborn(born: number, threshold: number): Expert {
  return { born, threshold, slopes: 0, gain: 0, won: 0, age: 0 };
}

/**
 * Gains and stakes below this are none. Experts with the same threshold as the mixture gain nothing but the rounding
 * error of a mean, and when no other stake is positive, that error alone would choose among them.
 */
const NOTHING = 1e-9;

/** The share of its wealth that an expert bets, from its past gains. */
function stakeOf({ gain, won, age }: Expert): number {
  const stake = age === 0 ? 0 : (gain / age) * (1 + won);
  return Math.abs(stake) < NOTHING ? 0 : stake;
}

/** The mean of the thresholds by prior times positive stake; by the prior alone when no stake is positive. */
function mixture(experts: readonly Expert[]): number {
  const priors = experts.map(({ born }) => 1 / (born * born * (1 + Math.floor(Math.log2(born)))));
  const shares = experts.map((expert, i) => (priors[i] as number) * Math.max(0, stakeOf(expert)));
  const weights = shares.some((share) => share > 0) ? shares : priors;
  let sum = 0;
  let total = 0;
  experts.forEach(({ threshold }, i) => {
    sum += (weights[i] as number) * threshold;
    total += weights[i] as number;
  });
  return sum / total;
}

function learn(expert: Expert, score: number, mixed: number, alpha: number, scale: number): void {
  const stake = stakeOf(expert);
  const advantage = (mixed - pinball(score, expert.threshold, alpha)) / (scale * Math.max(alpha, 1 - alpha));
  const gain = Math.abs(advantage) < NOTHING ? 0 : Math.min(1, Math.max(stake > 0 ? -1 : 0, advantage));
  expert.gain += gain;
  expert.won += gain * stake;
  expert.age++;
  const slope = score > expert.threshold ? alpha - 1 : score < expert.threshold ? alpha : 0;
  expert.slopes += slope * slope;
  if (expert.slopes > 0) expert.threshold -= (scale / Math.sqrt(3 * expert.slopes)) * slope;
}

function pinball(score: number, threshold: number, alpha: number): number {
  return Math.max((1 - alpha) * (score - threshold), alpha * (threshold - score));
}

/** The largest power of two that divides a whole number; by arithmetic, because bits end at 2^31. */
function largestPowerOfTwo(value: number): number {
  let power = 1;
  while (value % (2 * power) === 0) power *= 2;
  return power;
}

function checkRule(where: string, { alpha, scale, q0 = 0, lifetime = 8 }: SaocpOptions): void {
  checkAlpha(where, alpha);
  checkPositive(where, "scale", scale);
  checkFinite(where, "q0", q0);
  checkWhole(where, "lifetime", lifetime, 1);
}
