import { ConformalError } from "../base/errors.ts";
import { checkLevel, checkWhole } from "../base/checks.ts";
import { betaBinomialLaw, centralInterval } from "../base/countLaw.ts";

/** Where the coverage observed on a test set should be. */
export interface CoverageInterval {
  /** Ends of the interval, as shares of the test rows in [0, 1]. */
  readonly lower: number;
  readonly upper: number;
  /** The same ends as numbers of covered test rows. */
  readonly lowerCount: number;
  readonly upperCount: number;
  /** Expected coverage: `rank / (n + 1)`. */
  readonly mean: number;
  /** Probability that the coverage falls within the ends, both included: at least `confidence`. */
  readonly probability: number;
}

/** Options of `coverageInterval`. */
export interface CoverageIntervalOptions {
  /** Wanted probability of the interval, strictly between 0 and 1. Default 0.95. */
  readonly confidence?: number;
}

/**
 * The central interval in which the coverage on `testCount` test rows falls with the wanted probability, when
 * calibration and test rows are exchangeable and scores have no ties. Coverage given the calibration set is
 * Beta(k, n + 1 - k) with k the conformal rank, so the number of covered test rows is beta-binomial, exactly.
 *
 * Below the interval is evidence against exchangeability (or of calibration rows that the model was fitted to). With
 * ties, with `allowEmpty: false` or at rank n + 1, coverage may be higher than the law says, never lower.
 *
 * @param quantile `n` and `rank` of an unweighted quantile, such as `predictor.quantile` of a marginal guarantee
 * @param testCount number of test rows, >= 1
 * @throws ConformalError E_RANGE, E_ALPHA for the confidence, E_WEIGHTS for a quantile with weights
 * @see Vovk, Conditional validity of inductive conformal predictors (2012)
 */
export function coverageInterval(
  quantile: { readonly n: number; readonly rank: number; readonly weighted?: true },
  testCount: number,
  options: CoverageIntervalOptions = {},
): CoverageInterval {
  const { confidence = 0.95 } = options;
  const { n, rank, weighted } = quantile;
  checkWhole("coverageInterval", "n", n, 1);
  checkWhole("coverageInterval", "rank", rank, 1);
  checkWhole("coverageInterval", "testCount", testCount, 1);
  checkLevel("coverageInterval", "confidence", confidence);
  if (rank > n + 1) {
    throw new ConformalError("E_RANGE", `coverageInterval: rank must be at most n + 1 = ${n + 1}, got ${rank}`);
  }
  const mean = rank / (n + 1);
  if (weighted) {
    throw new ConformalError("E_WEIGHTS", "coverageInterval: holds for unweighted quantiles only");
  }
  if (rank === n + 1) {
    return { lower: 1, upper: 1, lowerCount: testCount, upperCount: testCount, mean, probability: 1 };
  }
  const law = betaBinomialLaw(testCount, rank, n + 1 - rank);
  const { lower, upper } = centralInterval(law, (1 - confidence) / 2);
  let probability = 0;
  for (let count = lower; count <= upper; count++) probability += law[count] as number;
  return {
    lower: lower / testCount,
    upper: upper / testCount,
    lowerCount: lower,
    upperCount: upper,
    mean,
    probability: Math.min(1, probability),
  };
}
