import { checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { TreeAdapter } from "./adapter.ts";
import { type FlatTree, flattenTree } from "./flatTree.ts";

/** A predicted tree with the cost of each node: minus the log-probability that the model gave to the node's own part. */
export interface CostTree<T> extends FlatTree<T> {
  /** Costs `[n]`, >= 0; Infinity for a part that the model gave no probability. */
  readonly costs: Float64Array;
  /** The text that the spans of the nodes refer to, where it is known. */
  readonly source?: string;
}

/** The part of a cost tree that pruning looks at: parents in preorder, and costs. */
export interface Costs {
  readonly parents: ArrayLike<number>;
  readonly costs: ArrayLike<number>;
}

/**
 * A cost tree from a cost for each node, for models that score nodes rather than tokens of a text.
 *
 * @param cost `-log p` of the node given what was decided before it, >= 0, Infinity allowed
 * @throws ConformalError E_TREE for a negative cost or no tree, E_NAN
 */
export function nodeCosts<T>(tree: NoInfer<T>, cost: (node: T) => number, adapter: TreeAdapter<T>): CostTree<T> {
  const flat = flattenTree<T>(tree, adapter);
  const costs = Float64Array.from(flat.nodes, (node) => cost(node));
  checkCosts("nodeCosts", { parents: flat.parents, costs });
  return { ...flat, costs };
}

/** Throws unless costs are there for every node, >= 0 and no NaN. */
export function checkCosts(where: string, { parents, costs }: Costs): void {
  checkLength(where, "costs", costs.length, parents.length);
  for (let i = 0; i < costs.length; i++) {
    const cost = costs[i] as number;
    if (typeof cost !== "number" || Number.isNaN(cost)) {
      throw new ConformalError("E_NAN", `${where}: costs[${i}] is not a number, got ${cost}`, i);
    }
    if (cost < 0) throw new ConformalError("E_TREE", `${where}: costs[${i}] must be >= 0, got ${cost}`, i);
  }
}
