import { checkAlpha, checkLength, checkWhole } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import type { ProbabilityMatrix } from "../../base/matrix.ts";
import { uniformStream } from "../../base/random.ts";
import { quantileOfCopy } from "../../quantile/quantile.ts";
import { type ConformalClassifier, classifierFrom } from "../classifier.ts";
import { splitByKey } from "../groups.ts";
import { calibrationScores } from "../rows.ts";
import { checkScore } from "../scores/score.ts";
import type { SplitClassifierOptions } from "../splitClassifier.ts";
import { clusterClasses } from "./clusterClasses.ts";

/** Options of `clusteredClassifier`: those of `splitClassifier`, and how to cluster. */
export interface ClusteredClassifierOptions extends Omit<SplitClassifierOptions, "mondrian"> {
  /** The number of clusters at most, a whole number >= 1; the classes that are too rare to judge share one more. */
  readonly clusters: number;
  /** Share of the rows that find the clusters and calibrate nothing, strictly between 0 and 1. Default 0.5. */
  readonly clusteringShare?: number;
}

/**
 * Clustered class-conditional prediction sets, for many classes with few calibration rows each: classes whose scores
 * are distributed alike share a threshold. A random part of the rows (by position, from the seed) finds the clusters,
 * and the others calibrate each cluster, so that every cluster of classes is covered with probability at least
 * `1 - alpha`; every class is nearly so, if the classes of a cluster are alike.
 *
 * Differs from the paper in three ways: quantiles are compared on the scale of ranks, k-means starts deterministically,
 * and classes that are too rare to cluster form a cluster of their own rather than take the threshold of all rows, so
 * that the guarantee holds for them too. Because rows are divided by position, another order is another division.
 *
 * @throws ConformalError E_ALPHA, E_RANGE
 * @see Ding, Angelopoulos, Bates, Jordan, Tibshirani, Class-conditional conformal prediction with many classes (2023)
 */
export function clusteredClassifier(options: ClusteredClassifierOptions): {
  /**
   * Calibrates on rows `[n, classes]`, n >= 2, of class probabilities and their true classes `[n]`.
   *
   * @param options `u` as in `splitClassifier`; `clustering`: true for each row `[n]` that finds clusters, in place of
   *   the random division. It must not depend on rows or labels.
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_RANGE, E_PROBS, E_NAN
   */
  calibrate(
    matrix: ProbabilityMatrix,
    labels: ArrayLike<number>,
    options?: { readonly u?: ArrayLike<number>; readonly clustering?: ArrayLike<boolean> },
  ): ConformalClassifier;
} {
  const where = "clusteredClassifier";
  const { score, alpha, clusters, clusteringShare = 0.5, allowEmpty = true, normalize = false, seed = 0 } = options;
  checkAlpha(where, alpha);
  checkScore(where, score);
  checkWhole(where, "seed", seed, 0);
  checkWhole(where, "clusters", clusters, 1);
  if (!(clusteringShare > 0 && clusteringShare < 1)) {
    throw new ConformalError("E_RANGE", `${where}: clusteringShare must be strictly in (0, 1), got ${clusteringShare}`);
  }
  return Object.freeze({
    calibrate(
      matrix: ProbabilityMatrix,
      labels: ArrayLike<number>,
      { u, clustering }: { readonly u?: ArrayLike<number>; readonly clustering?: ArrayLike<boolean> } = {},
    ): ConformalClassifier {
      const { scores, classes } = calibrationScores("calibrate", matrix, labels, u, { score, seed, normalize });
      const n = scores.length;
      if (clustering !== undefined) checkLength("calibrate", "clustering", clustering.length, n);
      const finds = clustering ?? drawPart(n, Math.round(clusteringShare * n), seed);
      const indices = Array.from({ length: n }, (_, i) => i);
      const part = (own: boolean): { scores: Float64Array; labels: number[] } => {
        const chosen = indices.filter((i) => (finds[i] === true) === own);
        return {
          scores: Float64Array.from(chosen, (i) => scores[i] as number),
          labels: chosen.map((i) => labels[i] as number),
        };
      };
      const finding = part(true);
      const calibrating = part(false);
      if (calibrating.labels.length === 0) {
        throw new ConformalError("E_EMPTY_CALIBRATION", "calibrate: all rows find clusters, none is left to calibrate");
      }
      const clusterOf = clusterClasses(finding.scores, finding.labels, classes, clusters, alpha);
      const byCluster = splitByKey(
        calibrating.scores,
        calibrating.labels.map((label) => clusterOf[label] as number),
        clusterOf.reduce((largest, cluster) => Math.max(largest, cluster), 0) + 1,
      ).map((own) => quantileOfCopy(own, alpha, Infinity));
      return classifierFrom({
        alpha,
        classes,
        score,
        guarantee: "group-conditional",
        quantiles: Object.freeze(clusterOf.map((cluster) => byCluster[cluster] as (typeof byCluster)[number])),
        clusters: Object.freeze(clusterOf),
        seed,
        allowEmpty,
        normalize,
      });
    },
  });
}

/** `count` of n positions at random. */
function drawPart(n: number, count: number, seed: number): boolean[] {
  const uniform = uniformStream(seed);
  let left = count;
  return Array.from({ length: n }, (_, i) => {
    const taken = uniform() * (n - i) < left;
    if (taken) left--;
    return taken;
  });
}
