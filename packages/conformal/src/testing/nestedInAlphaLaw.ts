import { outside } from "./outcome.ts";
import type { Outcome, Procedure } from "./procedure.ts";
import type { LawVerdict } from "./verdict.ts";

/** Options of `nestedInAlphaLaw`. */
export interface NestedInAlphaLawOptions<Example> {
  readonly procedure: Procedure<Example>;
  readonly calibration: readonly Example[];
  /** Examples whose regions are compared. */
  readonly tests: readonly Example[];
  /** Levels to compare, in any order. Default 0.01, 0.05, 0.1, 0.2, 0.5. */
  readonly alphas?: readonly number[];
}

/**
 * Do regions only shrink as more miscoverage is allowed? Holds for every threshold on a score. Not for
 * `allowEmpty: false` together with thresholds for each class, where the label that fills an empty set may be new.
 */
export function nestedInAlphaLaw<Example>(options: NestedInAlphaLawOptions<Example>): LawVerdict {
  const { procedure, calibration, tests, alphas = [0.01, 0.05, 0.1, 0.2, 0.5] } = options;
  const law = "nestedInAlphaLaw";
  const ascending = alphas.toSorted((a, b) => a - b);
  const predict = ascending.map((alpha) => procedure(calibration, alpha));
  for (const [index, test] of tests.entries()) {
    const regions = predict.map((regionOf) => regionOf(test));
    for (let level = 1; level < regions.length; level++) {
      const added = outside(regions[level] as Outcome, regions[level - 1] as Outcome);
      if (added !== undefined) {
        const where = `at alpha = ${ascending[level]}, not at ${ascending[level - 1]}`;
        return { law, holds: false, message: `test ${index} ${added} ${where}` };
      }
    }
  }
  return { law, holds: true, message: `${tests.length} tests have nested regions at alpha = ${ascending.join(", ")}` };
}
