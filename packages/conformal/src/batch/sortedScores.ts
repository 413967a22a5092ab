import { ConformalError } from "../base/errors.ts";
import type { Scores } from "../quantile/quantile.ts";

/** Ends of the range of scores. */
export interface ScoreRange {
  /** The smallest value that a score can take. Default -Infinity. */
  readonly sMin?: number;
  /** The largest value that a score can take. Default Infinity. */
  readonly sMax?: number;
}

/**
 * A checked and sorted copy `[n + 2]` with the ends of the range around the scores: entry k is the k-th smallest, entry
 * 0 is `sMin` and entry n + 1 is `sMax`.
 *
 * @throws ConformalError E_NAN, E_RANGE
 */
export function sortedScores(where: string, scores: Scores, range: ScoreRange): Float64Array {
  const { sMin = -Infinity, sMax = Infinity } = range;
  if (Number.isNaN(sMin) || Number.isNaN(sMax)) throw new ConformalError("E_NAN", `${where}: sMin or sMax is NaN`);
  if (!(sMin <= sMax)) throw new ConformalError("E_RANGE", `${where}: sMin = ${sMin} is above sMax = ${sMax}`);
  const sorted = new Float64Array(scores.length + 2);
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number;
    if (typeof score !== "number" || Number.isNaN(score)) {
      throw new ConformalError("E_NAN", `${where}: calibration[${i}] is not a number, got ${score}`, i);
    }
    if (score < sMin || score > sMax) {
      const message = `${where}: calibration[${i}] is ${score}, outside [sMin, sMax] = [${sMin}, ${sMax}]`;
      throw new ConformalError("E_RANGE", message, i);
    }
    sorted[i + 1] = score + 0; // -0 becomes 0: which of the two is selected must not depend on the order of the scores.
  }
  sorted.subarray(1, scores.length + 1).sort();
  sorted[0] = sMin;
  sorted[scores.length + 1] = sMax;
  return sorted;
}
