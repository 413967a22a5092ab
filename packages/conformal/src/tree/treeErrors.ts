import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { CostTree } from "./costTree.ts";
import { type HoleMatches, checkHoleMatches, covers } from "./covers.ts";
import type { PartialTree } from "./partialTree.ts";
import { checkBudget } from "./pruneTree.ts";
import { type PruneMode, checkMode, pruneFamily } from "./pruneFamily.ts";

/** A predicted tree with its costs, and the tree that turned out to be right. */
export interface TreeExample<T> {
  readonly predicted: CostTree<T>;
  readonly target: T;
}

/** Options of `treeErrors`, and part of those of `calibrateTreeSets`. */
export interface TreeErrorsOptions<T> {
  /** Budgets to choose among, >= 0, in any order; `-log` of probabilities. */
  readonly budgets: ArrayLike<number>;
  /** How many holes a partial tree may have, a whole number >= 1. */
  readonly maxHoles: number;
  /** How partial trees for several budgets relate. Default `"sequential"`. */
  readonly mode?: PruneMode;
  /** What a hole may stand for. Default `"one"`. */
  readonly holeMatches?: HoleMatches;
  /** Is a partial tree right? In place of `covers`, for another idea of right, such as tests that pass. */
  readonly covers?: (partial: PartialTree<T>, target: T) => boolean;
  /** What keeping each node is worth `[n]`, whole numbers >= 0. Default 1 each. */
  readonly weightsOf?: (tree: CostTree<T>) => ArrayLike<number>;
}

/**
 * For each example and each budget in ascending order, is the partial tree wrong? `errors[i][b]` is 1 when example `i`
 * errs at the `b`-th smallest budget. In mode `"sequential"` an error stays one at every larger budget: the kept parts
 * are nested, and for a `covers` of yours for which a larger part is right where a smaller one was wrong, the larger one
 * counts as wrong too.
 *
 * @throws ConformalError E_RANGE, E_NAN, E_TREE, E_LENGTH (index: the example)
 */
export function treeErrors<T>(examples: readonly TreeExample<T>[], options: TreeErrorsOptions<T>): Uint8Array[] {
  const { maxHoles, mode = "sequential", holeMatches = "one", weightsOf } = options;
  checkMode("treeErrors", mode);
  checkWhole("treeErrors", "maxHoles", maxHoles, 1);
  checkHoleMatches("treeErrors", holeMatches);
  const budgets = ascendingBudgets("treeErrors", options.budgets);
  const own = options.covers;
  const errorsOf = ({ predicted, target }: TreeExample<T>): Uint8Array => {
    const family = pruneFamily(predicted, budgets, { maxHoles, mode, ...weightsOption(predicted, weightsOf) });
    const errs = (b: number): boolean => {
      const partial = { tree: predicted, holes: (family[b] as { readonly holes: readonly number[] }).holes };
      return own === undefined ? !covers(partial, target, { holeMatches }) : !own(partial, target);
    };
    if (mode === "fixed-sequence") return Uint8Array.from(family, (_, b) => (errs(b) ? 1 : 0));
    const first = own === undefined ? firstByBisection(budgets.length, errs) : firstByScan(budgets.length, errs);
    return new Uint8Array(budgets.length).fill(1, first);
  };
  return examples.map((example, i) => {
    try {
      return errorsOf(example);
    } catch (error) {
      if (!(error instanceof ConformalError)) throw error;
      throw new ConformalError(error.code, `treeErrors: example ${i}: ${error.message}`, i);
    }
  });
}

/** The budgets, ascending and each once. */
export function ascendingBudgets(where: string, budgets: ArrayLike<number>): Float64Array {
  if (budgets.length === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one budget, got none`);
  for (let b = 0; b < budgets.length; b++) checkBudget(where, budgets[b] as number, b);
  return Float64Array.from(new Set(Float64Array.from(budgets, (budget) => budget + 0))).sort();
}

/** The weights of a tree as an option of pruning. */
export function weightsOption<T>(
  tree: CostTree<T>,
  weightsOf: ((tree: CostTree<T>) => ArrayLike<number>) | undefined,
): { readonly weights?: ArrayLike<number> } {
  return weightsOf === undefined ? {} : { weights: weightsOf(tree) };
}

function firstByBisection(length: number, errs: (b: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (errs(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function firstByScan(length: number, errs: (b: number) => boolean): number {
  for (let b = 0; b < length; b++) if (errs(b)) return b;
  return length;
}
