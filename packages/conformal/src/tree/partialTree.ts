import type { FlatTree } from "./flatTree.ts";

/** A tree with holes: it stands for every tree that agrees with the kept part. */
export interface PartialTree<T> {
  /** The whole predicted tree. */
  readonly tree: FlatTree<T>;
  /** Preorder positions of the subtrees that are taken out, ascending; `[0]` for one hole and nothing else. */
  readonly holes: readonly number[];
}

/** Number of children of each node of a tree in preorder. */
export function childCounts(parents: Int32Array): Int32Array {
  const counts = new Int32Array(parents.length);
  for (let i = 1; i < parents.length; i++) {
    const parent = parents[i] as number;
    counts[parent] = (counts[parent] as number) + 1;
  }
  return counts;
}

/** 1 at the root of each hole. */
export function holeMask({ tree, holes }: PartialTree<unknown>): Uint8Array {
  const mask = new Uint8Array(tree.nodes.length);
  for (const hole of holes) mask[hole] = 1;
  return mask;
}
