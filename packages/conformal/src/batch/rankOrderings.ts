/**
 * A number for every sorted vector of m ranks in 1..n+1, built up one rank at a time from the smallest: start with
 * `start` and apply `step` for positions 1..m. Vectors with small numbers are accepted first for upper bounds, those
 * with large ones for lower bounds. It must not depend on any score, and should take few different values.
 */
export interface RankOrdering {
  readonly start: number;
  readonly step: (state: number, rank: number, position: number, m: number, n: number) => number;
}

/** Rank orderings for `compositionalBound`, each the counterpart of one of `scoreStatistics`. */
export const rankOrderings: {
  /** Sum of the ranks. */
  readonly sum: RankOrdering;
  /** The largest rank: the rule of an order statistic with zeta = m. */
  readonly largest: RankOrdering;
  /** Weighted sum of the largest ranks; whole weights keep the number of values small. */
  readonly top: (weights: readonly number[]) => RankOrdering;
  /** How many ranks are above a fixed one. */
  readonly countAbove: (rank: number) => RankOrdering;
  /** Sum of the ranks, each raised to at least `low` and cut to at most `high`. */
  readonly clippedSum: (low: number, high: number) => RankOrdering;
  /** As another ordering, but vectors with rank n + 1 after all others: finite upper bounds for unbounded scores. */
  readonly lastRankLast: (ordering: RankOrdering) => RankOrdering;
  /** As another ordering, but vectors with rank 1 before all others: finite lower bounds for unbounded scores. */
  readonly firstRankFirst: (ordering: RankOrdering) => RankOrdering;
} = Object.freeze({
  sum: { start: 0, step: (state: number, rank: number) => state + rank },
  largest: { start: 0, step: (_state: number, rank: number) => rank },
  top: (weights: readonly number[]) => ({
    start: 0,
    step: (state: number, rank: number, position: number, m: number) => state + (weights[m - position] ?? 0) * rank,
  }),
  countAbove: (fixed: number) => ({
    start: 0,
    step: (state: number, rank: number) => state + (rank > fixed ? 1 : 0),
  }),
  clippedSum: (low: number, high: number) => ({
    start: 0,
    step: (state: number, rank: number) => state + Math.min(Math.max(rank, low), high),
  }),
  lastRankLast: ({ start, step }: RankOrdering) => ({
    start,
    step: (state: number, rank: number, position: number, m: number, n: number) =>
      state === Infinity || rank === n + 1 ? Infinity : step(state, rank, position, m, n),
  }),
  firstRankFirst: ({ start, step }: RankOrdering) => ({
    start,
    step: (state: number, rank: number, position: number, m: number, n: number) =>
      state === -Infinity || rank === 1 ? -Infinity : step(state, rank, position, m, n),
  }),
});
