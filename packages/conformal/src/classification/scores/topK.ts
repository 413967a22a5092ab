import { rankedScore } from "./ranked.ts";
import type { ClassificationScore } from "./score.ts";

/** Options of `topK`. */
export interface TopKOptions {
  /** Subtract a uniform u from the rank, so that coverage can be met between two sizes. Default true. */
  readonly randomized?: boolean;
}

/**
 * The score of a label is its place in the ranking, 1 = most probable, less u: all sets have the same size (two
 * neighbouring sizes with u). For when a fixed number of suggestions is what is wanted.
 */
export function topK(options: TopKOptions = {}): ClassificationScore {
  const { randomized = true } = options;
  return rankedScore({
    name: randomized ? "topK" : "topK-deterministic",
    randomized,
    at: randomized ? (_total, _p, rank, _top, u) => rank - u : (_total, _p, rank) => rank,
  });
}
