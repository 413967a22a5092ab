import { ConformalError } from "../base/errors.ts";
import { checkAlpha } from "../base/checks.ts";
import { checkGroup, type Group } from "../base/group.ts";
import { decodeNumber } from "../base/json.ts";
import { readFlag, readKind, readList, readRecord } from "../base/savedRecord.ts";
import { type Cell, cellFromJSON } from "./cell.ts";
import { tailAlphas } from "./interval.ts";
import { type ConformalRegressor, regressorFrom } from "./regressor.ts";
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
  const saved = readKind(WHERE, json, "parsimony.conformal.split-regressor");
  if (saved["score"] !== score.name) {
    const names = `${JSON.stringify(saved["score"])}, not ${JSON.stringify(score.name)}`;
    throw new ConformalError("E_JSON", `${WHERE}: saved with score ${names}`);
  }
  const alpha = decodeNumber(WHERE, "alpha", saved["alpha"]);
  checkAlpha(WHERE, alpha);
  const weighted = readFlag(WHERE, saved, "weighted");
  const alphas = tailAlphas(score.tails, alpha);
  const cells = new Map<Group | undefined, Cell>();
  readList(WHERE, "cells", saved["cells"]).forEach((entry, i) => {
    const name = `cells[${i}]`;
    const fields = readRecord(WHERE, name, entry);
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
