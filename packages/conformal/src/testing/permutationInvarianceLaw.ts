import { uniformStream } from "../base/random.ts";
import type { LabelledExample, SetProcedure } from "./procedure.ts";
import { shuffled } from "./shuffle.ts";
import type { LawVerdict } from "./verdict.ts";

/** Options of `permutationInvarianceLaw`. */
export interface PermutationInvarianceLawOptions<Example extends LabelledExample> {
  readonly procedure: SetProcedure<Example>;
  readonly calibration: readonly Example[];
  /** Examples whose sets are compared. */
  readonly tests: readonly Example[];
  /** Allowed miscoverage. Default 0.1. */
  readonly alpha?: number;
  /** How many random orders to try. Default 20. */
  readonly orders?: number;
  /** Seed of the orders, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/**
 * Do sets stay the same, label for label, in every order of the calibration examples? Exchangeability is what makes
 * conformal prediction valid, and a procedure that looks at the order throws it away.
 */
export function permutationInvarianceLaw<Example extends LabelledExample>(
  options: PermutationInvarianceLawOptions<Example>,
): LawVerdict {
  const { procedure, calibration, tests, alpha = 0.1, orders = 20, seed = 0 } = options;
  const law = "permutationInvarianceLaw";
  const uniform = uniformStream(seed);
  const setOf = procedure(calibration, alpha);
  const original = tests.map((test) => setOf(test));
  for (let order = 0; order < orders; order++) {
    const reordered = procedure(shuffled(calibration, uniform), alpha);
    for (const [index, test] of tests.entries()) {
      const before = (original[index] as readonly number[]).join(", ");
      const after = reordered(test).join(", ");
      if (before !== after) {
        return { law, holds: false, message: `test ${index} has {${before}}, and {${after}} in another order` };
      }
    }
  }
  return { law, holds: true, message: `${tests.length} tests have the same sets in ${orders} orders` };
}
