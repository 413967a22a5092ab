import { uniformStream } from "../base/random.ts";
import type { Scores } from "../quantile/quantile.ts";
import { conformalRank } from "../quantile/rank.ts";
import { weightBudget, weightResolution, weightsLike } from "./rankWeights.ts";
import { sampleRanks } from "./sampleRanks.ts";
import { acceptBySum, acceptWithoutLastRank, canAvoidLastRank } from "./sumLaw.ts";

/** In which order rank vectors are accepted until their share is `1 - alpha`. */
export type MeanOrdering = "sum" | "lexicographic" | "auto";

/** What the accepted vectors depend on: no score at all. */
export interface MeanRanksRequest {
  readonly n: number;
  readonly m: number;
  readonly alpha: number;
  readonly ordering: MeanOrdering;
  /** Can the score beyond the last rank be infinite? */
  readonly unbounded: boolean;
  /** Weigh ranks by the quantiles of these scores, which are not of the calibration or test points. */
  readonly guess?: Scores;
  /** Estimate the quantile from so many random rank vectors, in place of the exact law. */
  readonly sampled?: { readonly draws: number; readonly seed: number };
}

/** The vectors of m ranks that an upper bound on a mean allows for: those whose weights sum to at most the budget. */
export interface MeanRanks {
  /** Whole weights of the ranks 1, 2, ... that may be used, nondecreasing from 0; other ranks may not. */
  readonly weights: Int32Array;
  /** Infinity when every vector is accepted. */
  readonly budget: number;
  /** Share of the accepted vectors, at least `1 - alpha`. */
  readonly level: number;
}

/** The accepted rank vectors, by the sum of ranks or of weights like a guess. */
export function meanRanks(request: MeanRanksRequest): MeanRanks {
  const { n, m, alpha, ordering, unbounded, guess, sampled } = request;
  const feasible = canAvoidLastRank(n, m, alpha);
  const lexicographic = ordering === "lexicographic" || (ordering === "auto" && unbounded && feasible);
  if (lexicographic && !feasible) return everything(n);
  const largestRank = lexicographic ? n : n + 1;
  const weights =
    guess === undefined
      ? Int32Array.from({ length: largestRank }, (_, i) => i)
      : weightsLike("meanBound", guess, n, largestRank, weightResolution(n, m));
  if (sampled !== undefined) return sampledRanks(request, weights, sampled);
  const shape = guess === undefined ? "" : weights.join();
  const found = remembered(`${lexicographic} ${n} ${m} ${alpha} ${shape}`, () => {
    if (guess !== undefined) return weightBudget(weights, m, lexicographic ? m / (n + m) : 0, alpha);
    const { rankSum, level } = lexicographic ? acceptWithoutLastRank(n, m, alpha) : acceptBySum(n, m, alpha);
    return { budget: rankSum - m, level };
  });
  return { weights, ...found };
}

function everything(n: number): MeanRanks {
  return { weights: Int32Array.from({ length: n + 1 }, (_, i) => i), budget: Infinity, level: 1 };
}

/**
 * The conformal quantile of the weight sums of random vectors. The true vector is exchangeable with the drawn ones, so
 * the level is exact on average over the draws, however few they are. A plain empirical quantile would fall short.
 */
function sampledRanks(
  { n, m, alpha }: MeanRanksRequest,
  weights: Int32Array,
  { draws, seed }: { readonly draws: number; readonly seed: number },
): MeanRanks {
  const rank = conformalRank(draws, alpha);
  if (rank > draws) return everything(n);
  const uniform = uniformStream(seed);
  const sums = Float64Array.from({ length: draws }, () =>
    sampleRanks(n, m, uniform).reduce((sum, r) => sum + (weights[r - 1] ?? Infinity), 0),
  ).sort();
  const budget = sums[rank - 1] as number;
  return budget === Infinity ? everything(n) : { weights, budget, level: rank / (draws + 1) };
}

interface Found {
  readonly budget: number;
  readonly level: number;
}

const MOST_REMEMBERED = 256;
const known = new Map<string, Found>();

/**
 * The law takes longer than everything else and depends on sizes, alpha and weights alone, so a few answers (two numbers
 * each) are kept for the next batch.
 */
function remembered(key: string, compute: () => Found): Found {
  const found = known.get(key);
  if (found !== undefined) return found;
  const computed = compute();
  if (known.size >= MOST_REMEMBERED) known.clear();
  known.set(key, computed);
  return computed;
}
