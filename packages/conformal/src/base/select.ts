/**
 * The `rank`-th smallest value (rank 1 = the smallest) of an array without NaN, which is reordered in place.
 * Quickselect with the middle of three as pivot: linear on average. Orders that defeat the pivot rule are sorted
 * instead, so that the worst case stays `O(n log n)`.
 */
export function selectInPlace(values: Float64Array, rank: number): number {
  const target = rank - 1;
  let low = 0;
  let high = values.length - 1;
  let budget = 4 * Math.ceil(Math.log2(values.length + 1)) + 8;
  while (low < high) {
    if (budget-- === 0) {
      values.subarray(low, high + 1).sort();
      break;
    }
    const pivot = middle(values[low] as number, values[(low + high) >>> 1] as number, values[high] as number);
    let i = low;
    let j = high;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i <= j) {
        const swapped = values[i] as number;
        values[i++] = values[j] as number;
        values[j--] = swapped;
      }
    }
    // Now values[low..j] <= pivot <= values[i..high], and anything between j and i equals the pivot.
    if (target <= j) high = j;
    else if (target >= i) low = i;
    else break;
  }
  return values[target] as number;
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
