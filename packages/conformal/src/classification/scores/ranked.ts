import { countUpTo } from "../sorted.ts";
import { labelsOfPrefix, onGrid } from "./prefix.ts";
import { type ClassificationScore, favourite } from "./score.ts";

/** What makes a score of the ranking from the most to the least probable label, equal ones by class index. */
export interface RankedScoreRule {
  readonly name: string;
  readonly randomized: boolean;
  readonly options?: Readonly<Record<string, number>>;
  /**
   * The score at a place of the ranking. Must not fall from one place to the next, so that sets are prefixes.
   *
   * @param total probability of the labels down to this one, itself included
   * @param p probability of the label
   * @param rank place of the label, 1 = most probable
   * @param top probability of the most probable label
   */
  at(total: number, p: number, rank: number, top: number, u: number): number;
}

/**
 * The score that a rule over the ranking gives. One label takes `O(K)`, a set `O(K)` on average, without a sort: the
 * probabilities are rounded to multiples of 2^-52, whose sums are exact in doubles in every order, so that all ways to
 * a total give the same bits.
 */
export function rankedScore(rule: RankedScoreRule): ClassificationScore {
  const { name, randomized, options } = rule;
  return Object.freeze({
    name,
    randomized,
    ...(options === undefined ? {} : { options: Object.freeze({ ...options }) }),

    labelScore: (row: Float64Array, label: number, u: number): number => {
      const p = row[label] as number;
      let total = 0;
      let rank = 1;
      let top = p;
      for (let other = 0; other < row.length; other++) {
        const q = row[other] as number;
        if (q > p || (q === p && other < label)) {
          total += onGrid(q);
          rank++;
          if (q > top) top = q;
        }
      }
      return rule.at(total + onGrid(p), onGrid(p), rank, onGrid(top), u);
    },

    rowScores: (row: Float64Array, u: number): Float64Array => {
      const ascending = row.slice().sort();
      const classes = row.length;
      // totals[rank] is the probability of the labels down to that place.
      const totals = new Float64Array(classes + 1);
      for (let rank = 1; rank <= classes; rank++) {
        totals[rank] = (totals[rank - 1] as number) + onGrid(ascending[classes - rank] as number);
      }
      const top = onGrid(ascending[classes - 1] as number);
      const equalsBefore = new Uint32Array(classes + 1);
      return row.map((p) => {
        const above = classes - countUpTo(ascending, p);
        const equals = (equalsBefore[above] as number) + 1;
        equalsBefore[above] = equals;
        return rule.at(totals[above + equals] as number, onGrid(p), above + equals, top, u);
      });
    },

    labelsWithin: (row: Float64Array, u: number, threshold: number): number[] => {
      const largest = onGrid(row[favourite(row)] as number);
      return labelsOfPrefix(row, (total, p, rank) => rule.at(total, p, rank, largest, u) <= threshold);
    },
  });
}
