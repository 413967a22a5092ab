import { checkAlpha, checkWhole } from "../base/checks.ts";
import type { Scores } from "../quantile/quantile.ts";
import { alphaOfEnd, type BatchBound, boundOf, checkSide, type Side } from "./bound.ts";
import { checkOrderStatistic, orderStatisticQuantile } from "./orderStatisticLaw.ts";
import { type ScoreRange, sortedScores } from "./sortedScores.ts";

/** Options of `orderStatisticBound`. */
export interface OrderStatisticBoundOptions extends ScoreRange {
  /** Calibration scores or outcomes, in any order; not modified. None at all gives the range of scores. */
  readonly calibration: Scores;
  /** Size of the batch, >= 1. */
  readonly m: number;
  /** Which order statistic of the batch, 1 = the smallest, m = the largest. */
  readonly zeta: number;
  /** Allowed miscoverage, strictly between 0 and 1. */
  readonly alpha: number;
  /** Default `"upper"`. */
  readonly side?: Side;
}

/** Bounds on an order statistic of a batch. */
export interface OrderStatisticBound extends BatchBound {
  /** `lower` is the calibration score of this rank; 0 stands for `sMin`. */
  readonly lowerRank?: number;
  /** `upper` is the calibration score of this rank; n + 1 stands for `sMax`. */
  readonly upperRank?: number;
}

/**
 * Bounds the `zeta`-th smallest of the next m scores by calibration scores: `P(S_(zeta) <= upper) >= 1 - alpha`. With
 * distinct scores the probability is exactly `level`. `m = 1` is split conformal prediction.
 *
 * @throws ConformalError E_ALPHA, E_RANGE, E_NAN
 * @see Lee, Tchetgen Tchetgen, Dobriban, Batch predictive inference (arXiv 2409.13990)
 */
export function orderStatisticBound(options: OrderStatisticBoundOptions): OrderStatisticBound {
  const { m, zeta } = options;
  checkOrderStatistic("orderStatisticBound", 0, m, zeta);
  return boundBetween("orderStatisticBound", options, zeta, zeta);
}

/** Options of `medianBound`. */
export type MedianBoundOptions = Omit<OrderStatisticBoundOptions, "zeta">;

/**
 * Bounds the median of the next m scores. For an even m the lower end is for the lower of the two middle scores and the
 * upper end for the higher one, so that the bounds hold for both of them and for their mean: any convention.
 *
 * @throws ConformalError E_ALPHA, E_RANGE, E_NAN
 */
export function medianBound(options: MedianBoundOptions): OrderStatisticBound {
  const { m } = options;
  checkWhole("medianBound", "m", m, 1);
  return boundBetween("medianBound", options, Math.ceil(m / 2), Math.floor(m / 2) + 1);
}

function boundBetween(
  where: string,
  options: MedianBoundOptions,
  lowerZeta: number,
  upperZeta: number,
): OrderStatisticBound {
  const { calibration, m, alpha, side = "upper" } = options;
  checkAlpha(where, alpha);
  checkSide(where, side);
  const sorted = sortedScores(where, calibration, options);
  const n = calibration.length;
  const each = alphaOfEnd(side, alpha);
  let level = 1;
  const ends: { lower?: number; upper?: number } = {};
  const ranks: { lowerRank?: number; upperRank?: number } = {};
  if (side !== "upper") {
    // R_zeta and n + 2 - R_(m + 1 - zeta) have the same law, and the bound is the score below the rank.
    const mirrored = orderStatisticQuantile(n, m, m + 1 - lowerZeta, each);
    ranks.lowerRank = n + 1 - mirrored.rank;
    ends.lower = sorted[ranks.lowerRank] as number;
    level -= 1 - mirrored.level;
  }
  if (side !== "lower") {
    const quantile = orderStatisticQuantile(n, m, upperZeta, each);
    ranks.upperRank = quantile.rank;
    ends.upper = sorted[quantile.rank] as number;
    level -= 1 - quantile.level;
  }
  return Object.freeze({ ...boundOf(ends, level, ranks.lowerRank === 0 || ranks.upperRank === n + 1), ...ranks });
}
