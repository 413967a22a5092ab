import fc from "fast-check";
import { isHostTensor, isTensor } from "@parsimony/core-tensor";

/** A named property of something that a user wrote. */
export interface Law<Case> {
  /** What is promised, in words. */
  readonly name: string;
  /** Throws an Error that says what was seen when the promise does not hold in this case. */
  readonly check: (example: Case) => void;
}

export interface CheckLawsOptions {
  /** Random cases for each law. Default 100. */
  readonly runs?: number;
  /** Seed of the cases. Default 0. */
  readonly seed?: number;
}

/**
 * Runs every law on random cases, the same for the same seed, and throws an Error with the law's name, what was seen, and the
 * smallest failing case that was found.
 */
export function checkLaws<Case>(
  laws: readonly Law<Case>[],
  cases: fc.Arbitrary<Case>,
  { runs = 100, seed = 0 }: CheckLawsOptions = {},
): void {
  for (const { name, check } of laws) {
    const details = fc.check(fc.property(cases, check), { numRuns: runs, seed });
    if (!details.failed) continue;
    const cause = details.errorInstance;
    const seen = cause instanceof Error ? cause.message : String(cause);
    const [example] = details.counterexample ?? [];
    throw new Error(`${name}: ${seen}\nSmallest case found with seed ${seed}: ${printed(example)}`, { cause });
  }
}

// Tensors are short: type, shape, elements.
function printed(example: unknown): string {
  return JSON.stringify(example, (_key, value: unknown) => {
    if (!isTensor(value) || !isHostTensor(value)) return value;
    const elements = Array.from(value.dataSync() as ArrayLike<number>, (each) => (Object.is(each, -0) ? "-0" : each));
    return `${value.dtype} [${value.shape}]: ${elements.join(" ")}`;
  });
}
