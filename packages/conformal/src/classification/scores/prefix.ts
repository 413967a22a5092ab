/**
 * A probability as the nearest multiple of 2^-52 (of 2^-51 above 1). Sums of such numbers below 2 are exact in doubles,
 * so they don't depend on the order of the terms; what is lost is at most 2^-53 a term.
 */
export function onGrid(p: number): number {
  return p + 1 - 1;
}

/**
 * Is the label with probability `p` (on the grid) at place `rank` within a limit, if the probabilities down to it add
 * up to `total`? Once false, it must stay false down the ranking.
 */
export type Within = (total: number, p: number, rank: number) => boolean;

/**
 * The labels, ascending, of the longest prefix of the ranking (most probable first, equal ones by class index) whose
 * last label is still within a limit, by partial selection: linear on average in the number of classes, however long
 * the prefix. Orders that defeat the choice of pivots are sorted, so that the worst case stays `O(K log K)`.
 */
export function labelsOfPrefix(row: Float64Array, within: Within): number[] {
  const { cut, equals } = findCut(probable(row, within) ?? row.slice(), within);
  let left = equals;
  const labels: number[] = [];
  for (let label = 0; label < row.length; label++) {
    const p = row[label] as number;
    if (p > cut || (p === cut && left-- > 0)) labels.push(label);
  }
  return labels;
}

/** The values that are several times the mean, if the prefix ends among them: as a rule few, found in one pass. */
function probable(row: Float64Array, within: Within): Float64Array | undefined {
  const limit = 4 / row.length;
  const values = new Float64Array(row.length >>> 1);
  let count = 0;
  let total = 0;
  let least = Infinity;
  for (let label = 0; label < row.length; label++) {
    const p = row[label] as number;
    if (p <= limit) continue;
    if (count === values.length) return undefined;
    values[count++] = p;
    total += onGrid(p);
    if (p < least) least = p;
  }
  return count === 0 || within(total, onGrid(least), count) ? undefined : values.subarray(0, count);
}

/** In the prefix are the labels above `cut`, and the first `equals` of those at it. The values are reordered. */
function findCut(values: Float64Array, within: Within): { cut: number; equals: number } {
  // Values before `low` are larger than all in [low, high) and within the limit; those from `high` on are beyond it.
  let low = 0;
  let high = values.length;
  let total = 0;
  let cut = Infinity;
  let equals = 0;
  let budget = 2 * Math.ceil(Math.log2(high + 1)) + 8;
  while (low < high) {
    // Out of budget, the window is sorted once, and the largest value is the pivot from then on.
    if (budget-- === 0) values.subarray(low, high).sort().reverse();
    const pivot = budget < 0 ? (values[low] as number) : pivotOf(values, low, high);
    let above = 0;
    let firstEqual = low;
    for (let i = low; i < high; i++) {
      const value = values[i] as number;
      if (value > pivot) {
        above += onGrid(value);
        values[i] = values[firstEqual] as number;
        values[firstEqual++] = value;
      }
      if (budget < 0) break;
    }
    const p = onGrid(pivot);
    const before = total + above;
    if (!within(before + p, p, firstEqual + 1)) {
      high = firstEqual;
      continue;
    }
    let firstLess = firstEqual;
    for (let i = firstEqual; i < high; i++) {
      if (values[i] === pivot) {
        values[i] = values[firstLess] as number;
        values[firstLess++] = pivot;
      } else if (budget < 0) break;
    }
    const start = firstEqual;
    cut = pivot;
    equals = lastWithin(firstLess - start, (count) => within(before + count * p, p, start + count));
    if (start + equals < firstLess) break;
    low = firstLess;
    total = before + equals * p;
  }
  return { cut, equals };
}

/** The middle one of three values of a window. */
function pivotOf(values: Float64Array, low: number, high: number): number {
  const a = values[low] as number;
  const b = values[(low + high) >>> 1] as number;
  const c = values[high - 1] as number;
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** The largest count in 1..most that is within, given that 1 is. */
function lastWithin(most: number, within: (count: number) => boolean): number {
  let low = 1;
  let high = most;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (within(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
