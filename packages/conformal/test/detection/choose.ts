/** All ways to choose `size` of 0..count-1, each ascending. */
export function choose(count: number, size: number): number[][] {
  if (size === 0) return [[]];
  if (count < size) return [];
  return [...choose(count - 1, size), ...choose(count - 1, size - 1).map((rest) => [...rest, count - 1])];
}

/** 420420 is a multiple of 1..7 and of 10..14: sums of fractions with such denominators are exact as multiples of it. */
export const COMMON = 420420;
