import { type ClassificationScore, ranking } from "./score.ts";

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
  return Object.freeze({
    name: randomized ? "aps" : "aps-deterministic",
    randomized,
    labelScore: (row: Float64Array, label: number, u: number): number => {
      const p = row[label] as number;
      // Added in descending order, as in rowScores: another order could differ in the last bit.
      const above = row
        .filter((q, other) => q > p || (q === p && other < label))
        .sort()
        .reverse();
      let total = 0;
      for (const q of above) total += q;
      return discounted(total + p, p, randomized ? u : 0);
    },
    rowScores: (row: Float64Array, u: number): Float64Array => {
      const scores = new Float64Array(row.length);
      let total = 0;
      for (const label of ranking(row)) {
        const p = row[label] as number;
        total += p;
        scores[label] = discounted(total, p, randomized ? u : 0);
      }
      return scores;
    },
  });
}

function discounted(total: number, p: number, u: number): number {
  return total - u * p;
}
