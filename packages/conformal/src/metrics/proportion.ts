import { clopperPearson } from "../base/binomial.ts";
import { checkLevel } from "../base/checks.ts";

/** How often the true value was in the region within one group of examples, with an exact confidence interval. */
export interface GroupCoverage {
  /** Examples in the group. */
  readonly count: number;
  /** Examples of the group whose region holds their true value. */
  readonly covered: number;
  /** `covered / count`; NaN for a group without examples. */
  readonly coverage: number;
  /** Ends of the Clopper-Pearson interval for the probability of being covered; 0 and 1 for a group without examples. */
  readonly lower: number;
  readonly upper: number;
}

/** Options of every measure that reports proportions. */
export interface ProportionOptions {
  /** Probability that the interval of one proportion holds the true one, strictly between 0 and 1. Default 0.95. */
  readonly confidence?: number;
}

/** A proportion with its two-sided Clopper-Pearson interval, for `confidence` strictly between 0 and 1. */
export function proportion(where: string, covered: number, count: number, confidence: number): GroupCoverage {
  checkLevel(where, "confidence", confidence);
  const { lower, upper } = count === 0 ? { lower: 0, upper: 1 } : clopperPearson(covered, count, (1 - confidence) / 2);
  return { count, covered, coverage: covered / count, lower, upper };
}
