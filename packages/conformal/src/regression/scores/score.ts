import { ConformalError } from "../../base/errors.ts";

/**
 * Which thresholds an interval has.
 *
 * - `joint`: one, for the larger of `below` and `above`, at alpha.
 * - `separate`: one for each side, each at alpha / 2; the ends move on their own, so that skewed errors cost less.
 * - `lower`, `upper`: one, for one side alone at alpha; the other end is infinite.
 */
export type Tails = "joint" | "separate" | "lower" | "upper";

/**
 * A nonconformity score for regression: how strange a value looks beside a prediction, told apart by side. A plain
 * record, so that a score of your own is an object with the same members.
 *
 * `below` must never rise and `above` never fall as `y` grows; `lower` and `upper` undo them, to rounding, and must
 * never rise and never fall, respectively, as the threshold grows. A calibration point counts with the score whose
 * interval holds it, so that rounding costs no coverage, also in data with ties.
 */
export interface RegressionScore<Prediction = number> {
  /** Name in the field, with the parameters that change it. Saved with a calibrated predictor. */
  readonly name: string;
  readonly tails: Tails;
  /** Throws ConformalError for a prediction that the score can't use, with `index` as its position. */
  check(prediction: Prediction, where: string, index?: number): void;
  /** How far `y` lies below the prediction; negative when it does not. */
  below(prediction: Prediction, y: number): number;
  /** How far `y` lies above the prediction; negative when it does not. */
  above(prediction: Prediction, y: number): number;
  /** The least value whose `below` is at most `threshold`. */
  lower(prediction: Prediction, threshold: number): number;
  /** The largest value whose `above` is at most `threshold`. */
  upper(prediction: Prediction, threshold: number): number;
}

/**
 * The same score with a threshold for each side at alpha / 2: for errors that are larger in one direction. Wider than
 * `joint` where errors are symmetric, and it needs twice the calibration points for a finite interval.
 *
 * @see Linusson, Johansson, Löfström, Signed-error conformal regression (2014); for quantiles Romano, Patterson,
 *   Candès, Conformalized quantile regression (2019), section 3
 */
export function asymmetric<Prediction>(score: RegressionScore<Prediction>): RegressionScore<Prediction> {
  return Object.freeze({ ...score, name: `asymmetric ${score.name}`, tails: "separate" });
}

/**
 * The same score for a bound on one side, at alpha: `"upper"` gives intervals from -Infinity, `"lower"` to Infinity.
 */
export function oneSided<Prediction>(
  score: RegressionScore<Prediction>,
  side: "lower" | "upper",
): RegressionScore<Prediction> {
  if (side !== "lower" && side !== "upper") {
    throw new ConformalError("E_RANGE", `oneSided: side must be "lower" or "upper", got ${String(side)}`);
  }
  return Object.freeze({ ...score, name: `${side} ${score.name}`, tails: side });
}

/** Throws unless the members of a score are there. */
export function checkRegressionScore(where: string, score: RegressionScore<never>): void {
  const members = ["check", "below", "above", "lower", "upper"] as const;
  if (members.every((member) => typeof score?.[member] === "function")) {
    if (["joint", "separate", "lower", "upper"].includes(score.tails)) return;
    throw new ConformalError("E_RANGE", `${where}: unknown tails ${String(score.tails)} of score ${score.name}`);
  }
  const hint = typeof score === "function" ? "a function; call it, as in cqr()" : String(score);
  throw new ConformalError("E_RANGE", `${where}: score must be a RegressionScore such as absolute, got ${hint}`);
}
