import { uniformStream } from "../base/random.ts";
import { printOutcome } from "./outcome.ts";
import type { Procedure } from "./procedure.ts";
import { shuffled } from "./shuffle.ts";
import type { LawVerdict } from "./verdict.ts";

/** Options of `permutationInvarianceLaw`. */
export interface PermutationInvarianceLawOptions<Example> {
  readonly procedure: Procedure<Example>;
  readonly calibration: readonly Example[];
  /** Examples whose regions are compared. */
  readonly tests: readonly Example[];
  /** Allowed miscoverage. Default 0.1. */
  readonly alpha?: number;
  /** How many random orders to try. Default 20. */
  readonly orders?: number;
  /** Seed of the orders, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/**
 * Do regions stay the same, bit for bit, in every order of the calibration examples and of the tests? Exchangeability is
 * what makes conformal prediction valid, and a procedure that looks at the order throws it away. Random numbers that are
 * drawn anew at each call are caught here too.
 */
export function permutationInvarianceLaw<Example>(options: PermutationInvarianceLawOptions<Example>): LawVerdict {
  const { procedure, calibration, tests, alpha = 0.1, orders = 20, seed = 0 } = options;
  const law = "permutationInvarianceLaw";
  const uniform = uniformStream(seed);
  const regionOf = procedure(calibration, alpha);
  const original = tests.map((test) => printOutcome(regionOf(test)));
  for (let order = 0; order < orders; order++) {
    const reordered = procedure(shuffled(calibration, uniform), alpha);
    const positions = tests.map((_, index) => index);
    for (const index of order === 0 ? positions : shuffled(positions, uniform)) {
      const before = original[index];
      const after = printOutcome(reordered(tests[index] as Example));
      if (before !== after) {
        return { law, holds: false, message: `test ${index} has ${before}, and ${after} in another order` };
      }
    }
  }
  return { law, holds: true, message: `${tests.length} tests have the same regions in ${orders} orders` };
}
