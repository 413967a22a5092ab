import fc from "fast-check";
import { test } from "vitest";
import { plannedNetworks } from "../../src/testing/arbitraries.ts";
import { expectSound } from "./invariants.ts";

test("many random plans are sound", () => {
  fc.assert(
    fc.property(plannedNetworks({ maxSize: 40, maxDepth: 12 }), ({ network, plan }) => {
      expectSound(network, plan);
    }),
    { seed: 21, numRuns: 3000 },
  );
});
