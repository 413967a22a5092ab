import { checkUniforms } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Scores } from "./quantile.ts";

/** Options of `conformalPValue`. */
export interface ConformalPValueOptions {
  /** A uniform number in [0, 1] that breaks ties: the p-value is then exactly uniform for an exchangeable score. */
  readonly u?: number;
}

/**
 * The conformal p-value of a score: how many calibration scores are at least as strange. For a score that is
 * exchangeable with the calibration scores, `P(p <= alpha) <= alpha` for every alpha. Without `u` it is
 * `(1 + #{S_i >= s}) / (n + 1)`, never 0; with `u` it is `(#{S_i > s} + u (#{S_i = s} + 1)) / (n + 1)`.
 *
 * @param calibration calibration scores, not modified
 * @param score the new score
 * @throws ConformalError E_EMPTY_CALIBRATION, E_NAN, E_RANGE
 * @see Vovk, Gammerman, Shafer, Algorithmic learning in a random world (2005), section 2.2
 */
export function conformalPValue(calibration: Scores, score: number, options: ConformalPValueOptions = {}): number {
  const { u } = options;
  if (calibration.length === 0) {
    throw new ConformalError("E_EMPTY_CALIBRATION", "conformalPValue: needs at least one calibration score, got none");
  }
  if (Number.isNaN(score)) throw new ConformalError("E_NAN", "conformalPValue: score is NaN");
  if (u !== undefined) checkUniforms("conformalPValue", [u]);
  let stranger = 0;
  let equal = 0;
  for (let i = 0; i < calibration.length; i++) {
    const value = calibration[i] as number;
    if (Number.isNaN(value)) throw new ConformalError("E_NAN", `conformalPValue: calibration[${i}] is NaN`, i);
    if (value > score) stranger++;
    else if (value === score) equal++;
  }
  const count = u === undefined ? stranger + equal + 1 : stranger + u * (equal + 1);
  return count / (calibration.length + 1);
}
