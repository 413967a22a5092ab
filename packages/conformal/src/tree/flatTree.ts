import { ConformalError } from "../base/errors.ts";
import type { TreeAdapter } from "./adapter.ts";

/** A tree as arrays over its nodes in preorder: node 0 is the root, a parent stands before its children. */
export interface FlatTree<T> {
  readonly adapter: TreeAdapter<T>;
  /** Your nodes `[n]`. */
  readonly nodes: readonly T[];
  readonly labels: readonly string[];
  /** Parent of each node `[n]`, -1 for the root. */
  readonly parents: Int32Array;
  /** One past the last descendant of each node `[n]`: the subtree of `i` is `i..ends[i] - 1`. */
  readonly ends: Int32Array;
}

/**
 * Reads a tree through an adapter. Without recursion, so that any depth will do.
 *
 * @throws ConformalError E_TREE at a node that is met twice: the value has a cycle, or shares a part
 */
export function flattenTree<T>(root: NoInfer<T>, adapter: TreeAdapter<T>): FlatTree<T> {
  const nodes: T[] = [];
  const parents: number[] = [];
  const met = new Set<T>();
  const stack: { readonly node: T; readonly parent: number }[] = [{ node: root, parent: -1 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, parent } = top;
    const index = nodes.length;
    if (typeof node === "object" && node !== null) {
      if (met.has(node)) throw new ConformalError("E_TREE", `flattenTree: node ${index} is met a second time`, index);
      met.add(node);
    }
    nodes.push(node);
    parents.push(parent);
    const children = adapter.children(node);
    for (let c = children.length - 1; c >= 0; c--) stack.push({ node: children[c] as T, parent: index });
  }
  return {
    adapter,
    nodes,
    labels: nodes.map((node) => adapter.label(node)),
    parents: Int32Array.from(parents),
    ends: subtreeEnds(parents),
  };
}

/**
 * The `ends` of a tree in preorder.
 *
 * @throws ConformalError E_TREE unless the parents describe one tree in preorder
 */
export function subtreeEnds(parents: ArrayLike<number>): Int32Array {
  const n = parents.length;
  if (n === 0) throw new ConformalError("E_TREE", "a tree has at least its root, got no nodes");
  const ends = Int32Array.from({ length: n }, (_, i) => i + 1);
  for (let i = n - 1; i > 0; i--) {
    const parent = parents[i] as number;
    if (!Number.isInteger(parent) || parent < 0 || parent >= i) {
      throw new ConformalError("E_TREE", `node ${i}: a parent stands before its children, got parent ${parent}`, i);
    }
    if ((ends[parent] as number) < (ends[i] as number)) ends[parent] = ends[i] as number;
  }
  if (parents[0] !== -1) throw new ConformalError("E_TREE", `node 0 is the root, got parent ${parents[0]}`, 0);
  // In preorder a node's parent is the node before it, or an ancestor of that one.
  for (let i = 1; i < n; i++) {
    let above = i - 1;
    while (above !== parents[i] && ends[above] === i) above = parents[above] as number;
    if (above !== parents[i]) throw new ConformalError("E_TREE", `node ${i} is out of preorder`, i);
  }
  return ends;
}
