import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { decodeNumber } from "../base/json.ts";
import { readKind, readNumbers } from "../base/savedRecord.ts";
import { binomialTailK, checkPacLevels } from "../quantile/pac.ts";
import type { CostTree } from "./costTree.ts";
import { checkMode } from "./pruneFamily.ts";
import { type TreeCalibrator, treeCalibratorFrom } from "./treeCalibrator.ts";
import { ascendingBudgets } from "./treeErrors.ts";

const WHERE = "treeCalibratorFromJSON";

/** Options of `treeCalibratorFromJSON`. */
export interface TreeCalibratorFromJSONOptions<T> {
  /** The weights of the saved calibrator, needed when it had some: functions are not saved. */
  readonly weightsOf?: (tree: CostTree<T>) => ArrayLike<number>;
}

/**
 * The calibrator that `toJSON` described, with the same partial trees.
 *
 * @param json what `JSON.parse` gave for a saved calibrator; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function treeCalibratorFromJSON<T>(
  json: unknown,
  options: TreeCalibratorFromJSONOptions<T> = {},
): TreeCalibrator<T> {
  const saved = readKind(WHERE, json, "parsimony.conformal.tree-calibrator");
  const number = (name: string): number => decodeNumber(WHERE, name, saved[name]);
  const [alpha, delta, n, maxHoles, errors] = [
    number("alpha"),
    number("delta"),
    number("n"),
    number("maxHoles"),
    number("errors"),
  ];
  checkPacLevels(WHERE, alpha, delta);
  checkWhole(WHERE, "n", n, 1);
  checkWhole(WHERE, "maxHoles", maxHoles, 1);
  checkWhole(WHERE, "errors", errors, 0);
  const budgets = readNumbers(WHERE, "budgets", saved["budgets"]);
  const ascending = ascendingBudgets(WHERE, budgets);
  if (ascending.length !== budgets.length || ascending.some((budget, b) => budget !== budgets[b])) {
    throw fail("budgets must ascend");
  }
  const chosen = number("chosen");
  if (!Number.isInteger(chosen) || chosen < -1 || chosen >= budgets.length) throw fail(`no budget at ${chosen}`);
  // A hand-edited choice must not pass for a guarantee.
  const k = binomialTailK(n, alpha, delta);
  if (chosen >= 0 && (k === null || errors > k)) throw fail(`${errors} errors of ${n} don't prove alpha = ${alpha}`);
  const mode: unknown = saved["mode"];
  checkMode(WHERE, mode);
  const holeMatches = saved["holeMatches"];
  if (holeMatches !== "one" && holeMatches !== "span" && holeMatches !== "custom") {
    throw fail(`unknown holeMatches ${JSON.stringify(holeMatches)}`);
  }
  const { weightsOf } = options;
  if (saved["weighted"] !== (weightsOf !== undefined)) {
    throw fail(weightsOf === undefined ? "saved with weights: pass them in again" : "saved without weights");
  }
  return treeCalibratorFrom({ budgets, chosen, maxHoles, mode, holeMatches, weightsOf, alpha, delta, n, errors });
}

function fail(text: string): ConformalError {
  return new ConformalError("E_JSON", `${WHERE}: ${text}`);
}
