import type { Quantile } from "../quantile/quantile.ts";
import type { RegressionScore, Tails } from "./scores/score.ts";

/**
 * Why an end of an interval is infinite.
 *
 * - `too-few-calibration`: no finite bound is valid at this alpha with so few points (of the group, or so little
 *   weight).
 * - `unknown-group`: there was no calibration point of this group.
 * - `one-sided`: a bound on the other side was asked for.
 */
export type IntervalReason = "too-few-calibration" | "unknown-group" | "one-sided";

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

/** The score of a point for each threshold. */
export function tailScores<Prediction>(
  score: RegressionScore<Prediction>,
  prediction: Prediction,
  y: number,
): readonly number[] {
  switch (score.tails) {
    case "lower":
      return [score.below(prediction, y)];
    case "upper":
      return [score.above(prediction, y)];
    case "separate":
      return [score.below(prediction, y), score.above(prediction, y)];
    default:
      return [Math.max(score.below(prediction, y), score.above(prediction, y))];
  }
}

/** All values whose scores are within the thresholds, by the scores as doubles compute them. */
export function intervalWithin<Prediction>(
  score: RegressionScore<Prediction>,
  prediction: Prediction,
  quantiles: readonly Quantile[],
): PredictionInterval {
  const { tails } = score;
  const low = quantiles[0] as Quantile;
  const high = quantiles.at(-1) as Quantile;
  const lower =
    tails === "upper"
      ? -Infinity
      : -lastInside(
          (y) => score.below(prediction, -y) <= low.value,
          -endAt(low.value, (q) => score.lower(prediction, q), -1),
        );
  const upper =
    tails === "lower"
      ? Infinity
      : lastInside(
          (y) => score.above(prediction, y) <= high.value,
          endAt(high.value, (q) => score.upper(prediction, q), 1),
        );
  const level = tails === "separate" ? Math.max(0, low.level + high.level - 1) : low.level;
  const oneSided = tails === "lower" || tails === "upper" ? "one-sided" : undefined;
  return intervalOf(lower + 0, upper, level, low.reason ?? high.reason ?? oneSided);
}

/** No scale times an infinite threshold: an end is infinite whatever the prediction. */
function endAt(threshold: number, end: (threshold: number) => number, sign: number): number {
  return threshold === Infinity ? sign * Infinity : end(threshold);
}

/**
 * The largest double that is inside, searched from a guess a few rounding errors away: `inside` holds up to some value
 * and for none above it. `mu + (y - mu)` can fall just below `y`, and a value that ties with the threshold must not be
 * lost to that: in data with ties it is not one value but a share of them.
 */
export function lastInside(inside: (y: number) => boolean, guess: number): number {
  if (!Number.isFinite(guess)) return guess;
  let step = Math.max(Math.abs(guess) * 2 ** -52, Number.MIN_VALUE);
  let factor = 2;
  const outward = inside(guess);
  let reached = guess;
  let next = outward ? guess + step : guess - step;
  while (inside(next) === outward) {
    if (!Number.isFinite(next)) return next;
    reached = next;
    step *= factor;
    factor *= factor;
    next = outward ? reached + step : reached - step;
  }
  let good = outward ? reached : next;
  let bad = outward ? next : reached;
  for (;;) {
    const middle = good + (bad - good) / 2;
    if (!(middle > good && middle < bad)) return good;
    if (inside(middle)) good = middle;
    else bad = middle;
  }
}
