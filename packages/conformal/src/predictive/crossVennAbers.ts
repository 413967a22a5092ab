import { checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import { readKind, readList } from "../base/savedRecord.ts";
import { type VennAbersPredictorJSON, type VennAbersPredictor, vennAbers } from "./vennAbers.ts";
import { vennAbersFromJSON } from "./vennAbersFromJSON.ts";

/** One fold: scores of held-out points by the model that was fitted without them. */
export interface CrossVennAbersFold {
  readonly scores: ArrayLike<number>;
  /** 0 or 1 (or false, true) for each score. */
  readonly labels: ArrayLike<number | boolean>;
}

/** Probabilities from all folds, merged. */
export interface CrossVennAbersPrediction {
  /** The pair of each fold. */
  readonly p0: Float64Array;
  readonly p1: Float64Array;
  /** `gm(p1) / (gm(1 - p0) + gm(p1))`, with geometric means over the folds. */
  readonly p: number;
}

/** A calibrated, immutable cross Venn-Abers predictor. */
export interface CrossVennAbersPredictor {
  /** `"none"`: merging several pairs keeps no guarantee of calibration. */
  readonly guarantee: Extract<Guarantee, "none">;
  readonly folds: readonly VennAbersPredictor[];
  /**
   * @param scores the new point's score by the model of each fold `[folds]`, in the same order
   * @throws ConformalError E_LENGTH, E_NAN
   */
  predictProbability(scores: ArrayLike<number>): CrossVennAbersPrediction;
  /** Plain data for `JSON.stringify`, from which `crossVennAbersFromJSON` makes the same predictor. */
  toJSON(): CrossVennAbersPredictorJSON;
}

/** A saved cross Venn-Abers predictor. */
export interface CrossVennAbersPredictorJSON {
  readonly kind: "parsimony.conformal.cross-venn-abers";
  readonly version: 1;
  readonly folds: readonly VennAbersPredictorJSON[];
}

/**
 * Cross Venn-Abers prediction: every point serves for calibration once, with the model that was fitted on the other
 * folds, and the folds' probability pairs are merged so that the regret in log loss is least. In practice better than
 * one split, but a heuristic: see `guarantee`.
 *
 * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
 * @see Vovk, Petej, Fedorova, Large-scale probabilistic predictors with and without guarantees of validity (2015),
 *   section 4
 */
export function crossVennAbers(folds: readonly CrossVennAbersFold[]): CrossVennAbersPredictor {
  if (folds.length === 0) throw new ConformalError("E_EMPTY_CALIBRATION", "crossVennAbers: needs at least one fold");
  return crossFrom(folds.map(({ scores, labels }) => vennAbers(scores, labels)));
}

/**
 * The predictor that `toJSON` described, with the same probabilities bit for bit.
 *
 * @throws ConformalError E_JSON
 */
export function crossVennAbersFromJSON(json: unknown): CrossVennAbersPredictor {
  const where = "crossVennAbersFromJSON";
  const saved = readKind(where, json, "parsimony.conformal.cross-venn-abers");
  const folds = readList(where, "folds", saved["folds"]).map(vennAbersFromJSON);
  if (folds.length === 0) throw new ConformalError("E_JSON", `${where}: needs at least one fold`);
  return crossFrom(folds);
}

function crossFrom(folds: readonly VennAbersPredictor[]): CrossVennAbersPredictor {
  return Object.freeze({
    guarantee: "none" as const,
    folds: Object.freeze(folds),

    predictProbability(scores: ArrayLike<number>): CrossVennAbersPrediction {
      checkLength("crossVennAbers", "scores", scores.length, folds.length);
      const pairs = folds.map((fold, i) => fold.predictProbability(scores[i] as number));
      // p1 > 0 and p0 < 1 always, because the added point itself has the label: the logarithms are finite.
      const mean = (of: (i: number) => number): number =>
        pairs.reduce((sum, _, i) => sum + Math.log(of(i)), 0) / pairs.length;
      const positive = mean((i) => pairs[i]?.p1 as number);
      const negative = mean((i) => 1 - (pairs[i]?.p0 as number));
      return {
        p0: Float64Array.from(pairs, ({ p0 }) => p0),
        p1: Float64Array.from(pairs, ({ p1 }) => p1),
        p: 1 / (1 + Math.exp(negative - positive)),
      };
    },

    toJSON: (): CrossVennAbersPredictorJSON => ({
      kind: "parsimony.conformal.cross-venn-abers",
      version: 1,
      folds: folds.map((fold) => fold.toJSON()),
    }),
  });
}
