/** How many of the first `count` ascending values (all of them, unless said) are below `x`. */
export function countBelow(ascending: ArrayLike<number>, x: number, count: number = ascending.length): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the first `count` ascending values (all of them, unless said) are at most `x`. */
export function countUpTo(ascending: ArrayLike<number>, x: number, count: number = ascending.length): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
