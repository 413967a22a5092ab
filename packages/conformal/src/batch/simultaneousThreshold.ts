import { checkAlpha } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Scores } from "../quantile/quantile.ts";
import { conformalRank } from "../quantile/rank.ts";
import type { BatchReason } from "./bound.ts";
import { checkOrderStatistic, orderStatisticQuantile } from "./orderStatisticLaw.ts";
import { type ScoreRange, sortedScores } from "./sortedScores.ts";

/** Options of `simultaneousThreshold`. */
export interface SimultaneousThresholdOptions extends Pick<ScoreRange, "sMax"> {
  /** Calibration scores, in any order; not modified. */
  readonly calibration: Scores;
  /** Size of the batch, >= 1. */
  readonly m: number;
  /** Share of the batch that may be missed, in [0, 1). Default 0: all are to be covered. */
  readonly missedShare?: number;
  /** Probability of missing more than that, strictly between 0 and 1. */
  readonly alpha: number;
}

/** A threshold that holds for most of a batch at once. */
export interface SimultaneousThreshold {
  /** Every test point gets the set of labels or outcomes whose score is at most this. */
  readonly threshold: number;
  /** The threshold is the calibration score of this rank; n + 1 stands for `sMax`. */
  readonly rank: number;
  /** How many of the m sets hold, at least. */
  readonly covered: number;
  /** Probability that so many sets hold; exact for distinct scores, at least `1 - alpha`. */
  readonly level: number;
  readonly finite: boolean;
  readonly reason?: BatchReason;
  readonly guarantee: "batch";
}

/**
 * One threshold for the sets of m test points, such that with probability at least `1 - alpha` at least a share
 * `1 - missedShare` of the sets hold at the same time. For all of them (`missedShare: 0`) it is finite as soon as
 * `n / (n + m) >= 1 - alpha`; Bonferroni's correction, `alpha / m` for each, needs about `m / alpha` points instead.
 *
 * @throws ConformalError E_ALPHA, E_RANGE, E_NAN
 * @see Lee, Tchetgen Tchetgen, Dobriban, Batch predictive inference (arXiv 2409.13990)
 */
export function simultaneousThreshold(options: SimultaneousThresholdOptions): SimultaneousThreshold {
  const { calibration, m, missedShare = 0, alpha, sMax = Infinity } = options;
  const where = "simultaneousThreshold";
  checkAlpha(where, alpha);
  checkOrderStatistic(where, 0, m, 1);
  if (!(missedShare >= 0 && missedShare < 1)) {
    throw new ConformalError("E_RANGE", `${where}: missedShare must be at least 0 and below 1, got ${missedShare}`);
  }
  // ceil((1 - missedShare) m), rounded as conformal ranks are.
  const covered = missedShare === 0 ? m : conformalRank(m - 1, missedShare);
  const sorted = sortedScores(where, calibration, { sMax });
  const { rank, level } = orderStatisticQuantile(calibration.length, m, covered, alpha);
  const threshold = sorted[rank] as number;
  return Object.freeze({
    threshold,
    rank,
    covered,
    level,
    finite: Number.isFinite(threshold),
    ...(rank === calibration.length + 1 ? { reason: "too-few-calibration" as const } : {}),
    guarantee: "batch" as const,
  });
}
