/**
 * A statistic of the scores of a batch, built up one score at a time from the smallest to the largest: start with
 * `start` and apply `step` for positions 1..m. It must be nondecreasing in the value so far and in the score.
 */
export interface ScoreStatistic {
  readonly start: number;
  readonly step: (value: number, score: number, position: number, m: number) => number;
}

/** Statistics for `compositionalBound`. */
export const scoreStatistics: {
  /** Sum of the scores. */
  readonly sum: ScoreStatistic;
  /** Mean of the scores. */
  readonly mean: ScoreStatistic;
  /** The largest score. */
  readonly largest: ScoreStatistic;
  /** `weights[0]` times the largest score, plus `weights[1]` times the second largest, and so on; weights >= 0. */
  readonly top: (weights: readonly number[]) => ScoreStatistic;
  /** How many scores are above a threshold. */
  readonly countAbove: (threshold: number) => ScoreStatistic;
  /** Sum of the scores, each raised to at least `low` and cut to at most `high`: finite for unbounded scores too. */
  readonly clippedSum: (low: number, high: number) => ScoreStatistic;
} = Object.freeze({
  sum: { start: 0, step: (value: number, score: number) => value + score },
  mean: { start: 0, step: (value: number, score: number, _position: number, m: number) => value + score / m },
  largest: { start: -Infinity, step: (_value: number, score: number) => score },
  top: (weights: readonly number[]) => ({
    start: 0,
    step: (value: number, score: number, position: number, m: number) => {
      const weight = weights[m - position] ?? 0;
      return weight === 0 ? value : value + weight * score;
    },
  }),
  countAbove: (threshold: number) => ({
    start: 0,
    step: (value: number, score: number) => value + (score > threshold ? 1 : 0),
  }),
  clippedSum: (low: number, high: number) => ({
    start: 0,
    step: (value: number, score: number) => value + Math.min(Math.max(score, low), high),
  }),
});
