import fc from "fast-check";
import { test } from "vitest";
import {
  arenaSafetyLaw,
  assertLaw,
  exactnessLaw,
  patchOrderLaw,
  plannedEqualsMeasuredLaw,
  plans,
} from "@parsimony/patch-infer/testing";
import { blazeface } from "./blazeface.ts";

test.each([
  ["short", 150],
  ["full", 25],
] as const)("BlazeFace, %s range: %i plans", (range, numRuns) => {
  const network = blazeface(range);
  fc.assert(
    fc.property(plans(network), (plan) => {
      assertLaw(exactnessLaw(network, plan, { trials: 1 }));
      assertLaw(plannedEqualsMeasuredLaw(network, plan));
      assertLaw(patchOrderLaw(network, plan, { trials: 1 }));
    }),
    { numRuns, seed: 1 },
  );
  // The guard copies the arena at every call.
  fc.assert(
    fc.property(plans(network), (plan) => assertLaw(arenaSafetyLaw(network, plan, { trials: 1 }))),
    { numRuns: numRuns / 25, seed: 2 },
  );
});
