import { expect, test } from "vitest";
import { analyze } from "../../src/plan/analyze.ts";
import { checkPlan } from "../../src/plan/checkPlan.ts";
import { planLayers } from "../../src/plan/planStages.ts";
import { legalSplits } from "../../src/plan/splits.ts";
import { blazeface } from "../execute/blazeface.ts";

test("BlazeFace, 128 x 128: 30.76 M multiply-accumulates, 320.0 KiB at one byte per number", () => {
  const network = blazeface("short");
  const rows = analyze(network, { bytesPerElement: 1 });
  expect(rows.reduce((sum, { macs }) => sum + macs, 0)).toBe(30_760_960);
  expect(rows.at(-1)?.peakBytes).toBe(320 * 1024);
  const plan = planLayers(network);
  expect(plan.lowerBoundBytes).toBe(4 * 320 * 1024);
  expect(plan.arenaBytes).toBe(plan.lowerBoundBytes);
  checkPlan(network, plan);
  expect(legalSplits(network)[0]).toMatchObject({ height: 64, width: 64, channels: 24 });
});
