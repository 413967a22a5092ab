import type { LabelledExample, SetProcedure } from "./procedure.ts";
import type { LawVerdict } from "./verdict.ts";

/** Options of `nestedInAlphaLaw`. */
export interface NestedInAlphaLawOptions<Example extends LabelledExample> {
  readonly procedure: SetProcedure<Example>;
  readonly calibration: readonly Example[];
  /** Examples whose sets are compared. */
  readonly tests: readonly Example[];
  /** Levels to compare, in any order. Default 0.01, 0.05, 0.1, 0.2, 0.5. */
  readonly alphas?: readonly number[];
}

/**
 * Do sets only lose labels as more miscoverage is allowed? Holds for every threshold on a score. Not for
 * `allowEmpty: false` together with thresholds for each class, where the label that fills an empty set may be new.
 */
export function nestedInAlphaLaw<Example extends LabelledExample>(
  options: NestedInAlphaLawOptions<Example>,
): LawVerdict {
  const { procedure, calibration, tests, alphas = [0.01, 0.05, 0.1, 0.2, 0.5] } = options;
  const law = "nestedInAlphaLaw";
  const ascending = alphas.toSorted((a, b) => a - b);
  const predict = ascending.map((alpha) => procedure(calibration, alpha));
  for (const [index, test] of tests.entries()) {
    const sets = predict.map((setOf) => setOf(test));
    for (let level = 1; level < sets.length; level++) {
      const wider = sets[level - 1] as readonly number[];
      const added = (sets[level] as readonly number[]).find((label) => !wider.includes(label));
      if (added !== undefined) {
        const where = `at alpha = ${ascending[level]}, not at ${ascending[level - 1]}`;
        return { law, holds: false, message: `test ${index} has label ${added} ${where}` };
      }
    }
  }
  return { law, holds: true, message: `${tests.length} tests have nested sets at alpha = ${ascending.join(", ")}` };
}
