import type { LabelledRow, SetProcedure } from "./procedure.ts";
import type { LawVerdict } from "./verdict.ts";

/** Options of `labelOrderLaw`. */
export interface LabelOrderLawOptions {
  readonly procedure: SetProcedure<LabelledRow>;
  readonly calibration: readonly LabelledRow[];
  /** Rows whose sets are looked at. */
  readonly tests: readonly LabelledRow[];
  /** Levels to try. Default 0.05, 0.1, 0.3. */
  readonly alphas?: readonly number[];
}

/**
 * Do sets take labels in the order of their probabilities, so that no label is in the set while a more probable one
 * isn't? True for LAC, APS, RAPS, SAPS and top-k with one threshold; not for thresholds by class. A `u` that is drawn
 * for each label in place of each row breaks it, though not the coverage.
 */
export function labelOrderLaw(options: LabelOrderLawOptions): LawVerdict {
  const { procedure, calibration, tests, alphas = [0.05, 0.1, 0.3] } = options;
  const law = "labelOrderLaw";
  for (const alpha of alphas) {
    const setOf = procedure(calibration, alpha);
    for (const [index, test] of tests.entries()) {
      const p = Array.from(test.probabilities);
      const set = setOf(test);
      const least = Math.min(...set.map((label) => p[label] as number));
      const missing = p.findIndex((probability, label) => probability > least && !set.includes(label));
      if (missing >= 0) {
        const found = `{${set.join(", ")}} without the more probable ${missing}`;
        return { law, holds: false, message: `test ${index} has ${found} at alpha = ${alpha}` };
      }
    }
  }
  return { law, holds: true, message: `${tests.length} tests have sets in the order of their probabilities` };
}
