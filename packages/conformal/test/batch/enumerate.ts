/** All sorted vectors of m ranks in 1..n+1. */
export function rankVectors(n: number, m: number, from = 1): number[][] {
  if (m === 0) return [[]];
  const vectors: number[][] = [];
  for (let first = from; first <= n + 1; first++) {
    for (const rest of rankVectors(n, m - 1, first)) vectors.push([first, ...rest]);
  }
  return vectors;
}

/** The values as calibration and test points in every possible way: all choices of m test positions. */
export function splits(values: readonly number[], m: number): { calibration: number[]; test: number[] }[] {
  if (m === 0) return [{ calibration: [...values], test: [] }];
  if (values.length < m) return [];
  const [first, ...rest] = values as [number, ...number[]];
  return [
    ...splits(rest, m - 1).map(({ calibration, test }) => ({ calibration, test: [first, ...test] })),
    ...splits(rest, m).map(({ calibration, test }) => ({ calibration: [first, ...calibration], test })),
  ];
}

/** Every n >= 1 and m >= 1 with n + m at most the given number. */
export function sizes(most: number): [n: number, m: number][] {
  return Array.from({ length: most - 1 }, (_, i) =>
    Array.from({ length: most - 1 - i }, (_, j): [number, number] => [i + 1, j + 1]),
  ).flat();
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
export const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
