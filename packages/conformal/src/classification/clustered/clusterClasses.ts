import { conformalRank } from "../../quantile/rank.ts";
import { splitByKey } from "../groups.ts";
import { countUpTo } from "../../base/sortedSearch.ts";
import { kMeans } from "./kMeans.ts";

/**
 * A cluster for each class `[classes]` from scores of rows that calibrate nothing: k-means on five quantiles of each
 * class's scores (0.5 to 0.9) and the one at 1 - alpha, weighted by the number of rows. Scores are taken as ranks among all, so that only
 * their order matters. Classes with fewer rows than a threshold of their own needs (about `1/alpha - 1`) can't be told
 * apart and share a cluster, the last one.
 */
export function clusterClasses(
  scores: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
  clusters: number,
  alpha: number,
): number[] {
  const all = scores.slice().sort();
  const ranks = scores.map((score) => countUpTo(all, score) / all.length);
  const byClass = splitByKey(ranks, labels, classes).map((part) => part.sort());
  const frequent = byClass.flatMap((part, label) => (conformalRank(part.length, alpha) <= part.length ? [label] : []));
  const points = frequent.map((label) => embed(byClass[label] as Float64Array, alpha));
  const found = kMeans(
    points,
    frequent.map((label) => (byClass[label] as Float64Array).length),
    clusters,
  );
  const clusterOf = Array<number>(classes).fill(new Set(found).size);
  frequent.forEach((label, i) => {
    clusterOf[label] = found[i] as number;
  });
  return clusterOf;
}

function embed(ascending: Float64Array, alpha: number): Float64Array {
  return Float64Array.from([0.5, 0.6, 0.7, 0.8, 0.9, 1 - alpha], (share) => {
    const rank = Math.min(ascending.length, Math.max(1, Math.ceil(share * ascending.length)));
    return ascending[rank - 1] as number;
  });
}
