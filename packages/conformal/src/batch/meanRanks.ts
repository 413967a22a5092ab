import { uniformStream } from "../base/random.ts";
import { conformalRank } from "../quantile/rank.ts";
import { sampleRanks } from "./sampleRanks.ts";
import { type AcceptedRanks, acceptBySum, acceptWithoutLastRank, canAvoidLastRank } from "./sumLaw.ts";

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
  /** Estimate the quantile from so many random rank vectors, in place of the exact law. */
  readonly sampled?: { readonly draws: number; readonly seed: number };
}

/** The rank vectors that an upper bound on a mean allows for. */
export function meanRanks(request: MeanRanksRequest): AcceptedRanks {
  const { n, m, alpha, ordering, unbounded, sampled } = request;
  const feasible = canAvoidLastRank(n, m, alpha);
  const lexicographic = ordering === "lexicographic" || (ordering === "auto" && unbounded && feasible);
  if (lexicographic && !feasible) return everything(n);
  if (sampled !== undefined) return sampledRanks(request, lexicographic, sampled);
  return remembered(`${lexicographic} ${n} ${m} ${alpha}`, () =>
    lexicographic ? acceptWithoutLastRank(n, m, alpha) : acceptBySum(n, m, alpha),
  );
}

function everything(n: number): AcceptedRanks {
  return { rankSum: Infinity, largestRank: n + 1, level: 1 };
}

/**
 * The conformal quantile of the rank sums of random vectors. The true vector is exchangeable with the drawn ones, so the
 * level is exact on average over the draws, however few they are. A plain empirical quantile would fall short.
 */
function sampledRanks(
  { n, m, alpha }: MeanRanksRequest,
  lexicographic: boolean,
  { draws, seed }: { readonly draws: number; readonly seed: number },
): AcceptedRanks {
  const rank = conformalRank(draws, alpha);
  if (rank > draws) return everything(n);
  const uniform = uniformStream(seed);
  const sums = Float64Array.from({ length: draws }, () => {
    const ranks = sampleRanks(n, m, uniform);
    return lexicographic && ranks.at(-1) === n + 1 ? Infinity : ranks.reduce((sum, r) => sum + r, 0);
  }).sort();
  const rankSum = sums[rank - 1] as number;
  if (rankSum === Infinity) return everything(n);
  return { rankSum, largestRank: lexicographic ? n : n + 1, level: rank / (draws + 1) };
}

const MOST_REMEMBERED = 256;
const known = new Map<string, AcceptedRanks>();

/**
 * The law takes longer than everything else and depends on sizes and alpha alone, so a few answers (three numbers each)
 * are kept for the next batch.
 */
function remembered(key: string, compute: () => AcceptedRanks): AcceptedRanks {
  const found = known.get(key);
  if (found !== undefined) return found;
  const computed = Object.freeze(compute());
  if (known.size >= MOST_REMEMBERED) known.clear();
  known.set(key, computed);
  return computed;
}
