import { type ConformalClassifier, checkScore, classifierFrom } from "./classifier.ts";
import { ConformalError } from "../base/errors.ts";
import { checkAlpha, checkWhole } from "../base/checks.ts";
import { decodeNumber } from "../base/json.ts";
import type { Quantile } from "../quantile/quantile.ts";
import { conformalRank } from "../quantile/rank.ts";
import { aps } from "./scores/aps.ts";
import { lac } from "./scores/lac.ts";
import type { ClassificationScore } from "./scores/score.ts";

const WHERE = "splitClassifierFromJSON";

/** Options of `splitClassifierFromJSON`. */
export interface SplitClassifierFromJSONOptions {
  /** The score of the saved predictor, needed when it is none of this package's. Its name must be the saved one. */
  readonly score?: ClassificationScore;
}

/**
 * The predictor that `toJSON` described, with the same sets bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function splitClassifierFromJSON(
  json: unknown,
  options: SplitClassifierFromJSONOptions = {},
): ConformalClassifier {
  const saved = record(json, "the saved predictor");
  if (saved["kind"] !== "parsimony.conformal.split-classifier" || saved["version"] !== 1) {
    const found = `${JSON.stringify(saved["kind"])}, version ${JSON.stringify(saved["version"])}`;
    throw new ConformalError("E_JSON", `${WHERE}: expected a split classifier of version 1, got ${found}`);
  }
  const alpha = decodeNumber(WHERE, "alpha", saved["alpha"]);
  const classes = decodeNumber(WHERE, "classes", saved["classes"]);
  const seed = decodeNumber(WHERE, "seed", saved["seed"]);
  checkAlpha(WHERE, alpha);
  checkWhole(WHERE, "classes", classes, 1);
  checkWhole(WHERE, "seed", seed, 0);
  const guarantee = saved["guarantee"];
  if (guarantee !== "marginal" && guarantee !== "label-conditional") {
    throw new ConformalError("E_JSON", `${WHERE}: unknown guarantee ${JSON.stringify(guarantee)}`);
  }
  const list = saved["quantiles"];
  const expected = guarantee === "marginal" ? 1 : classes;
  if (!Array.isArray(list) || list.length !== expected) {
    throw new ConformalError("E_JSON", `${WHERE}: quantiles must be a list of ${expected}`);
  }
  const quantiles = list.map((entry: unknown, i) => readQuantile(entry, `quantiles[${i}]`, alpha));
  return classifierFrom({
    alpha,
    classes,
    score: findScore(saved["score"], options.score),
    guarantee,
    quantiles: Object.freeze(guarantee === "marginal" ? (Array(classes).fill(quantiles[0]) as Quantile[]) : quantiles),
    seed,
    allowEmpty: flag(saved, "allowEmpty"),
    normalize: flag(saved, "normalize"),
  });
}

function readQuantile(entry: unknown, name: string, alpha: number): Quantile {
  const saved = record(entry, name);
  const value = decodeNumber(WHERE, `${name}.value`, saved["value"]);
  const rank = decodeNumber(WHERE, `${name}.rank`, saved["rank"]);
  const n = decodeNumber(WHERE, `${name}.n`, saved["n"]);
  checkWhole(WHERE, `${name}.n`, n, 0);
  // A hand-edited rank or threshold must not pass for a guarantee.
  if (rank !== conformalRank(n, alpha) || (rank === n + 1 && value !== Infinity)) {
    throw new ConformalError("E_JSON", `${WHERE}: ${name} doesn't belong to alpha = ${alpha} and n = ${n}`);
  }
  const quantile = { value, rank, n, finite: Number.isFinite(value), level: rank / (n + 1) };
  return Object.freeze(rank === n + 1 ? { ...quantile, reason: "too-few-calibration" as const } : quantile);
}

function findScore(name: unknown, given: ClassificationScore | undefined): ClassificationScore {
  if (given !== undefined) checkScore(WHERE, given);
  const known = given === undefined ? [lac, aps(), aps({ randomized: false })] : [given];
  const score = known.find((candidate) => candidate.name === name);
  if (score !== undefined) return score;
  const names = known.map((candidate) => candidate.name).join(", ");
  throw new ConformalError("E_JSON", `${WHERE}: saved with score ${JSON.stringify(name)}, but have only ${names}`);
}

function flag(saved: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = saved[name];
  if (typeof value === "boolean") return value;
  throw new ConformalError("E_JSON", `${WHERE}: ${name} must be true or false, got ${JSON.stringify(value)}`);
}

function record(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ConformalError("E_JSON", `${WHERE}: ${name} must be an object, got ${JSON.stringify(value)}`);
}
