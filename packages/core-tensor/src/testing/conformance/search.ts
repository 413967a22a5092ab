import fc from "fast-check";
import type { Outcome, SectionBuilder } from "./section.ts";

/** Tries after the first disagreement, to find a smaller one. */
const shrinkTries = 800;

/**
 * Tries random values until one disagrees, then looks for the simplest that does. Every outcome before goes into the
 * section, and of the disagreements the simplest.
 */
export async function search<T>(
  section: SectionBuilder,
  arbitrary: fc.Arbitrary<T>,
  { runs, seed }: { readonly runs: number; readonly seed: number },
  label: (value: T) => string,
  attempt: (value: T) => Promise<Outcome>,
): Promise<void> {
  let simplest: { readonly label: string; readonly outcome: Outcome } | undefined;
  let tries = 0;
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (simplest !== undefined && ++tries > shrinkTries) return true;
    const outcome = await attempt(value);
    if (outcome.kind !== "disagrees") {
      if (simplest === undefined) section.record(label(value), outcome);
      return true;
    }
    simplest = { label: label(value), outcome };
    return false;
  });
  const details = await fc.check(property, { numRuns: runs, seed });
  if (simplest !== undefined) section.record(simplest.label, simplest.outcome);
  // Only a failure of the checks themselves (an arbitrary that throws, for instance) ends here.
  else if (details.failed) throw details.errorInstance;
}

/** A seed for one part of the checks, so that parts can be left out without changing the others. */
export function seedFor(seed: number, part: string): number {
  // FNV-1a
  let hash = 2166136261 ^ seed;
  for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 16777619);
  return hash | 0;
}
