import { containing } from "../base/containing.ts";
import type { Quantile } from "../quantile/quantile.ts";
import type { RegressionScore, Tails } from "./scores/score.ts";

/**
 * Why an end of an interval is infinite.
 *
 * - `too-few-calibration`: no finite bound is valid at this alpha with so few points (of the group, or so little
 *   weight).
 * - `unseen-group`: there was no calibration point of this group.
 * - `one-sided`: a bound on the other side was asked for.
 */
export type IntervalReason = "too-few-calibration" | "unseen-group" | "one-sided";

/** An interval of values, both ends included. */
export interface PredictionInterval {
  readonly lower: number;
  readonly upper: number;
  /** Are both ends finite? */
  readonly finite: boolean;
  /** Did the ends cross (`lower > upper`), so that every value looks strange? */
  readonly empty: boolean;
  /** The attained level: coverage is at least this, under the predictor's guarantee. */
  readonly level: number;
  /** Why an end is infinite. */
  readonly reason?: IntervalReason;
}

/** Puts an interval together; `reason` only where an end is infinite. */
export function intervalOf(lower: number, upper: number, level: number, reason?: IntervalReason): PredictionInterval {
  const finite = Number.isFinite(lower) && Number.isFinite(upper);
  const interval = { lower, upper, finite, empty: lower > upper, level };
  return finite || reason === undefined ? interval : { ...interval, reason };
}

/** The miscoverage of each threshold. */
export function tailAlphas(tails: Tails, alpha: number): readonly number[] {
  return tails === "separate" ? [alpha / 2, alpha / 2] : [alpha];
}

/** The scores of a point, one function for each threshold; each score's own interval holds the point. */
export function tailScores<Prediction>(
  score: RegressionScore<Prediction>,
): readonly ((prediction: Prediction, y: number) => number)[] {
  const below = (prediction: Prediction, y: number): number => {
    const raw = score.below(prediction, y);
    return score.lower(prediction, raw) <= y ? raw : containing(raw, (q) => lowerEnd(score, prediction, q) <= y);
  };
  const above = (prediction: Prediction, y: number): number => {
    const raw = score.above(prediction, y);
    return y <= score.upper(prediction, raw) ? raw : containing(raw, (q) => y <= upperEnd(score, prediction, q));
  };
  switch (score.tails) {
    case "lower":
      return [below];
    case "upper":
      return [above];
    case "separate":
      return [below, above];
    default:
      // The larger of both is held on both sides, because intervals grow with the threshold.
      return [(prediction, y) => Math.max(below(prediction, y), above(prediction, y))];
  }
}

/** All values whose scores are within the thresholds. */
export function intervalWithin<Prediction>(
  score: RegressionScore<Prediction>,
  prediction: Prediction,
  quantiles: readonly Quantile[],
): PredictionInterval {
  const { tails } = score;
  const low = quantiles[0] as Quantile;
  const high = quantiles.at(-1) as Quantile;
  const lower = lowerWithin(score, prediction, quantiles);
  const upper = upperWithin(score, prediction, quantiles);
  const level = tails === "separate" ? Math.max(0, low.level + high.level - 1) : low.level;
  const oneSided = tails === "lower" || tails === "upper" ? "one-sided" : undefined;
  return intervalOf(lower, upper, level, low.reason ?? high.reason ?? oneSided);
}

/** The lower end of `intervalWithin`. */
export function lowerWithin<Prediction>(
  score: RegressionScore<Prediction>,
  prediction: Prediction,
  quantiles: readonly Quantile[],
): number {
  return score.tails === "upper" ? -Infinity : lowerEnd(score, prediction, (quantiles[0] as Quantile).value);
}

/** The upper end of `intervalWithin`. */
export function upperWithin<Prediction>(
  score: RegressionScore<Prediction>,
  prediction: Prediction,
  quantiles: readonly Quantile[],
): number {
  const last = quantiles[quantiles.length - 1] as Quantile;
  return score.tails === "lower" ? Infinity : upperEnd(score, prediction, last.value);
}

/** No scale times an infinite threshold: an end is infinite whatever the prediction. */
function lowerEnd<Prediction>(score: RegressionScore<Prediction>, prediction: Prediction, threshold: number): number {
  return threshold === Infinity ? -Infinity : score.lower(prediction, threshold);
}

function upperEnd<Prediction>(score: RegressionScore<Prediction>, prediction: Prediction, threshold: number): number {
  return threshold === Infinity ? Infinity : score.upper(prediction, threshold);
}
