import { checkWhole } from "../../base/checks.ts";
import { decodeNumber } from "../../base/json.ts";
import { readFlag, readKind, readNumbers } from "../../base/savedRecord.ts";
import { findScore } from "../scores/savedScore.ts";
import type { SplitClassifierFromJSONOptions } from "../splitClassifierFromJSON.ts";
import { type WeightedClassifier, weightedClassifierFrom } from "./weightedClassifier.ts";

const WHERE = "weightedClassifierFromJSON";

/**
 * The weighted predictor that `toJSON` described, with the same sets bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function weightedClassifierFromJSON(
  json: unknown,
  options: SplitClassifierFromJSONOptions = {},
): WeightedClassifier {
  const saved = readKind(WHERE, json, "parsimony.conformal.weighted-classifier");
  const classes = decodeNumber(WHERE, "classes", saved["classes"]);
  const seed = decodeNumber(WHERE, "seed", saved["seed"]);
  checkWhole(WHERE, "classes", classes, 1);
  checkWhole(WHERE, "seed", seed, 0);
  return weightedClassifierFrom({
    alpha: decodeNumber(WHERE, "alpha", saved["alpha"]),
    classes,
    score: findScore(WHERE, saved, options.score),
    seed,
    allowEmpty: readFlag(WHERE, saved, "allowEmpty"),
    normalize: readFlag(WHERE, saved, "normalize"),
    scores: readNumbers(WHERE, "scores", saved["scores"]),
    weights: readNumbers(WHERE, "weights", saved["weights"]),
  });
}
