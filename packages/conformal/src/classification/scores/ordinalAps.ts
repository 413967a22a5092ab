import { onGrid } from "./prefix.ts";
import { type ClassificationScore, favourite } from "./score.ts";

/** Options of `ordinalAps`. */
export interface OrdinalApsOptions {
  /** Subtract `u * p_y`, as in `aps`. Default true. */
  readonly randomized?: boolean;
}

/**
 * For ordered classes, such as grades: sets are intervals of neighbouring classes. From the most probable class the
 * interval grows, each time by the more probable of its two neighbours (the lower one of equals), and the score of
 * label y is the probability of the interval once y is in it, less `u * p_y`. Where several
 * thresholds or models decide (a threshold for each class, CV+, full conformal prediction), gaps in a set are filled,
 * which keeps the guarantee.
 *
 * @see Lu, Angelopoulos, Pomerantz, Improving trustworthiness of AI disease severity rating in medical imaging with
 *   ordinal conformal prediction sets (2022): the greedy growth; the score form and the randomisation are as in `aps`
 */
export function ordinalAps(options: OrdinalApsOptions = {}): ClassificationScore {
  const { randomized = true } = options;
  const discount = (total: number, p: number, u: number): number => (randomized ? total - u * p : total);
  return Object.freeze({
    name: randomized ? "ordinalAps" : "ordinalAps-deterministic",
    randomized,
    contiguous: true,
    labelScore: (row: Float64Array, label: number, u: number): number => {
      let found = Number.NaN;
      growInterval(row, (next, total, p) => {
        if (next === label) found = discount(total, p, u);
        return next !== label;
      });
      return found;
    },
    rowScores: (row: Float64Array, u: number, into = new Float64Array(row.length)): Float64Array => {
      growInterval(row, (label, total, p) => {
        into[label] = discount(total, p, u);
        return true;
      });
      return into;
    },
    labelsWithin: (row: Float64Array, u: number, threshold: number): number[] => {
      let lowest = 0;
      let size = 0;
      growInterval(row, (label, total, p) => {
        // Scores never fall as the interval grows, so the first label beyond the threshold ends it.
        if (discount(total, p, u) > threshold) return false;
        lowest = size === 0 ? label : Math.min(lowest, label);
        size++;
        return true;
      });
      const labels = new Array<number>(size);
      for (let i = 0; i < size; i++) labels[i] = lowest + i;
      return labels;
    },
  });
}

/** Visits the labels in the order in which the interval takes them in, until `visit` says false. */
function growInterval(row: Float64Array, visit: (label: number, total: number, p: number) => boolean): void {
  let label = favourite(row);
  let lower = label - 1;
  let upper = label + 1;
  let total = 0;
  for (;;) {
    const p = onGrid(row[label] as number);
    total += p;
    if (!visit(label, total, p)) return;
    if (lower < 0 && upper >= row.length) return;
    if (upper >= row.length || (lower >= 0 && (row[lower] as number) >= (row[upper] as number))) label = lower--;
    else label = upper++;
  }
}
