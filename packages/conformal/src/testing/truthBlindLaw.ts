import { ConformalError } from "../base/errors.ts";
import { defaultTruth, printOutcome, type TruthOptions } from "./outcome.ts";
import type { Procedure } from "./procedure.ts";
import type { LawVerdict } from "./verdict.ts";

/** Options of `truthBlindLaw`. */
export interface TruthBlindLawOptions<Example> extends TruthOptions<Example> {
  readonly procedure: Procedure<Example>;
  readonly calibration: readonly Example[];
  /** Examples whose regions are compared, with at least two different true values among them. */
  readonly tests: readonly Example[];
  /** Allowed miscoverage. Default 0.1. */
  readonly alpha?: number;
  /** The example with another true value. Default: `label` or `target` replaced. */
  readonly withTruth?: (example: Example, truth: number) => Example;
}

/**
 * Is the region of a test example the same whatever its true value is? A predictor that peeks covers too well for any
 * coverage law to object, and will be useless where the truth isn't known. Each test is tried with the true values of
 * the others.
 *
 * @throws ConformalError E_RANGE for a procedure that answers true or false (which must know the truth)
 */
export function truthBlindLaw<Example>(options: TruthBlindLawOptions<Example>): LawVerdict {
  const { procedure, calibration, tests, alpha = 0.1, truth = defaultTruth, withTruth = replaceTruth } = options;
  const law = "truthBlindLaw";
  const regionOf = procedure(calibration, alpha);
  const others = [...new Set(tests.map(truth))].slice(0, 10);
  for (const [index, test] of tests.entries()) {
    const own = regionOf(test);
    if (typeof own === "boolean") throw new ConformalError("E_RANGE", `${law}: needs a procedure that gives regions`);
    for (const other of others) {
      const found = printOutcome(regionOf(withTruth(test, other)));
      if (found !== printOutcome(own)) {
        const message = `test ${index} has ${printOutcome(own)}, and ${found} if its true value were ${other}`;
        return { law, holds: false, message };
      }
    }
  }
  return { law, holds: true, message: `${tests.length} tests have the same regions for ${others.length} true values` };
}

function replaceTruth<Example>(example: Example, truth: number): Example {
  return "label" in (example as object) ? { ...example, label: truth } : { ...example, target: truth };
}
