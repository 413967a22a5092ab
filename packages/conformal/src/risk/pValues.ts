import { checkLevel } from "../base/checks.ts";
import { binomialCdf } from "../base/binomial.ts";
import { ConformalError } from "../base/errors.ts";
import { bettor } from "./betting.ts";
import { sumOf } from "./losses.ts";

/**
 * A p-value of "the expected loss is above alpha": for losses in [0, 1], independent and identically distributed with
 * a mean of alpha or more, it is at most u with probability at most u, for every u. It must not rise with alpha.
 */
export type RiskPValue = (losses: Float64Array, alpha: number) => number;

/**
 * Hoeffding's p-value with the relative entropy: `exp(-n h(min(mean, alpha), alpha))`.
 *
 * @see Hoeffding, Probability inequalities for sums of bounded random variables (1963), theorem 1
 */
export const hoeffdingPValue: RiskPValue = (losses, alpha) => hoeffdingOf(sumOf(losses), losses.length, alpha);

/**
 * The smaller of Hoeffding's and Bentkus' p-values, `e P(Bin(n, alpha) <= ceil(n mean))`: both hold for the same tail
 * of the mean, so their minimum needs no correction. Good for any losses in [0, 1].
 *
 * @see Bates et al., Distribution-free, risk-controlling prediction sets (2021), section 3.1; Angelopoulos et al.,
 *   Learn then test (2021), proposition 1
 */
export const hoeffdingBentkusPValue: RiskPValue = (losses, alpha) =>
  hoeffdingBentkusOf(sumOf(losses), losses.length, alpha);

/**
 * The exact p-value for losses that are 0 or 1: `P(Bin(n, alpha) <= number of ones)`.
 *
 * @throws ConformalError E_RANGE for any other loss
 */
export const binomialPValue: RiskPValue = (losses, alpha) =>
  binomialCdf(countOnes("binomialPValue", losses), losses.length, alpha);

/** Options of `bettingPValue`. */
export interface BettingPValueOptions {
  /** The p-value that the bets aim at, strictly between 0 and 1; valid for any. Default 0.05. */
  readonly tunedFor?: number;
}

/**
 * The betting p-value `1 / largest capital`, small when the losses vary little. It depends on the order of the losses,
 * which must not have been chosen by looking at them.
 *
 * @throws ConformalError E_ALPHA
 * @see Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (2024)
 */
export function bettingPValue(options: BettingPValueOptions = {}): RiskPValue {
  const { tunedFor = 0.05 } = options;
  checkLevel("bettingPValue", "tunedFor", tunedFor);
  return (losses, alpha) => Math.exp(-bettor(losses, tunedFor)(alpha));
}

/** The Hoeffding-Bentkus p-value of `n` losses with a sum. */
export function hoeffdingBentkusOf(sum: number, n: number, alpha: number): number {
  return Math.min(1, Math.E * binomialCdf(wholeCeil(sum), n, alpha), hoeffdingOf(sum, n, alpha));
}

function hoeffdingOf(sum: number, n: number, alpha: number): number {
  return Math.exp(-n * relativeEntropy(Math.min(sum / n, alpha, 1), alpha));
}

/** How many losses are 1; E_RANGE with the index of the first that is neither 0 nor 1. */
export function countOnes(where: string, losses: Float64Array): number {
  const other = losses.findIndex((loss) => loss !== 0 && loss !== 1);
  if (other >= 0) {
    throw new ConformalError("E_RANGE", `${where}: losses must be 0 or 1, got ${losses[other]} at ${other}`, other);
  }
  return sumOf(losses);
}

/** The relative entropy of coins with means a <= b < 1. */
function relativeEntropy(a: number, b: number): number {
  const low = a === 0 ? 0 : a * Math.log(a / b);
  const high = a === 1 ? 0 : (1 - a) * Math.log((1 - a) / (1 - b));
  return Math.max(0, low + high);
}

/** The next whole number, where a sum of losses just above a whole number is that number. */
function wholeCeil(sum: number): number {
  const nearest = Math.round(sum);
  return Math.abs(sum - nearest) <= 1e-9 * Math.max(1, sum) ? nearest : Math.ceil(sum);
}
