import { boxProbability, type RankBox } from "./boxLaw.ts";
import { orderStatisticLaw } from "./orderStatisticLaw.ts";
import { sampleRanks } from "./sampleRanks.ts";
import { sumLaw } from "./sumLaw.ts";

/**
 * Laws of the rank vector of a batch: with n calibration and m test scores that are exchangeable and distinct, the
 * sorted ranks `r_j = 1 + #{calibration scores below the j-th smallest test score}` are uniform on the C(n + m, m)
 * vectors `1 <= r_1 <= ... <= r_m <= n + 1`. Ties make ranks smaller, never larger.
 *
 * @see Lee, Tchetgen Tchetgen, Dobriban, Batch predictive inference (arXiv 2409.13990)
 */
export const rankLaw: {
  /** Law `[n + 1]` of the rank of the zeta-th smallest test score; entry k - 1 is the probability of rank k. */
  readonly orderStatistic: (n: number, m: number, zeta: number) => Float64Array;
  /** Law `[nm + 1]` of `sum(r_j - 1)`. */
  readonly sum: (n: number, m: number) => Float64Array;
  /** Probability that the ranks of several order statistics all lie within bounds. */
  readonly box: (box: RankBox) => number;
  /** One rank vector, drawn uniformly. */
  readonly sample: (n: number, m: number, uniform: () => number) => number[];
} = Object.freeze({ orderStatistic: orderStatisticLaw, sum: sumLaw, box: boxProbability, sample: sampleRanks });
