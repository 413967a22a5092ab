import type { ClassificationScore } from "./score.ts";

/**
 * The score of label y is how much more probable the best other label is, `max_{k != y} p_k - p_y`, in [-1, 1]: 0 for
 * two favourites. With one class only, there is no other label, and the score is `-p_y`.
 *
 * @see Johansson, Linusson, Löfström, Boström, Model-agnostic nonconformity functions for conformal classification (2017)
 */
export const margin: ClassificationScore = Object.freeze({
  name: "margin",
  randomized: false,
  labelScore: (row: Float64Array, label: number): number => {
    let best = 0;
    for (let other = 0; other < row.length; other++) {
      if (other !== label && (row[other] as number) > best) best = row[other] as number;
    }
    return best - (row[label] as number);
  },
  rowScores: (row: Float64Array, _u?: number, into: Float64Array = new Float64Array(row.length)): Float64Array => {
    let first = -1;
    let best = 0;
    let second = 0;
    for (let label = 0; label < row.length; label++) {
      const p = row[label] as number;
      if (first < 0 || p > best) {
        second = best;
        best = p;
        first = label;
      } else if (p > second) {
        second = p;
      }
    }
    for (let label = 0; label < row.length; label++) {
      into[label] = (label === first ? second : best) - (row[label] as number);
    }
    return into;
  },
});
