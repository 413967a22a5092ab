import { ConformalError } from "../base/errors.ts";
import { checkAlpha } from "../base/checks.ts";
import { decodeNumber } from "../base/json.ts";
import { type Cell, cellFromJSON, list, record } from "./cell.ts";
import { tailAlphas } from "./interval.ts";
import { checkGroup, type ConformalRegressor, type Group, regressorFrom } from "./regressor.ts";
import { checkRegressionScore, type RegressionScore } from "./scores/score.ts";

const WHERE = "splitRegressorFromJSON";

/**
 * The predictor that `toJSON` described, with the same intervals bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @param score the score that it was calibrated with, which says what predictions look like; its name must be the
 *   saved one, and with it the parameters
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function splitRegressorFromJSON<Prediction>(
  json: unknown,
  score: RegressionScore<Prediction>,
): ConformalRegressor<Prediction> {
  checkRegressionScore(WHERE, score);
  const saved = record(WHERE, "the saved predictor", json);
  if (saved["kind"] !== "parsimony.conformal.split-regressor" || saved["version"] !== 1) {
    const found = `${JSON.stringify(saved["kind"])}, version ${JSON.stringify(saved["version"])}`;
    throw new ConformalError("E_JSON", `${WHERE}: expected a split regressor of version 1, got ${found}`);
  }
  if (saved["score"] !== score.name) {
    const names = `${JSON.stringify(saved["score"])}, not ${JSON.stringify(score.name)}`;
    throw new ConformalError("E_JSON", `${WHERE}: saved with score ${names}`);
  }
  const alpha = decodeNumber(WHERE, "alpha", saved["alpha"]);
  checkAlpha(WHERE, alpha);
  const { weighted } = saved;
  if (typeof weighted !== "boolean") throw new ConformalError("E_JSON", `${WHERE}: weighted must be true or false`);
  const alphas = tailAlphas(score.tails, alpha);
  const cells = new Map<Group | undefined, Cell>();
  list(WHERE, "cells", saved["cells"]).forEach((entry, i) => {
    const name = `cells[${i}]`;
    const fields = record(WHERE, name, entry);
    const group = fields["group"] === undefined ? undefined : checkGroup(WHERE, fields["group"], i);
    if (cells.has(group) || "weights" in fields !== weighted) {
      throw new ConformalError("E_JSON", `${WHERE}: ${name} repeats a group or doesn't go with weighted`, i);
    }
    cells.set(group, cellFromJSON(WHERE, name, fields, alphas));
  });
  if (cells.size === 0 || (cells.has(undefined) && cells.size > 1)) {
    throw new ConformalError("E_JSON", `${WHERE}: cells must be one without a group, or one for each group`);
  }
  return regressorFrom({ alpha, score, weighted, cells });
}
