import { rankedScore } from "./ranked.ts";
import type { ClassificationScore } from "./score.ts";

/** Options of `aps`. */
export interface ApsOptions {
  /**
   * Subtract `u * p_y` with a uniform u for each row, which spreads the scores of rows with a clear favourite; without
   * it (u = 0) sets depend on the probabilities alone and are larger as a rule. Either way a row whose favourite is
   * more probable than the calibrated total may get an empty set. Default true.
   */
  readonly randomized?: boolean;
}

/**
 * Adaptive prediction sets: the score of label y is the total probability of the labels down to y, most probable
 * first, less `u * p_y`. A set takes labels in that order until a calibrated total, so it grows on hard examples.
 * Equally probable labels are ranked by class index.
 *
 * @see Romano, Sesia, Candès, Classification with valid and adaptive coverage (2020)
 */
export function aps(options: ApsOptions = {}): ClassificationScore {
  const { randomized = true } = options;
  return rankedScore({
    name: randomized ? "aps" : "aps-deterministic",
    randomized,
    at: randomized ? (total, p, _rank, _top, u) => total - u * p : (total) => total,
  });
}
