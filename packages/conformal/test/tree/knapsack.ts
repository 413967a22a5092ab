import type { RandomTree } from "./randomTrees.ts";

/**
 * The textbook tree knapsack, as an oracle for trees that are too large for exhaustive search: for every kept count and
 * number of holes the least cost, children merged one by one.
 *
 * @returns the largest count within the budget and its least cost
 */
export function knapsack({ parents, costs }: RandomTree, budget: number, maxHoles: number): [number, number] {
  const n = parents.length;
  const removed = [[Infinity, 0]];
  const tables = Array.from({ length: n }, (_, i) => [[Infinity], [costs[i] as number]]);
  const merged = (a: number[][], b: number[][]): number[][] => {
    const sum = Array.from({ length: a.length + b.length - 1 }, () => Array<number>(maxHoles + 1).fill(Infinity));
    for (const [k1, row1] of a.entries()) {
      for (const [h1, c1] of row1.entries()) {
        for (const [k2, row2] of b.entries()) {
          for (const [h2, c2] of row2.entries()) {
            if (h1 + h2 > maxHoles) continue;
            const cell = sum[k1 + k2] as number[];
            cell[h1 + h2] = Math.min(cell[h1 + h2] as number, c1 + c2);
          }
        }
      }
    }
    return sum;
  };
  const orRemoved = (table: number[][]): number[][] => [removed[0] as number[], ...table.slice(1)];
  for (let i = n - 1; i > 0; i--) {
    const parent = parents[i] as number;
    tables[parent] = merged(tables[parent] as number[][], orRemoved(tables[i] as number[][]));
  }
  let best: [number, number] = [0, 0];
  for (const [count, row] of (tables[0] as number[][]).entries()) {
    const cost = Math.min(...row);
    if (count > 0 && cost <= budget) best = [count, cost];
  }
  return best;
}
