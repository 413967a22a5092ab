import fc from "fast-check";
import { afterEach } from "vitest";
import type { PropertyCount, PropertyMeta } from "./propertyCount.ts";

/** Every run draws the same inputs; PARSIMONY_SEED chooses other ones, for a search beyond the fixed set. */
const seed = Number(process.env["PARSIMONY_SEED"] ?? 20240613);

let count: PropertyCount = { properties: 0, cases: 0 };

/** Counts the property, then fails as fast-check does without a reporter: its message, the thrown error as cause. */
function countAndThrow(details: fc.RunDetails<unknown>): void {
  count.properties += 1;
  count.cases += details.numRuns;
  if (details.failed) {
    throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
  }
}

fc.configureGlobal({ seed, reporter: countAndThrow });

afterEach(({ task }) => {
  const meta: PropertyMeta = task.meta;
  if (count.properties > 0) meta.propertyCount = count;
  count = { properties: 0, cases: 0 };
});
