import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { binomialTailK, checkPacLevels } from "../quantile/pac.ts";
import { type TreeCalibrator, treeCalibratorFrom } from "./treeCalibrator.ts";
import { type TreeErrorsOptions, type TreeExample, ascendingBudgets, treeErrors } from "./treeErrors.ts";

/** Options of `calibrateTreeSets`. */
export interface CalibrateTreeSetsOptions<T> extends TreeErrorsOptions<T> {
  /** Calibration examples: independent, of the law of the trees to come, unseen by the model. */
  readonly examples: readonly TreeExample<T>[];
  /** Allowed error rate of partial trees, strictly between 0 and 1. */
  readonly alpha: number;
  /** Probability with which the examples may mislead, strictly between 0 and 1. */
  readonly delta: number;
}

/**
 * Chooses how much of a predicted tree to keep, so that the kept part is wrong with a probability of at most `alpha`. The
 * choice keeps this promise with probability at least `1 - delta` over the calibration examples.
 *
 * The budget is the largest whose partial trees have at most `k = binomialTailK(n, alpha, delta)` errors among the
 * examples. In mode `"sequential"` errors only rise with the budget, which makes this choice valid; in mode
 * `"fixed-sequence"` budgets are tested from the smallest up, and the last one before the first failure is taken. Where
 * no budget passes, nothing is kept (`finite: false`, with a `reason`): one hole in place of the tree is never wrong.
 *
 * @throws ConformalError E_ALPHA, E_EMPTY_CALIBRATION, E_RANGE, E_NAN, E_TREE, E_LENGTH
 * @see Khakhar, Mell, Bastani, PAC prediction sets for large language models of code (2023); Angelopoulos et al., Learn
 *   then test (2021), for fixed-sequence testing
 */
export function calibrateTreeSets<T>(options: CalibrateTreeSetsOptions<T>): TreeCalibrator<T> {
  const where = "calibrateTreeSets";
  const { examples, maxHoles, alpha, delta, mode = "sequential", weightsOf } = options;
  checkPacLevels(where, alpha, delta);
  checkWhole(where, "maxHoles", maxHoles, 1);
  if (examples.length === 0) {
    throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one example, got none`);
  }
  const budgets = ascendingBudgets(where, options.budgets);
  const counts = new Int32Array(budgets.length);
  for (const errors of treeErrors(examples, options)) {
    for (let b = 0; b < errors.length; b++) counts[b] = (counts[b] as number) + (errors[b] as number);
  }
  const k = binomialTailK(examples.length, alpha, delta);
  const failing = k === null ? 0 : counts.findIndex((count) => count > k);
  const chosen = (failing < 0 ? budgets.length : failing) - 1;
  return treeCalibratorFrom({
    budgets,
    chosen,
    maxHoles,
    mode,
    holeMatches: options.covers === undefined ? (options.holeMatches ?? "one") : "custom",
    weightsOf,
    alpha,
    delta,
    n: examples.length,
    errors: chosen < 0 ? 0 : (counts[chosen] as number),
  });
}
