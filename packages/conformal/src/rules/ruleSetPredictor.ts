import { checkAlpha, checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { decodeNumber } from "../base/json.ts";
import { readKind, readList } from "../base/savedRecord.ts";
import type { Quantile } from "../quantile/quantile.ts";
import { type QuantileJSON, readQuantile, saveQuantile } from "../quantile/savedQuantile.ts";
import { type BinaryScore, binaryAps, binaryLac } from "./binaryScores.ts";
import { type ConceptBounds, readBounds, readConcepts } from "./concepts.ts";

/** Which points calibrate the threshold of a class, and at which level. */
export type RuleSetMode = "classwise" | "union" | "paper";

/** Classes that could not be ruled out. */
export interface RuleSet {
  /** Class indices in ascending order. */
  readonly labels: readonly number[];
  /** Set when some class is in only because it had too few calibration points to be ruled out. */
  readonly reason?: "too-few-calibration";
}

/** A calibrated, immutable predictor of class sets from concept probabilities. */
export interface RuleSetPredictor {
  readonly classes: number;
  readonly alpha: number;
  /** The part of alpha that is kept for certificates that fail. */
  readonly failure: number;
  readonly mode: RuleSetMode;
  readonly score: BinaryScore;
  /** `"label-conditional"` for `"classwise"`, `"marginal"` for `"union"`, `"none"` for `"paper"`. */
  readonly guarantee: "label-conditional" | "marginal" | "none";
  /** The threshold of each class `[classes]`. */
  readonly quantiles: readonly Quantile[];
  /** Are all thresholds finite? A class without one is in every set. */
  readonly finite: boolean;
  /** Why not. */
  readonly reason?: "too-few-calibration";
  /**
   * The set for one row of concept probabilities, the classes first. After `calibrateRobust` the row must be exact,
   * not estimated from noisy copies: see `predictSetWithin`.
   *
   * @throws ConformalError E_LENGTH, E_NAN, E_PROBS
   */
  predictSet(row: ArrayLike<number>): RuleSet;
  /**
   * The set for concept probabilities that are known to lie within bounds, e.g. estimated ones within a confidence
   * interval: the classes that some point of the bounds would keep.
   *
   * @throws ConformalError E_LENGTH, E_NAN, E_RANGE
   */
  predictSetWithin(bounds: ConceptBounds): RuleSet;
  /** Plain data for `JSON.stringify`, from which `ruleSetsFromJSON` makes the same predictor. */
  toJSON(): RuleSetPredictorJSON;
}

/** A saved predictor. */
export interface RuleSetPredictorJSON {
  readonly kind: "parsimony.conformal.rule-sets";
  readonly version: 1;
  readonly classes: number;
  readonly alpha: number;
  readonly failure: number;
  readonly mode: RuleSetMode;
  /** Name of the score. */
  readonly score: string;
  readonly quantiles: readonly QuantileJSON[];
}

/** Everything that a calibrated predictor is made of. */
export interface RuleSetState {
  readonly classes: number;
  readonly alpha: number;
  readonly failure: number;
  readonly mode: RuleSetMode;
  readonly score: BinaryScore;
  readonly quantiles: readonly Quantile[];
}

const GUARANTEES = { classwise: "label-conditional", union: "marginal", paper: "none" } as const;

/** The predictor with a given state, which is trusted to be consistent. */
export function predictorFrom(state: RuleSetState): RuleSetPredictor {
  const { classes, alpha, failure, mode, score } = state;
  const quantiles = Object.freeze([...state.quantiles]);
  const reason = quantiles.find((quantile) => quantile.reason !== undefined)?.reason;
  const why = reason === undefined ? {} : { reason };
  const keep = (lowest: (concept: number) => number): RuleSet => ({
    labels: quantiles.flatMap(({ value }, concept) => (lowest(concept) <= value ? [concept] : [])),
    ...why,
  });
  const finite = quantiles.every((quantile) => quantile.finite);
  return Object.freeze({
    classes,
    alpha,
    failure,
    mode,
    score,
    guarantee: GUARANTEES[mode],
    quantiles,
    finite,
    ...why,
    predictSet(row: ArrayLike<number>): RuleSet {
      checkEnough("predictSet", row.length, classes);
      const probabilities = readConcepts("predictSet", row, row.length);
      return keep((concept) => score.score(probabilities[concept] as number));
    },
    predictSetWithin(bounds: ConceptBounds): RuleSet {
      checkEnough("predictSetWithin", bounds.lower.length, classes);
      const { lower, upper } = readBounds("predictSetWithin", bounds, bounds.lower.length);
      return keep((concept) => score.lowest(lower[concept] as number, upper[concept] as number));
    },
    toJSON(): RuleSetPredictorJSON {
      return {
        kind: "parsimony.conformal.rule-sets",
        version: 1,
        classes,
        alpha,
        failure,
        mode,
        score: score.name,
        quantiles: quantiles.map(saveQuantile),
      };
    },
  });
}

function checkEnough(where: string, concepts: number, classes: number): void {
  if (concepts < classes) checkLength(where, "the row", concepts, classes);
}

/** Options of `ruleSetsFromJSON`. */
export interface RuleSetsFromJSONOptions {
  /** The saved predictor's score, needed when it is none of this package's. Its name must be the saved one. */
  readonly score?: BinaryScore;
}

/**
 * The predictor that `toJSON` described, with the same sets bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function ruleSetsFromJSON(json: unknown, options: RuleSetsFromJSONOptions = {}): RuleSetPredictor {
  const where = "ruleSetsFromJSON";
  const fail = (text: string): ConformalError => new ConformalError("E_JSON", `${where}: ${text}`);
  const saved = readKind(where, json, "parsimony.conformal.rule-sets");
  const classes = decodeNumber(where, "classes", saved["classes"]);
  const alpha = decodeNumber(where, "alpha", saved["alpha"]);
  const failure = decodeNumber(where, "failure", saved["failure"]);
  checkWhole(where, "classes", classes, 1);
  checkAlpha(where, alpha);
  const { mode } = saved;
  if (mode !== "classwise" && mode !== "union" && mode !== "paper") throw fail(`unknown mode ${JSON.stringify(mode)}`);
  if (!(failure >= 0 && failure < alpha)) throw fail(`failure must be in [0, alpha), got ${failure}`);
  const known = options.score === undefined ? [binaryLac, binaryAps] : [options.score];
  const score = known.find(({ name }) => name === saved["score"]);
  if (score === undefined) throw fail(`unknown score ${JSON.stringify(saved["score"])}; pass it as option`);
  const list = readList(where, "quantiles", saved["quantiles"], classes);
  const level = mode === "union" ? (alpha - failure) / classes : alpha - failure;
  const quantiles = list.map((entry, i) => readQuantile(where, `quantiles[${i}]`, entry, level));
  return predictorFrom({ classes, alpha, failure, mode, score, quantiles });
}
