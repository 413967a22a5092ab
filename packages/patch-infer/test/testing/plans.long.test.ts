import fc from "fast-check";
import { test } from "vitest";
import { type CellType, fastestKernels, type Overlap, typescriptKernels } from "@parsimony/patch-infer";
import {
  arenaSafetyLaw,
  assertLaw,
  boxesMinimalLaw,
  exactnessLaw,
  kernelsAgreeLaw,
  patchOrderLaw,
  plannedEqualsMeasuredLaw,
  plannedNetworks,
} from "@parsimony/patch-infer/testing";

const overlaps: readonly Overlap[] = ["recompute", "cacheColumns", "cacheRows", "cacheBoth"];
const cases = overlaps.flatMap((overlap) =>
  (["float32", "int8"] as const).map((type): [Overlap, CellType] => [overlap, type]),
);

test.each(cases)("600 networks of up to 40 x 40 cells: %s, %s", (overlap, type) => {
  fc.assert(
    fc.property(plannedNetworks({ types: [type], overlaps: [overlap] }), ({ network, plan }) => {
      const kernels = typescriptKernels;
      assertLaw(exactnessLaw(network, plan, { kernels, trials: 1 }));
      assertLaw(arenaSafetyLaw(network, plan, { kernels, trials: 1 }));
      assertLaw(plannedEqualsMeasuredLaw(network, plan, { kernels }));
      assertLaw(patchOrderLaw(network, plan, { kernels, trials: 1 }));
    }),
    { numRuns: 600, seed: 5 },
  );
});

test("500 plans: boxes hold what patches need and no more", () => {
  fc.assert(
    fc.property(plannedNetworks({ maxSize: 20, global: false, overlaps: ["recompute"] }), ({ network, plan }) => {
      fc.pre(plan.stages.some(({ grid, first, end }) => grid.rows * grid.columns > 1 && end - first > 1));
      assertLaw(boxesMinimalLaw(network, plan, { trials: 10 }));
    }),
    { numRuns: 500, seed: 6 },
  );
});

test("1000 networks: both sets of kernels give the same bits on every box", () => {
  fc.assert(
    fc.property(plannedNetworks({ maxSize: 24 }), ({ network, plan }) => {
      assertLaw(kernelsAgreeLaw(network, typescriptKernels, fastestKernels, { plan, trials: 1 }));
      assertLaw(arenaSafetyLaw(network, plan, { kernels: fastestKernels, trials: 1 }));
    }),
    { numRuns: 1000, seed: 7 },
  );
});
