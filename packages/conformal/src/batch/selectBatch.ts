import { checkAllFinite, checkAlpha, checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Scores } from "../quantile/quantile.ts";
import { orderStatisticQuantile } from "./orderStatisticLaw.ts";
import { sortedScores } from "./sortedScores.ts";

/** Options of `selectBatch`. */
export interface SelectBatchOptions {
  /** Predictions `[n]` for calibration points, of any sign and scale; the larger, the more promising. Finite. */
  readonly calibrationPredictions: Scores;
  /** Which calibration points are duds `[n]`: the claim, such as "the outcome exceeds 7", is false for them. */
  readonly calibrationIsNull: readonly boolean[];
  /** Predictions `[m]` for the candidates, m >= 1. Finite. */
  readonly testPredictions: Scores;
  /** How many duds may be among the selected, a whole number >= 0. 0 controls the family-wise error. Default 0. */
  readonly eta?: number;
  /** Probability of more than `eta` duds, strictly between 0 and 1. */
  readonly alpha: number;
}

/** Candidates selected with control of false claims. */
export interface BatchSelection {
  /** Positions of the selected candidates, ascending: those with a prediction above the threshold. */
  readonly selected: readonly number[];
  /** Infinity selects nobody; -Infinity selects everybody. */
  readonly threshold: number;
  /** The threshold is the null score of this rank; n + 1 stands for Infinity, 0 for "eta >= m, nothing to control". */
  readonly rank: number;
  /** Probability of at most `eta` duds among the selected, at least `1 - alpha`. */
  readonly level: number;
  readonly finite: boolean;
  /**
   * `"too-few-calibration"`: no threshold among the predictions is safe, nobody is selected. `"no-threshold-needed"`:
   * there are so few duds, or so many are allowed, that everybody is.
   */
  readonly reason?: "too-few-calibration" | "no-threshold-needed";
  readonly guarantee: "batch";
}

/**
 * Selects candidates for whom a claim is probably true, with at most `eta` false claims: `P(#duds selected > eta) <=
 * alpha`, over calibration points and candidates together. The number of duds is controlled, not their share.
 *
 * The score of a dud is its prediction, and of any other point -Infinity; the threshold bounds the (eta + 1)-th largest
 * score of the candidates. Predictions may be negative, unlike in the authors' code, where the score of a good point is 0.
 *
 * @throws ConformalError E_ALPHA, E_LENGTH, E_NAN, E_RANGE
 * @see Lee, Tchetgen Tchetgen, Dobriban, Batch predictive inference (arXiv 2409.13990)
 */
export function selectBatch(options: SelectBatchOptions): BatchSelection {
  const { calibrationPredictions, calibrationIsNull, testPredictions, eta = 0, alpha } = options;
  const where = "selectBatch";
  checkAlpha(where, alpha);
  checkWhole(where, "eta", eta, 0);
  checkLength(where, "calibrationIsNull", calibrationIsNull.length, calibrationPredictions.length);
  checkAllFinite(where, "calibrationPredictions", calibrationPredictions);
  checkAllFinite(where, "testPredictions", testPredictions);
  const n = calibrationPredictions.length;
  const m = testPredictions.length;
  checkWhole(where, "the number of candidates", m, 1);
  const scores = Float64Array.from(calibrationPredictions, (prediction, i) => {
    const isNull = calibrationIsNull[i];
    if (typeof isNull === "boolean") return isNull ? prediction : -Infinity;
    throw new ConformalError("E_RANGE", `${where}: calibrationIsNull[${i}] must be true or false, got ${isNull}`, i);
  });
  const { rank, level } = eta >= m ? { rank: 0, level: 1 } : orderStatisticQuantile(n, m, m - eta, alpha);
  const threshold = sortedScores(where, scores, {})[rank] as number;
  const selected: number[] = [];
  for (let j = 0; j < m; j++) if ((testPredictions[j] as number) > threshold) selected.push(j);
  return Object.freeze({
    selected: Object.freeze(selected),
    threshold,
    rank,
    level,
    finite: Number.isFinite(threshold),
    ...(threshold === Infinity ? { reason: "too-few-calibration" as const } : {}),
    ...(threshold === -Infinity ? { reason: "no-threshold-needed" as const } : {}),
    guarantee: "batch" as const,
  });
}
