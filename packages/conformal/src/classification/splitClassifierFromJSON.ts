import { checkAlpha, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { decodeNumber } from "../base/json.ts";
import { readFlag, readKind, readList, readNumbers } from "../base/savedRecord.ts";
import type { Quantile } from "../quantile/quantile.ts";
import { readQuantile } from "../quantile/savedQuantile.ts";
import { type ConformalClassifier, classifierFrom } from "./classifier.ts";
import { findScore } from "./scores/savedScore.ts";
import type { ClassificationScore } from "./scores/score.ts";

const WHERE = "splitClassifierFromJSON";
/** More classes than any model has: a damaged file must not ask for gigabytes. */
const MOST_CLASSES = 1e6;

/** Options of `splitClassifierFromJSON`. */
export interface SplitClassifierFromJSONOptions {
  /** The score of the saved predictor, needed when it is none of this package's. Its name must be the saved one. */
  readonly score?: ClassificationScore;
}

/**
 * The predictor that `toJSON` described, with the same sets bit for bit: one that `splitClassifier` or
 * `clusteredClassifier` calibrated.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function splitClassifierFromJSON(
  json: unknown,
  options: SplitClassifierFromJSONOptions = {},
): ConformalClassifier {
  const saved = readKind(WHERE, json, "parsimony.conformal.split-classifier");
  const alpha = decodeNumber(WHERE, "alpha", saved["alpha"]);
  const classes = decodeNumber(WHERE, "classes", saved["classes"]);
  const seed = decodeNumber(WHERE, "seed", saved["seed"]);
  checkAlpha(WHERE, alpha);
  checkWhole(WHERE, "classes", classes, 1);
  checkWhole(WHERE, "seed", seed, 0);
  if (classes > MOST_CLASSES) {
    throw new ConformalError("E_JSON", `${WHERE}: classes must be at most ${MOST_CLASSES}, got ${classes}`);
  }
  const guarantee = saved["guarantee"];
  if (guarantee !== "marginal" && guarantee !== "label-conditional" && guarantee !== "group-conditional") {
    throw new ConformalError("E_JSON", `${WHERE}: unknown guarantee ${JSON.stringify(guarantee)}`);
  }
  const list = readList(WHERE, "quantiles", saved["quantiles"], guarantee === "marginal" ? 1 : classes);
  const quantiles = list.map((entry, i) => readQuantile(WHERE, `quantiles[${i}]`, entry, alpha));
  return classifierFrom({
    alpha,
    classes,
    score: findScore(WHERE, saved, options.score),
    guarantee,
    quantiles: Object.freeze(guarantee === "marginal" ? (Array(classes).fill(quantiles[0]) as Quantile[]) : quantiles),
    ...(guarantee === "group-conditional" ? { clusters: readClusters(saved["clusters"], classes) } : {}),
    seed,
    allowEmpty: readFlag(WHERE, saved, "allowEmpty"),
    normalize: readFlag(WHERE, saved, "normalize"),
  });
}

function readClusters(list: unknown, classes: number): readonly number[] {
  const clusters = readNumbers(WHERE, "clusters", list, classes);
  clusters.forEach((cluster, i) => checkWhole(WHERE, `clusters[${i}]`, cluster, 0));
  return Object.freeze([...clusters]);
}
