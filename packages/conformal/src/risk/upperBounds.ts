import { clopperPearson } from "../base/binomial.ts";
import { bettor } from "./betting.ts";
import { sumOf } from "./losses.ts";
import { type RiskPValue, countOnes, hoeffdingBentkusOf } from "./pValues.ts";

/**
 * An upper confidence bound on the expected loss: for independent identically distributed losses in [0, 1] it is below
 * their mean with probability at most delta.
 */
export type UpperConfidenceBound = (losses: Float64Array, delta: number) => number;

/** `mean + sqrt(log(1/delta) / (2 n))` (Hoeffding 1963): simple, wide when losses are small. */
export const hoeffdingBound: UpperConfidenceBound = (losses, delta) => {
  const n = losses.length;
  return Math.min(1, sumOf(losses) / n + Math.sqrt(Math.log(1 / delta) / (2 * n)));
};

/**
 * `mean + sqrt(2 V log(2/delta) / n) + 7 log(2/delta) / (3 (n - 1))` with the sample variance V: narrow for many
 * losses that vary little.
 *
 * @see Maurer and Pontil, Empirical Bernstein bounds and sample variance penalization (2009), theorem 4
 */
export const empiricalBernsteinBound: UpperConfidenceBound = (losses, delta) => {
  const n = losses.length;
  if (n < 2) return 1;
  const mean = sumOf(losses) / n;
  const variance = sumOf(losses.map((loss) => (loss - mean) ** 2)) / (n - 1);
  const log = Math.log(2 / delta);
  return Math.min(1, mean + Math.sqrt((2 * variance * log) / n) + (7 * log) / (3 * (n - 1)));
};

/**
 * The least mean that the Hoeffding-Bentkus p-value rejects at level delta: the default for losses in [0, 1].
 *
 * @see Bates et al., Distribution-free, risk-controlling prediction sets (2021), section 3.1
 */
export const hoeffdingBentkusBound: UpperConfidenceBound = (losses, delta) => {
  const sum = sumOf(losses);
  return leastTrue((mean) => hoeffdingBentkusOf(sum, losses.length, mean) <= delta);
};

/**
 * The betting bound: the least mean against which a bettor reaches 1/delta. Usually the narrowest for losses in
 * [0, 1]. It depends on the order of the losses, which must not have been chosen by looking at them.
 *
 * @see Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (2024); Bates et al. (2021),
 *   theorem 3
 */
export const waudbySmithRamdasBound: UpperConfidenceBound = (losses, delta) => {
  const goal = Math.log(1 / delta);
  const logCapital = bettor(losses, delta);
  return leastTrue((mean) => logCapital(mean) >= goal);
};

/**
 * The exact bound of Clopper and Pearson for losses that are 0 or 1: none that is valid for all means is lower.
 *
 * @throws ConformalError E_RANGE for any other loss
 */
export const clopperPearsonBound: UpperConfidenceBound = (losses, delta) =>
  clopperPearson(countOnes("clopperPearsonBound", losses), losses.length, delta).upper;

/** The bound that belongs to a p-value: the least mean that it rejects at level delta. */
export function boundOf(pValue: RiskPValue): UpperConfidenceBound {
  return (losses, delta) => leastTrue((mean) => pValue(losses, mean) <= delta);
}

/** The least number in (0, 1) from which on a condition holds, rounded up to the side where it does; 1 if none. */
function leastTrue(holds: (x: number) => boolean): number {
  let low = 0;
  let high = 1;
  // To 2^-50: further halving would cost time and change nothing but the last bits.
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
