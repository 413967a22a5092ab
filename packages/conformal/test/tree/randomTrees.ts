import fc from "fast-check";

/** Parents and costs of a random tree in preorder. */
export interface RandomTree {
  readonly parents: number[];
  readonly costs: number[];
}

/** Trees of 1..maxNodes nodes; a node hangs on the last one or any of its ancestors, which makes every preorder. */
export function treeArbitrary(maxNodes: number, cost: fc.Arbitrary<number>): fc.Arbitrary<RandomTree> {
  return fc
    .array(fc.tuple(fc.nat(), cost), { minLength: 1, maxLength: maxNodes })
    .map((draws) => ({ parents: parentsFrom(draws.map(([up]) => up)), costs: draws.map(([, c]) => c) }));
}

export function parentsFrom(ups: readonly number[]): number[] {
  const parents: number[] = [-1];
  for (let i = 1; i < ups.length; i++) {
    const path: number[] = [];
    for (let node = i - 1; node >= 0; node = parents[node] as number) path.push(node);
    parents.push(path[(ups[i] as number) % path.length] as number);
  }
  return parents;
}

/** Every part of a tree that stays together at the root, as a bit mask; 0 for nothing. */
export function rootedMasks(parents: readonly number[]): number[] {
  const masks: number[] = [0];
  for (let mask = 1; mask < 1 << parents.length; mask += 2) {
    if (parents.every((parent, i) => i === 0 || !(mask & (1 << i)) || mask & (1 << parent))) masks.push(mask);
  }
  return masks;
}

/** Removed nodes whose parent is kept, and the root if it is removed. */
export function holesOf(parents: readonly number[], mask: number): number {
  return parents.filter((parent, i) => !(mask & (1 << i)) && (i === 0 || mask & (1 << parent))).length;
}
