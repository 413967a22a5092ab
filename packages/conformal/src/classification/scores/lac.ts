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
  rowScores: (row: Float64Array, _u?: number, into: Float64Array = new Float64Array(row.length)): Float64Array => {
    for (let label = 0; label < row.length; label++) into[label] = 1 - (row[label] as number);
    return into;
  },
  labelsWithin: (row: Float64Array, _u: number, threshold: number): number[] => {
    let size = 0;
    for (let label = 0; label < row.length; label++) size += Number(1 - (row[label] as number) <= threshold);
    // An array of the right size from the start: one that grows has room for 17 numbers, which the sets keep.
    const labels = new Array<number>(size);
    let count = 0;
    for (let label = 0; count < size; label++) {
      if (1 - (row[label] as number) <= threshold) labels[count++] = label;
    }
    return labels;
  },
});
