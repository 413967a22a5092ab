import { checkGroup, compareGroups, type Group } from "../../base/group.ts";
import { ConformalError } from "../../base/errors.ts";
import type { ConformalClassifier } from "../classifier.ts";
import { readFlag, readKind, readList } from "../../base/savedRecord.ts";
import { splitClassifierFromJSON, type SplitClassifierFromJSONOptions } from "../splitClassifierFromJSON.ts";
import {
  type MondrianClassifier,
  type MondrianClassifierOptions,
  mondrianClassifierFrom,
} from "./mondrianClassifier.ts";

const WHERE = "mondrianClassifierFromJSON";

/** Options of `mondrianClassifierFromJSON`. */
export interface MondrianClassifierFromJSONOptions extends SplitClassifierFromJSONOptions, MondrianClassifierOptions {}

/**
 * The predictor that `toJSON` described, with the same sets bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @param options `groupOf`, if the saved predictor had one; `score`, if it is none of this package's
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function mondrianClassifierFromJSON(
  json: unknown,
  options: MondrianClassifierFromJSONOptions = {},
): MondrianClassifier {
  const saved = readKind(WHERE, json, "parsimony.conformal.mondrian-classifier");
  const { groupOf, ...rest } = options;
  if (readFlag(WHERE, saved, "groupOf") !== (groupOf !== undefined)) {
    const hint = groupOf === undefined ? "saved with a groupOf, which is needed again" : "saved without groupOf";
    throw new ConformalError("E_JSON", `${WHERE}: ${hint}`);
  }
  const entries = readList(WHERE, "groups", saved["groups"]).map((entry, i): [Group, ConformalClassifier] => {
    const [id, predictor] = readList(WHERE, `groups[${i}]`, entry, 2);
    return [checkGroup(WHERE, id, i), splitClassifierFromJSON(predictor, rest)];
  });
  const groups = new Map(entries.sort(([a], [b]) => compareGroups(a, b)));
  const alphas = new Set(entries.map(([, predictor]) => predictor.alpha));
  if (entries.length === 0 || groups.size !== entries.length || alphas.size !== 1) {
    throw new ConformalError("E_JSON", `${WHERE}: needs groups, each once, all with the same alpha`);
  }
  return mondrianClassifierFrom(groups, groupOf);
}
