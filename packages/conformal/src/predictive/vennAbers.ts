import { checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Guarantee } from "../base/guarantee.ts";
import type { JsonNumber } from "../base/json.ts";
import { encodeNumbers } from "../base/savedRecord.ts";
import { countBelow } from "../base/sortedSearch.ts";
import { type LabelledScores, addedFits } from "./vennAbersTable.ts";

/** Two probabilities of label 1, and one between them. */
export interface VennAbersPrediction {
  /** The isotonic fit at the score if the label were 0; in [0, 1). */
  readonly p0: number;
  /** The isotonic fit at the score if the label were 1; in (0, 1], at least p0. */
  readonly p1: number;
  /** `p1 / (1 - p0 + p1)`, between p0 and p1: the probability with the least regret in log loss. */
  readonly p: number;
}

/** A calibrated, immutable Venn-Abers predictor. */
export interface VennAbersPredictor {
  /** Of p0 and p1, the one for the label that comes is perfectly calibrated; `p` itself is merely near both. */
  readonly guarantee: Extract<Guarantee, "calibrated">;
  /** Number of calibration points. */
  readonly n: number;
  /**
   * The probabilities for a score, in `O(log n)`. All three never fall as the score grows.
   *
   * @param score a number, also an infinite one
   * @throws ConformalError E_NAN
   */
  predictProbability(score: number): VennAbersPrediction;
  /**
   * The same for scores `[m]`, as three lists.
   *
   * @throws ConformalError E_NAN
   */
  predictProbabilities(scores: ArrayLike<number>): {
    readonly p0: Float64Array;
    readonly p1: Float64Array;
    readonly p: Float64Array;
  };
  /** Plain data for `JSON.stringify`, from which `vennAbersFromJSON` makes the same predictor. */
  toJSON(): VennAbersPredictorJSON;
}

/** A saved Venn-Abers predictor: what its tables are computed from. */
export interface VennAbersPredictorJSON {
  readonly kind: "parsimony.conformal.venn-abers";
  readonly version: 1;
  /** Distinct calibration scores, ascending. */
  readonly scores: readonly JsonNumber[];
  /** Calibration points at each score. */
  readonly counts: readonly JsonNumber[];
  /** Those of them with label 1. */
  readonly positives: readonly JsonNumber[];
}

/**
 * Inductive Venn-Abers prediction: turns the scores of any binary classifier into calibrated probabilities of label 1.
 * For each new score two isotonic regressions on the calibration points are wanted, with the new point added under
 * either label; all of them together are precomputed in `O(n log n)`. A wide gap between p0 and p1 says that
 * calibration points are too few near the score.
 *
 * @param scores calibration scores `[n]` of a model that has not seen these points: larger for label 1; not NaN
 * @param labels 0 or 1 (or false, true) `[n]`
 * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, E_RANGE
 * @see Vovk, Petej, Fedorova, Large-scale probabilistic predictors with and without guarantees of validity (2015)
 */
export function vennAbers(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): VennAbersPredictor {
  const where = "vennAbers";
  const n = scores.length;
  if (n === 0) throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one score, got none`);
  checkLength(where, "labels", labels.length, n);
  const copy = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const score = scores[i] as number;
    if (typeof score !== "number" || Number.isNaN(score)) {
      throw new ConformalError("E_NAN", `${where}: scores[${i}] is not a number, got ${score}`, i);
    }
    const label = Number(labels[i]);
    if (label !== 0 && label !== 1) {
      const code = Number.isNaN(label) ? "E_NAN" : "E_RANGE";
      throw new ConformalError(code, `${where}: labels[${i}] must be 0 or 1, got ${labels[i]}`, i);
    }
    copy[i] = score + 0;
  }
  const distinct = copy.toSorted().filter((score, i, all) => i === 0 || score !== all[i - 1]);
  const counts = new Float64Array(distinct.length);
  const positives = new Float64Array(distinct.length);
  copy.forEach((score, i) => {
    const at = countBelow(distinct, score);
    counts[at] = (counts[at] as number) + 1;
    positives[at] = (positives[at] as number) + Number(labels[i]);
  });
  return vennAbersFrom({ scores: distinct, counts, positives });
}

/** The predictor for labelled scores that are trusted to be consistent. */
export function vennAbersFrom(points: LabelledScores): VennAbersPredictor {
  const { scores, counts, positives } = points;
  const table = addedFits(points);
  const k = scores.length;
  // Between two calibration scores an added 0 is fitted as if it were at the lower of them, and an added 1 as if at
  // the upper one: there is nothing above a 1 or below a 0 for it to be pooled with first.
  const p0At = (below: number, score: number): number => {
    const upTo = scores[below] === score ? below + 1 : below;
    return upTo === 0 ? 0 : (table.p0[upTo - 1] as number);
  };
  const p1At = (below: number): number => (below === k ? 1 : (table.p1[below] as number));
  const check = (score: number, index?: number): void => {
    if (typeof score === "number" && !Number.isNaN(score)) return;
    throw new ConformalError("E_NAN", `vennAbers: a score is not a number, got ${score}`, index);
  };

  return Object.freeze({
    guarantee: "calibrated" as const,
    n: counts.reduce((sum, count) => sum + count, 0),

    predictProbability(score: number): VennAbersPrediction {
      check(score);
      const below = countBelow(scores, score);
      const p0 = p0At(below, score);
      const p1 = p1At(below);
      return { p0, p1, p: mergePair(p0, p1) };
    },

    predictProbabilities(queries: ArrayLike<number>): { p0: Float64Array; p1: Float64Array; p: Float64Array } {
      const m = queries.length;
      const p0 = new Float64Array(m);
      const p1 = new Float64Array(m);
      const p = new Float64Array(m);
      for (let i = 0; i < m; i++) {
        const score = queries[i] as number;
        check(score, i);
        const below = countBelow(scores, score);
        const low = p0At(below, score);
        const high = p1At(below);
        p0[i] = low;
        p1[i] = high;
        p[i] = mergePair(low, high);
      }
      return { p0, p1, p };
    },

    toJSON: (): VennAbersPredictorJSON => ({
      kind: "parsimony.conformal.venn-abers",
      version: 1,
      scores: encodeNumbers(scores),
      counts: encodeNumbers(counts),
      positives: encodeNumbers(positives),
    }),
  });
}

/** Between p0 and p1 also after rounding. */
function mergePair(p0: number, p1: number): number {
  return Math.min(p1, Math.max(p0, p1 / (1 - p0 + p1)));
}
