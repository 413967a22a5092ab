import { lawFromRatios } from "../src/base/countLaw.ts";

/** The binomial law `[trials + 1]`, 0 < probability < 1, in another way than `base/binomial.ts`: from ratios of neighbours. */
export function binomialLaw(trials: number, probability: number): Float64Array {
  const odds = probability / (1 - probability);
  const mode = Math.min(trials, Math.floor((trials + 1) * probability));
  return lawFromRatios(trials, mode, (j) => ((trials - j) / (j + 1)) * odds);
}
