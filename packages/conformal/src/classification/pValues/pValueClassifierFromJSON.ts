import { checkWhole } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { decodeNumber } from "../../base/json.ts";
import { readFlag, readKind, readList, readNumbers } from "../../base/savedRecord.ts";
import { findScore } from "../scores/savedScore.ts";
import type { SplitClassifierFromJSONOptions } from "../splitClassifierFromJSON.ts";
import { type PValueClassifier, pValueClassifierFrom } from "./pValueClassifier.ts";

const WHERE = "pValueClassifierFromJSON";

/**
 * The source of p-values that `toJSON` described, with the same p-values bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function pValueClassifierFromJSON(
  json: unknown,
  options: SplitClassifierFromJSONOptions = {},
): PValueClassifier {
  const saved = readKind(WHERE, json, "parsimony.conformal.p-value-classifier");
  const classes = decodeNumber(WHERE, "classes", saved["classes"]);
  const seed = decodeNumber(WHERE, "seed", saved["seed"]);
  checkWhole(WHERE, "classes", classes, 1);
  checkWhole(WHERE, "seed", seed, 0);
  const guarantee = saved["guarantee"];
  if (guarantee !== "marginal" && guarantee !== "label-conditional") {
    throw new ConformalError("E_JSON", `${WHERE}: unknown guarantee ${JSON.stringify(guarantee)}`);
  }
  const lists = readList(WHERE, "scores", saved["scores"], guarantee === "marginal" ? 1 : classes);
  return pValueClassifierFrom({
    classes,
    score: findScore(WHERE, saved, options.score),
    guarantee,
    seed,
    normalize: readFlag(WHERE, saved, "normalize"),
    // Sorted again, so that a file with its numbers in another order means the same.
    sorted: lists.map((list, i) => readNumbers(WHERE, `scores[${i}]`, list).sort()),
  });
}
