import { ConformalError } from "../base/errors.ts";
import type { Costs } from "./costTree.ts";
import { type PruneTreeOptions, type Pruning, checkBudget, checkPrune, pruneWithin } from "./pruneTree.ts";

/**
 * How the prunings for several budgets relate.
 *
 * - `sequential`: from the largest budget down, each prunes what the one before kept. What is kept only shrinks.
 * - `fixed-sequence`: each budget has its own best pruning. Not always nested: a smaller budget may keep a node that a
 *   larger one gives up.
 */
export type PruneMode = "sequential" | "fixed-sequence";

/** Options of `pruneFamily`. */
export interface PruneFamilyOptions extends Omit<PruneTreeOptions, "budget"> {
  /** Default `"sequential"`. */
  readonly mode?: PruneMode;
}

/**
 * The prunings of one tree for several budgets, in the order of `budgets`, each with at most `maxHoles` holes.
 *
 * The paper solves one joint optimisation over all budgets with nesting as a constraint; `"sequential"` keeps the nesting
 * and gives up joint optimality: the largest budget's pruning is a best one, each other one is best inside the next.
 *
 * @param budgets numbers >= 0, in any order
 * @throws ConformalError E_TREE, E_NAN, E_LENGTH, E_RANGE
 */
export function pruneFamily(tree: Costs, budgets: ArrayLike<number>, options: PruneFamilyOptions): Pruning[] {
  const { mode = "sequential", ...rest } = options;
  checkMode("pruneFamily", mode);
  const order = Array.from(budgets, (budget, index) => {
    checkBudget("pruneFamily", budget, index);
    return { budget, index };
  }).sort((a, b) => (a.budget === b.budget ? a.index - b.index : a.budget > b.budget ? -1 : 1));
  const problem = checkPrune("pruneFamily", tree, { ...rest, budget: 0 });
  const prunings: Pruning[] = [];
  let before: Pruning | null = null;
  for (const { budget, index } of order) {
    // What fits already stays: no part of it is better than all of it.
    const fits: boolean = before !== null && before.cost <= budget;
    const pruning: Pruning = fits ? (before as Pruning) : pruneWithin(tree, { ...problem, budget }, before);
    prunings[index] = pruning;
    if (mode === "sequential") before = pruning;
  }
  return prunings;
}

/** Throws unless the mode is one of the two. */
export function checkMode(where: string, mode: unknown): asserts mode is PruneMode {
  if (mode !== "sequential" && mode !== "fixed-sequence") {
    const found = JSON.stringify(mode);
    throw new ConformalError("E_RANGE", `${where}: mode must be "sequential" or "fixed-sequence", got ${found}`);
  }
}
