import { checkAlpha, checkWhole } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { decodeNumber } from "../../base/json.ts";
import { readFlag, readKind, readList, readNumbers } from "../../base/savedRecord.ts";
import { findScore } from "../scores/savedScore.ts";
import type { SplitClassifierFromJSONOptions } from "../splitClassifierFromJSON.ts";
import { type CrossClassifier, crossClassifierFrom } from "./crossClassifier.ts";

const WHERE = "crossClassifierFromJSON";

/**
 * The cross predictor that `toJSON` described, with the same sets bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function crossClassifierFromJSON(json: unknown, options: SplitClassifierFromJSONOptions = {}): CrossClassifier {
  const saved = readKind(WHERE, json, "parsimony.conformal.cross-classifier");
  const alpha = decodeNumber(WHERE, "alpha", saved["alpha"]);
  const classes = decodeNumber(WHERE, "classes", saved["classes"]);
  const seed = decodeNumber(WHERE, "seed", saved["seed"]);
  checkAlpha(WHERE, alpha);
  checkWhole(WHERE, "classes", classes, 1);
  checkWhole(WHERE, "seed", seed, 0);
  const sorted = readList(WHERE, "scores", saved["scores"]).map((list, i) =>
    readNumbers(WHERE, `scores[${i}]`, list).sort(),
  );
  if (sorted.length === 0 || sorted.some((part) => part.length === 0)) {
    throw new ConformalError("E_JSON", `${WHERE}: scores needs folds with at least one score each`);
  }
  return crossClassifierFrom({
    alpha,
    classes,
    score: findScore(WHERE, saved, options.score),
    seed,
    allowEmpty: readFlag(WHERE, saved, "allowEmpty"),
    normalize: readFlag(WHERE, saved, "normalize"),
    sorted,
  });
}
