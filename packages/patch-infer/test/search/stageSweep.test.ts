import fc from "fast-check";
import { expect, test } from "vitest";
import type { Network } from "../../src/network/network.ts";
import { factsOf } from "../../src/plan/facts.ts";
import { beginnings, finestGrid } from "../../src/plan/legal.ts";
import type { PlanOptions } from "../../src/plan/plan.ts";
import { planStages } from "../../src/plan/planStages.ts";
import { planOptions } from "../../src/plan/planningOptions.ts";
import { walksOf } from "../../src/plan/choices.ts";
import { layOutStage } from "../../src/plan/stageLayout.ts";
import { walkAxis } from "../../src/plan/axisParts.ts";
import { axisTable } from "../../src/search/axisTable.ts";
import { slotsOf } from "../../src/search/slots.ts";
import { StageSweep } from "../../src/search/stageSweep.ts";
import { variantsOf } from "../../src/search/variants.ts";
import { networks } from "../../src/testing/arbitraries.ts";
import { mobileNetV2Network } from "../nets/mobileNetV2.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";

const options = fc
  .record({
    input: fc.constantFrom("resident" as const, "external" as const),
    output: fc.constantFrom("resident" as const, "external" as const),
    inPlace: fc.boolean(),
    accumulateIntoResidual: fc.boolean(),
  })
  .map(planOptions);

/** Compares every stage that ends at a layer with the plan's own layout. */
function compare(network: Network, own: PlanOptions, end: number, every: number): number {
  const facts = factsOf(network);
  const slots = slotsOf(facts, own);
  const lowest = beginnings(facts, end)?.lowest;
  if (lowest === undefined) return 0;
  const most = finestGrid(facts, lowest, end, "recompute");
  const overlaps = ["recompute", "cacheColumns", "cacheRows", "cacheBoth"] as const;
  const { rows, columns, variants } = variantsOf(most.rows, most.columns, { maxGrid: 4, overlaps });
  const sweep = new StageSweep(slots, lowest, end);
  let compared = 0;
  variants.forEach((variant, i) => {
    if (i % every !== 0) return;
    const { overlap } = variant;
    const [down, across] = [rows[variant.rows]!, columns[variant.columns]!];
    const grid = { rows: down.count, columns: across.count };
    const table = (axis: "rows" | "columns"): ReturnType<typeof axisTable> =>
      axisTable(facts, slots, walkAxis(facts, { ...(axis === "rows" ? down : across), axis, first: lowest, end }));
    sweep.run(table("rows"), table("columns"), (first, peakBytes, macs, calls) => {
      const layout = layOutStage(facts, first, walksOf(facts, { first, end, grid, overlap }), own);
      const steps = layout.slots.length;
      expect({ first, end, grid, overlap, peakBytes, macs, calls }).toEqual({
        ...{ first, end, grid, overlap, peakBytes: layout.peakBytes, macs: layout.macs },
        calls: steps * grid.rows * grid.columns,
      });
      compared++;
    });
  });
  return compared;
}

test("equals the plan's own layout, for every stage of random networks", () => {
  const drawn = fc.tuple(networks({ maxSize: 14, maxDepth: 6 }), options, fc.nat(), fc.nat(6));
  fc.assert(
    fc.property(drawn, ([network, own, at, every]) => {
      compare(network, own, 1 + (at % network.layers.length), 1 + every);
    }),
    { numRuns: 40 },
  );
});

test("equals it for MobileNetV2", () => {
  const own = planOptions({});
  for (const end of [12, 22]) expect(compare(mobileNetV2Network(), own, end, 7)).toBeGreaterThan(100);
});

test("equals it where an addition joins its convolution and would need the most by itself", () => {
  const net = new NetworkBuilder();
  const wide = net.conv(net.input(12, 12, 1), 16);
  const sum = net.binary(net.conv(net.conv(wide, 2), 16), wide);
  const network = net.build([net.conv(sum, 2, { kernel: 3, padding: "same" })]);
  expect(compare(network, planOptions({}), network.layers.length, 1)).toBeGreaterThan(50);
});

test("equals it where a depthwise convolution makes more than it reads, and so cannot overwrite it", () => {
  const net = new NetworkBuilder();
  const grown = net.depthwise(net.conv(net.input(6, 6, 1), 8), { padding: 3 });
  const network = net.build([net.conv(grown, 2, { kernel: 3, padding: "same" })]);
  expect(compare(network, planOptions({}), network.layers.length, 1)).toBeGreaterThan(50);
});

test("equals it where a residual has as many bytes as the sum, but other rows and columns", () => {
  const net = new NetworkBuilder();
  const residual = net.conv(net.input(5, 5, 1), 8);
  // Reads one cell to the right and below: of two patches the first needs 3 cells, and so does the second without it.
  const ahead = net.conv(residual, 2, { kernel: 2, padding: [0, 0, 1, 1] });
  const network = net.build([net.conv(net.binary(net.conv(ahead, 8), residual), 2)]);
  expect(compare(network, planOptions({}), network.layers.length, 1)).toBeGreaterThan(50);
});

test("the peak of a plan is the largest of its stages'", () => {
  const network = mobileNetV2Network({ resolution: 64 });
  const facts = factsOf(network);
  const own = planOptions({});
  const plan = planStages(network, {
    stages: [{ first: 0, end: 12, grid: { rows: 2, columns: 3 }, overlap: "cacheBoth" }],
  });
  const peaks = plan.stages.map((stage) => layOutStage(facts, stage.first, walksOf(facts, stage), own).peakBytes);
  expect(plan.lowerBoundBytes).toBe(Math.max(...peaks));
});
