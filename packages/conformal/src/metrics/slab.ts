/** A run of neighbours in an order, `from..to-1`, with how many of them are covered. */
export interface Slab {
  readonly from: number;
  readonly to: number;
  readonly covered: number;
}

/**
 * The run of at least `least` neighbours with the smallest share of ones, exactly. Runs may only begin and end where
 * `values` changes, because a slab can't tell equal values apart.
 *
 * Dinkelbach's iteration: for the best share so far, `hits / count`, look for the run with the smallest
 * `count * ones - hits * length` with prefix sums and a running maximum; a negative one has a smaller share. All numbers
 * are whole, so that nothing is rounded, and a few passes of `O(n)` are enough.
 *
 * @param values ascending `[n]`
 * @param flags 0 or 1 in the same order `[n]`
 * @param least at least 1 and at most n
 */
export function worstSlab(values: Float64Array, flags: Uint8Array, least: number): Slab {
  const n = values.length;
  const prefix = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) prefix[i + 1] = (prefix[i] as number) + (flags[i] as number);
  let best: Slab = { from: 0, to: n, covered: prefix[n] as number };
  for (;;) {
    const better = pass(values, prefix, least, best);
    if (better === undefined) return best;
    best = better;
  }
}

/** The run that is furthest below the share of `best`, if there is one. */
function pass(values: Float64Array, prefix: Float64Array, least: number, best: Slab): Slab | undefined {
  const n = values.length;
  const count = best.to - best.from;
  const height = (i: number): number => count * (prefix[i] as number) - best.covered * i;
  let start = -1;
  let highest = -Infinity;
  let found: Slab | undefined;
  let lowest = 0;
  for (let to = least; to <= n; to++) {
    const from = to - least;
    if ((from === 0 || values[from] !== values[from - 1]) && height(from) > highest) {
      highest = height(from);
      start = from;
    }
    if (start < 0 || (to < n && values[to] === values[to - 1])) continue;
    const difference = height(to) - highest;
    if (difference < lowest) {
      lowest = difference;
      found = { from: start, to, covered: (prefix[to] as number) - (prefix[start] as number) };
    }
  }
  return found;
}
