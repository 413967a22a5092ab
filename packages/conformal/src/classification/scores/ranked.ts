import { countUpTo } from "../../base/sortedSearch.ts";
import { labelsOfPrefix, onGrid } from "./prefix.ts";
import { type ClassificationScore, favourite } from "./score.ts";

/** Up to this many classes (measured), ranking a row by comparing all pairs beats a sort or a partial selection. */
const FEW_CLASSES = 64;
// Reused for each row: to allocate typed arrays takes longer than to rank a short row.
const ranks = new Int32Array(FEW_CLASSES);
const descending = new Float64Array(FEW_CLASSES);

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

  const labelScore = (row: Float64Array, label: number, u: number): number => {
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
  };

  return Object.freeze({
    name,
    randomized,
    ...(options === undefined ? {} : { options: Object.freeze({ ...options }) }),

    labelScore,

    rowScores: (row: Float64Array, u: number, into = new Float64Array(row.length)): Float64Array =>
      row.length <= FEW_CLASSES ? scoresOfFew(rule, row, u, into) : scoresBySorting(rule, row, u, into),

    labelsWithin: (row: Float64Array, u: number, threshold: number): number[] => {
      if (row.length <= FEW_CLASSES) return labelsOfFew(rule, row, u, threshold);
      const largest = onGrid(row[favourite(row)] as number);
      return labelsOfPrefix(row, (total, p, rank) => rule.at(total, p, rank, largest, u) <= threshold);
    },
  });
}

function scoresBySorting(rule: RankedScoreRule, row: Float64Array, u: number, into: Float64Array): Float64Array {
  const ascending = row.slice().sort();
  const classes = row.length;
  // totals[rank] is the probability of the labels down to that place.
  const totals = new Float64Array(classes + 1);
  for (let rank = 1; rank <= classes; rank++) {
    totals[rank] = (totals[rank - 1] as number) + onGrid(ascending[classes - rank] as number);
  }
  const top = onGrid(ascending[classes - 1] as number);
  const equalsBefore = new Uint32Array(classes + 1);
  for (let label = 0; label < classes; label++) {
    const p = row[label] as number;
    const above = classes - countUpTo(ascending, p);
    const equals = (equalsBefore[above] as number) + 1;
    equalsBefore[above] = equals;
    into[label] = rule.at(totals[above + equals] as number, onGrid(p), above + equals, top, u);
  }
  return into;
}

/**
 * Ranks a short row: `ranks[label]` is how many labels come before it, and `descending` holds the probabilities in that
 * order, on the grid. Without a branch on a comparison: which of two labels is more probable can't be predicted.
 */
function rankFew(row: Float64Array): void {
  const classes = row.length;
  for (let label = 0; label < classes; label++) {
    const p = row[label] as number;
    let before = 0;
    for (let other = 0; other < label; other++) {
      const behind = Number((row[other] as number) < p);
      ranks[other] = (ranks[other] as number) + behind;
      before += 1 - behind;
    }
    ranks[label] = before;
  }
  for (let label = 0; label < classes; label++) descending[ranks[label] as number] = onGrid(row[label] as number);
}

function scoresOfFew(rule: RankedScoreRule, row: Float64Array, u: number, into: Float64Array): Float64Array {
  rankFew(row);
  const classes = row.length;
  const top = descending[0] as number;
  let total = 0;
  for (let rank = 0; rank < classes; rank++) {
    const p = descending[rank] as number;
    total += p;
    descending[rank] = rule.at(total, p, rank + 1, top, u);
  }
  for (let label = 0; label < classes; label++) into[label] = descending[ranks[label] as number] as number;
  return into;
}

function labelsOfFew(rule: RankedScoreRule, row: Float64Array, u: number, threshold: number): number[] {
  rankFew(row);
  const classes = row.length;
  const top = descending[0] as number;
  let total = 0;
  let size = 0;
  for (; size < classes; size++) {
    const p = descending[size] as number;
    total += p;
    if (!(rule.at(total, p, size + 1, top, u) <= threshold)) break;
  }
  // An array of the right size from the start: one that grows has room for 17 numbers, which the sets keep.
  const labels = new Array<number>(size);
  let count = 0;
  for (let label = 0; label < classes; label++) if ((ranks[label] as number) < size) labels[count++] = label;
  return labels;
}
