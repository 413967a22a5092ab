import { expect, test } from "vitest";
import { planLayers, planPatches, planStages, verifyPlan } from "@parsimony/patch-infer";
import { blazeface } from "./blazeface.ts";

test("BlazeFace, 128 x 128: layer by layer, in 4 x 3 patches, and in two kinds of stages, the same bits", () => {
  const network = blazeface("short");
  const plans = [
    planLayers(network, { input: "resident", output: "resident" }),
    planPatches(network, { split: 13, grid: { rows: 4, columns: 3 } }),
    planStages(network, {
      stages: [
        { first: 0, end: 8, grid: { rows: 7, columns: 1 }, overlap: "cacheRows" },
        { first: 8, end: 21, grid: { rows: 5, columns: 5 }, overlap: "cacheBoth" },
      ],
    }),
  ];
  for (const plan of plans) {
    const found = verifyPlan(network, plan, { trials: 1 });
    expect(found).toMatchObject({ exact: true, highWaterBytes: plan.arenaBytes });
    expect(found.macs.counted).toBe(plan.macs.plan);
  }
  expect(plans[1]?.arenaBytes).toBeLessThan(plans[0]?.arenaBytes as number);
});
