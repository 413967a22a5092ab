/**
 * The upper concave hull of the points `(w, values[w])` at a position between 0 and K: no average of values whose
 * weights average to at most `position` lies above it. `O(K)`.
 *
 * @param values nondecreasing finite numbers of weights 0..K
 */
export function concaveHullAt(values: Float64Array, position: number): number {
  const corners: number[] = [];
  let largest = -Infinity;
  let size = 0;
  for (const value of values) {
    largest = Math.max(largest, value);
    size = Math.max(size, Math.abs(value));
  }
  for (let w = 0; w < values.length; w++) {
    while (corners.length >= 2 && !isAbove(values, corners.at(-2) as number, corners.at(-1) as number, w))
      corners.pop();
    corners.push(w);
  }
  let right = corners.findIndex((w) => w >= position);
  if (right < 0) right = corners.length - 1;
  const b = corners[right] as number;
  const a = corners[Math.max(0, right - 1)] as number;
  const share = b <= position || a === b ? 1 : (position - a) / (b - a);
  const height = (values[a] as number) * (1 - share) + (values[b] as number) * share;
  // Up by more than the roundings here and in the choice of corners: a bound must not fall short, not by a digit.
  return Math.min(largest, height + size * 2 ** -49);
}

/** Is the middle point strictly above the line from left to right? */
function isAbove(values: Float64Array, left: number, middle: number, right: number): boolean {
  const rise = (values[middle] as number) - (values[left] as number);
  return rise * (right - left) > ((values[right] as number) - (values[left] as number)) * (middle - left);
}
