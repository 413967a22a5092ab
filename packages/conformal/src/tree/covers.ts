import { ConformalError } from "../base/errors.ts";
import { type FlatTree, flattenTree } from "./flatTree.ts";
import { type PartialTree, childCounts, holeMask } from "./partialTree.ts";

/** What a hole may stand for: `one` subtree, or a `span` of any number of neighbouring subtrees, also none. */
export type HoleMatches = "one" | "span";

/** Options of `covers`. */
export interface CoversOptions {
  /** Default `"one"`. */
  readonly holeMatches?: HoleMatches;
}

/**
 * Is the target one of the trees that a partial tree stands for? Kept nodes must have the label of the target's node in
 * their place, and the same number of children, of which a hole counts as one and matches any subtree. With
 * `holeMatches: "span"` a hole absorbs any run of neighbouring siblings, so that a list may have another length.
 *
 * The comparison is of structure and labels, not of meaning: `a + b` does not cover `b + a`. No recursion.
 *
 * @param target read through the adapter of the partial tree
 * @throws ConformalError E_TREE, E_RANGE
 */
export function covers<T>(partial: PartialTree<T>, target: NoInfer<T>, options: CoversOptions = {}): boolean {
  const { holeMatches = "one" } = options;
  checkHoleMatches("covers", holeMatches);
  const flat = flattenTree<T>(target, partial.tree.adapter);
  return holeMatches === "one" ? matchesOne(partial, flat) : matchesSpan(partial, flat);
}

/** Throws unless `value` names a way to match. */
export function checkHoleMatches(where: string, value: unknown): asserts value is HoleMatches {
  if (value !== "one" && value !== "span") {
    throw new ConformalError("E_RANGE", `${where}: holeMatches must be "one" or "span", got ${JSON.stringify(value)}`);
  }
}

/** With equal numbers of children, both preorders run in step; a hole skips a subtree of both. */
function matchesOne<T>(partial: PartialTree<T>, target: FlatTree<T>): boolean {
  const { tree } = partial;
  const hole = holeMask(partial);
  const counts = childCounts(tree.parents);
  const targetCounts = childCounts(target.parents);
  for (let i = 0, t = 0; i < tree.nodes.length; ) {
    if (hole[i] === 1) {
      i = tree.ends[i] as number;
      t = target.ends[t] as number;
    } else {
      if (tree.labels[i] !== target.labels[t] || counts[i] !== targetCounts[t]) return false;
      i++;
      t++;
    }
  }
  return true;
}

/** A kept node and a target node that might match, and how far the comparison of their children has come. */
interface Comparison {
  readonly node: number;
  /** Next child to match of the partial tree, and of the target. */
  child: number;
  targetChild: number;
  readonly end: number;
  readonly targetEnd: number;
  /** Where to go on after a mismatch: behind the last hole, with the hole absorbing one sibling more. */
  retry: { readonly child: number; readonly targetChild: number } | null;
}

/**
 * The children of a kept node are a pattern in which holes are wildcards. Matching each stretch between two holes at the
 * first place where it fits is enough, as for `*` in file names, whatever decides that two children match.
 */
function matchesSpan<T>(partial: PartialTree<T>, target: FlatTree<T>): boolean {
  const { tree } = partial;
  const hole = holeMask(partial);
  if (hole[0] === 1) return true;
  const size = target.nodes.length;
  const known = new Map<number, boolean>();
  if (tree.labels[0] !== target.labels[0]) return false;
  const start = (node: number, t: number): Comparison => ({
    node: node * size + t,
    child: node + 1,
    targetChild: t + 1,
    end: tree.ends[node] as number,
    targetEnd: target.ends[t] as number,
    retry: null,
  });
  const stack: Comparison[] = [start(0, 0)];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { child, targetChild, end, targetEnd } = top;
    if (child < end && hole[child] === 1) {
      top.child = tree.ends[child] as number;
      top.retry = { child: top.child, targetChild };
      continue;
    }
    if (child === end && targetChild === targetEnd) {
      known.set(top.node, true);
      stack.pop();
      continue;
    }
    const both = child < end && targetChild < targetEnd;
    const equal = both && tree.labels[child] === target.labels[targetChild];
    const match = equal ? known.get(child * size + targetChild) : false;
    if (match === undefined) stack.push(start(child, targetChild));
    else if (match) {
      top.child = tree.ends[child] as number;
      top.targetChild = target.ends[targetChild] as number;
    } else if (top.retry !== null && top.retry.targetChild < targetEnd) {
      const next = { child: top.retry.child, targetChild: target.ends[top.retry.targetChild] as number };
      top.retry = next;
      top.child = next.child;
      top.targetChild = next.targetChild;
    } else {
      known.set(top.node, false);
      stack.pop();
    }
  }
  return known.get(0) === true;
}
