import { checkAlpha } from "../base/checks.ts";
import type { Scores } from "../quantile/quantile.ts";
import type { BatchReason } from "./bound.ts";
import { checkZetas } from "./boxLaw.ts";
import { smallestBox } from "./boxSearch.ts";
import { type ScoreRange, sortedScores } from "./sortedScores.ts";
import { checkSizes } from "./sumLaw.ts";

/** Options of `quantileBoxBound`. */
export interface QuantileBoxBoundOptions extends ScoreRange {
  /** Calibration scores or outcomes, in any order; not modified. */
  readonly calibration: Scores;
  /** Size of the batch, >= 1. */
  readonly m: number;
  /** Which order statistics of the batch, strictly ascending in 1..m: `[10, 30]` for the quartiles of 40. */
  readonly zetas: readonly number[];
  /** Allowed miscoverage of all of them together, strictly between 0 and 1. */
  readonly alpha: number;
}

/** Bounds on several order statistics that hold at the same time. */
export interface QuantileBoxBound {
  /** Lower bounds, one for each of `zetas`. */
  readonly lower: readonly number[];
  /** Upper bounds, one for each of `zetas`. */
  readonly upper: readonly number[];
  /** The lower bounds are the calibration scores of these ranks; 0 stands for `sMin`. */
  readonly lowerRanks: readonly number[];
  /** The upper bounds are the calibration scores of these ranks; n + 1 stands for `sMax`. */
  readonly upperRanks: readonly number[];
  /** Probability that all the bounds hold; exact for distinct scores, at least `1 - alpha`. */
  readonly level: number;
  readonly finite: boolean;
  readonly reason?: BatchReason;
  readonly guarantee: "batch";
}

/**
 * Bounds several order statistics of the next m scores jointly, such as both quartiles: with probability at least
 * `1 - alpha` all of them are within their bounds. The ranks are the first box of sufficient probability on a fixed
 * path of widening boxes, which depends on n, m, zetas and alpha but on no score.
 *
 * The path differs from the authors' code, which widens around n/4 and 3n/4 by one rank on all sides at once: this one
 * takes any number of order statistics and stops sooner.
 *
 * @throws ConformalError E_ALPHA, E_RANGE, E_NAN
 * @see Lee, Tchetgen Tchetgen, Dobriban, Batch predictive inference (arXiv 2409.13990)
 */
export function quantileBoxBound(options: QuantileBoxBoundOptions): QuantileBoxBound {
  const { calibration, m, zetas, alpha } = options;
  const where = "quantileBoxBound";
  checkAlpha(where, alpha);
  checkSizes(where, 0, m);
  checkZetas(where, zetas, m);
  const n = calibration.length;
  const sorted = sortedScores(where, calibration, options);
  const { box, level } = smallestBox(n, m, zetas, alpha);
  const lowerRanks = Object.freeze(box.lower.map((rank) => rank - 1));
  const upperRanks = Object.freeze(box.upper.slice());
  const lower = Object.freeze(lowerRanks.map((rank) => sorted[rank] as number));
  const upper = Object.freeze(upperRanks.map((rank) => sorted[rank] as number));
  return Object.freeze({
    lower,
    upper,
    lowerRanks,
    upperRanks,
    level,
    finite: lower.every(Number.isFinite) && upper.every(Number.isFinite),
    ...(lowerRanks.includes(0) || upperRanks.includes(n + 1) ? { reason: "too-few-calibration" as const } : {}),
    guarantee: "batch" as const,
  });
}
