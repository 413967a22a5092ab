import { compensatedSum } from "../base/sum.ts";

/** Values of m picks that maximise their sum, with the weights picked. */
export interface Picks {
  /** Sum of the values, added from the smallest up with Neumaier's correction. */
  readonly sum: number;
  /** The m weights picked, ascending. */
  readonly weights: readonly number[];
}

/** Best sums of `count` picks with total weight `first`, `first + 1`, ... and how each was split. */
interface Level {
  readonly count: number;
  readonly first: number;
  readonly best: Float64Array;
  /** Weight of the single pick (odd count) or of the heavier half (even count). */
  readonly choice: Int32Array;
  readonly below: Level | undefined;
}

/**
 * The largest sum of m values of total weight at most `budget`, where weight w in 0..K has `values[w]` and a weight may
 * be picked any number of times: the knapsack behind an upper bound on a mean, exactly.
 *
 * Instead of adding one pick after another, the number of picks is doubled: a sorted multiset of 2i weights splits into
 * halves (every other one) whose weights differ by at most K, so a best sum for 2i picks needs about K/2 splits, and
 * for i picks only total weights in a window of about 3K. That is `O(K^2 log m)` steps in place of `O(m^2 K^2)`.
 *
 * @param values nondecreasing finite numbers; raising a weight never lowers the sum, so the whole budget is spent
 */
export function bestPicks(values: Float64Array, m: number, budget: number): Picks {
  const largest = values.length - 1;
  const total = Math.min(budget, m * largest);
  const weights = picked(solve(values, m, total, total), total).sort((a, b) => a - b);
  return { sum: sumOf(weights.map((w) => values[w] as number)), weights };
}

/** Solves for total weights from..to of `count` picks. */
function solve(values: Float64Array, count: number, from: number, to: number): Level {
  const largest = values.length - 1;
  const first = Math.max(0, from);
  const last = Math.min(count * largest, to);
  if (count === 1) {
    return { count, first, best: values.subarray(first, last + 1), choice: new Int32Array(0), below: undefined };
  }
  // The halves of weight t are at most `largest` apart; the least of `count` picks weighs at most their average.
  const below =
    count % 2 === 0
      ? solve(values, count / 2, Math.ceil((first - largest) / 2), Math.floor((last + largest) / 2))
      : solve(values, count - 1, first - Math.floor(first / count), last);
  const best = new Float64Array(last - first + 1).fill(-Infinity);
  const choice = new Int32Array(best.length);
  for (let t = first; t <= last; t++) {
    if (count % 2 === 0) joinHalves(below, t, largest, best, choice, t - first);
    else addOne(below, values, t, Math.floor(t / count), best, choice, t - first);
  }
  return { count, first, best, choice, below };
}

function joinHalves(
  below: Level,
  t: number,
  largest: number,
  best: Float64Array,
  choice: Int32Array,
  at: number,
): void {
  const { first, best: half } = below;
  const heaviest = Math.min(Math.floor((t + largest) / 2), t - first, first + half.length - 1);
  let most = -Infinity;
  let split = -1;
  for (let heavy = Math.ceil(t / 2); heavy <= heaviest; heavy++) {
    const sum = (half[heavy - first] as number) + (half[t - heavy - first] as number);
    if (sum > most) {
      most = sum;
      split = heavy;
    }
  }
  best[at] = most;
  choice[at] = split;
}

function addOne(
  below: Level,
  values: Float64Array,
  t: number,
  average: number,
  best: Float64Array,
  choice: Int32Array,
  at: number,
): void {
  const { first, best: rest } = below;
  let most = -Infinity;
  let single = -1;
  for (let w = Math.max(0, t - first - rest.length + 1); w <= average && t - w >= first; w++) {
    const sum = (values[w] as number) + (rest[t - w - first] as number);
    if (sum > most) {
      most = sum;
      single = w;
    }
  }
  best[at] = most;
  choice[at] = single;
}

/** The weights behind the best sum for total weight t. */
function picked(level: Level, t: number): number[] {
  const { count, first, choice, below } = level;
  if (below === undefined) return [t];
  const chosen = choice[t - first] as number;
  if (count % 2 === 1) return [chosen, ...picked(below, t - chosen)];
  return [...picked(below, chosen), ...picked(below, t - chosen)];
}

/** A compensated sum: the same for equal values whatever found them, and as good as rounded once. */
export function sumOf(values: readonly number[]): number {
  const add = compensatedSum();
  let sum = 0;
  for (const value of values) sum = add(value);
  return sum;
}
