import { checkPositive, checkShare, checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";

/**
 * The rate at which `rounds` prunings, each of a share of the survivors, lead to a density: 1 - density^(1 / rounds) (Frankle and
 * Carbin 2019, section 1). Rounding of counts may move the end by some weights.
 *
 * @throws LotteryError E_RATE for a density outside [0, 1]; E_OPTION for rounds that are no whole number >= 1.
 */
export function ratePerRound(density: number, rounds: number): number {
  checkShare("ratePerRound", "density", density);
  checkWhole("ratePerRound", "rounds", rounds, 1);
  return 1 - density ** (1 / rounds);
}

/** The density to keep after round `round` (1 … rounds) of a pruning in several rounds to the density `target`. */
export type DensitySchedule = (target: number, round: number, rounds: number) => number;

/** target^(round / rounds): the same share of the survivors goes in every round (SynFlow, Tanaka et al. 2020). */
export const exponentialSchedule: DensitySchedule = (target, round, rounds) => {
  checkRound("exponentialSchedule", target, round, rounds);
  return target ** (round / rounds);
};

/** 1 - (1 - target) round / rounds: the same number of weights goes in every round. */
export const linearSchedule: DensitySchedule = (target, round, rounds) => {
  checkRound("linearSchedule", target, round, rounds);
  return round === rounds ? target : 1 - ((1 - target) * round) / rounds;
};

/** target + (1 - target)(1 - round / rounds)^3: `gradualSparsity` by rounds. */
export const cubicSchedule: DensitySchedule = (target, round, rounds) => {
  checkRound("cubicSchedule", target, round, rounds);
  return target + (1 - target) * (1 - round / rounds) ** 3;
};

function checkRound(where: string, target: number, round: number, rounds: number): void {
  checkShare(where, "target", target);
  checkWhole(where, "rounds", rounds, 1);
  checkWhole(where, "round", round, 0);
  checkWhole(where, "rounds - round", rounds - round, 0);
}

export interface GradualSparsityOptions {
  /** Sparsity up to `begin`. Default 0. */
  readonly initial?: number;
  /** Sparsity from `end` on. */
  readonly final: number;
  /** Step at which pruning starts. Default 0. */
  readonly begin?: number;
  /** Step at which it has ended, above `begin`. */
  readonly end: number;
  /** Exponent, > 0: 1 prunes evenly, more prunes early. Default 3. */
  readonly power?: number;
}

/**
 * Share of the weights that is pruned at a step of training, for pruning while the net learns:
 * final + (initial - final)(1 - (step - begin) / (end - begin))^power (Zhu and Gupta 2017, equation 1; PolynomialDecay of
 * TensorFlow's toolkit).
 *
 * @throws LotteryError E_RATE for sparsities outside [0, 1] or `final` below `initial`; E_OPTION for steps that do not fit.
 */
export function gradualSparsity(step: number, options: GradualSparsityOptions): number {
  const { initial = 0, final, begin = 0, end, power = 3 } = options;
  const where = "gradualSparsity";
  checkShare(where, "initial", initial);
  checkShare(where, "final", final);
  if (final < initial) {
    throw new LotteryError(
      "E_RATE",
      `${where}: final ${final} is below initial ${initial}; pruned weights stay pruned`,
    );
  }
  checkWhole(where, "step", step, 0);
  checkWhole(where, "begin", begin, 0);
  checkWhole(where, "end - begin", end - begin, 1);
  checkPositive(where, "power", power);
  const done = Math.min(1, Math.max(0, (step - begin) / (end - begin)));
  return final + (initial - final) * (1 - done) ** power;
}
