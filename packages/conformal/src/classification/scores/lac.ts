import type { ClassificationScore } from "./score.ts";

/**
 * Least ambiguous set-valued classifier: the score of label y is `1 - p_y`, so a set holds the labels whose
 * probability reaches one fixed threshold. Smallest sets on average when the probabilities are right; sets may be
 * empty, and hard examples may be covered less often than easy ones.
 *
 * @see Sadinle, Lei, Wasserman, Least ambiguous set-valued classifiers with bounded error levels (2019)
 */
export const lac: ClassificationScore = Object.freeze({
  name: "lac",
  randomized: false,
  labelScore: (row: Float64Array, label: number): number => 1 - (row[label] as number),
  rowScores: (row: Float64Array): Float64Array => row.map((p) => 1 - p),
  labelsWithin: (row: Float64Array, _u: number, threshold: number): number[] => {
    const labels: number[] = [];
    for (let label = 0; label < row.length; label++) {
      if (1 - (row[label] as number) <= threshold) labels.push(label);
    }
    return labels;
  },
});
