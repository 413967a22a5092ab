import type { BucketTree } from "./bucketTree.ts";
import { type Leaves, type Workspace, passMessages } from "./messagePassing.ts";
import { type Interval, oddsInterval } from "./oddsInterval.ts";

/**
 * Bounds on the corrected probability of every concept of a tree over a box of probabilities, from separate bounds on
 * A(0) and A(1) (`passMessages`). A message grows or falls with a concept, and the end of the concept's interval is
 * chosen accordingly, entry by entry. Where a concept stands in bodies only or in heads only this is Theorem 1 of
 * COLEP; where it stands in both, or with negative weights, it is a relaxation and stays valid.
 *
 * @param lower probabilities `[size]` of the tree's concepts
 * @returns undefined for a concept on which no point of the box has an answer
 */
export function intervalBounds(
  tree: BucketTree,
  lower: Float64Array,
  upper: Float64Array,
  workspace: Workspace,
): (Interval | undefined)[] {
  const low = leavesOf(tree, lower);
  const high = leavesOf(tree, upper);
  const least = new Float64Array(2 * tree.size);
  const most = new Float64Array(2 * tree.size);
  passMessages(tree, low, high, workspace, least);
  passMessages(tree, high, low, workspace, most);
  const margin = ratioMargin(tree, [low, high]);
  return Array.from(lower, (from, j): Interval | undefined => {
    const lowest = ratio(tree, least[2 * j + 1] as number, most[2 * j] as number);
    const highest = ratio(tree, most[2 * j + 1] as number, least[2 * j] as number);
    if (Number.isNaN(lowest) || Number.isNaN(highest)) {
      // Both may be 0 somewhere. If both are 0 at most, nothing is left; otherwise nothing is known.
      const impossible = most[2 * j] === -Infinity && most[2 * j + 1] === -Infinity;
      return impossible ? undefined : { lower: 0, upper: 1 };
    }
    return oddsInterval(from, upper[j] as number, lowest, highest, margin);
  });
}

/** A(1)/A(0) from values on the scale of the tree; NaN for 0/0. */
export function ratio(tree: BucketTree, on: number, off: number): number {
  return tree.linear ? on / off : Math.exp(on - off);
}

/** Probabilities of off and on, on the scale of the tree. */
export function leavesOf(tree: BucketTree, probabilities: Float64Array): Leaves {
  const size = probabilities.length;
  const off = new Float64Array(size);
  const on = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const p = probabilities[k] as number;
    off[k] = tree.linear ? 1 - p : Math.log1p(-p);
    on[k] = tree.linear ? p : Math.log(p);
  }
  return { off, on };
}

/**
 * What rounding can do to a quotient of two results of `passMessages`, as a share of it. Each step adds at most 3 units
 * in the last place of a plain number, or of a logarithm (of magnitude up to the sum of the weights, and with hard
 * rules of the leaves) at most 8, with library functions good to 2. Later steps pass errors on without enlarging them.
 */
export function ratioMargin(tree: BucketTree, leaves: readonly Leaves[]): number {
  if (tree.linear) return tree.operations * 2 ** -50;
  let magnitude = 1 + tree.totalWeight;
  for (const { off, on } of leaves) {
    for (const values of [off, on]) for (const value of values) if (value !== -Infinity) magnitude -= value;
  }
  return Math.expm1(tree.operations * magnitude * 2 ** -49);
}
