import { describe, expect, test } from "vitest";
import { analyze } from "../../src/plan/analyze.ts";
import { walksOf } from "../../src/plan/choices.ts";
import { factsOf } from "../../src/plan/facts.ts";
import { patchBoxes } from "../../src/plan/patchBoxes.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planLayers, planPatches } from "../../src/plan/planStages.ts";
import { layOutStage } from "../../src/plan/stageLayout.ts";
import { mobileNetV2Network } from "../nets/mobileNetV2.ts";

const kib = (bytes: number): number => bytes / 1024;
const percent = (share: number): number => Math.round(1000 * share) / 10;
const network = mobileNetV2Network();
const layers = planLayers(network);
const split = "block4.project";
const stageOutput = 28 * 28 * 32;

function liveAt(plan: Plan, layer: string): number {
  return kib(plan.moments.find((moment) => moment.layer === layer)?.liveBytes ?? Number.NaN);
}

/** Overheads of the stage and of the whole network, in percent: virtual and clipped. */
function overheads(plan: Plan): { stage: [number, number]; total: [number, number] } {
  const stage = plan.stages[0] as Plan["stages"][number];
  const alone = layers.stages.filter(({ end }) => end <= stage.end).reduce((sum, { macs }) => sum + macs, 0);
  const { macs } = plan;
  return {
    stage: [percent(stage.virtualMacs / alone - 1), percent(stage.macs / alone - 1)],
    total: [percent(macs.virtual / macs.network - 1), percent(macs.plan / macs.network - 1)],
  };
}

describe("layer by layer", () => {
  const plan = layers;

  test("300.77 M multiply-accumulates", () => {
    expect(Math.round(plan.macs.network / 1e4)).toBe(30077);
    expect(plan.macs).toEqual({ network: 300_774_272, plan: 300_774_272, virtual: 300_774_272 });
  });

  test("peaks: 539.0 KiB at the first convolution, 1372.0 at the second block, 171.5 at 28 x 28", () => {
    expect(liveAt(plan, "conv1")).toBe(539);
    expect(liveAt(plan, "block2.expand")).toBe(1372);
    expect(liveAt(plan, "block5.expand")).toBe(171.5);
    expect(kib(plan.arenaBytes)).toBe(1372);
    expect(plan.arenaBytes).toBe(plan.lowerBoundBytes);
  });

  test("residual blocks at 28 x 28: 196.0 KiB, or 171.5 if the projection adds at once", () => {
    const separate = planLayers(network, { accumulateIntoResidual: false });
    expect(liveAt(separate, "block5.project")).toBe(196);
    expect(liveAt(plan, "block5.project")).toBe(171.5);
    expect(plan.moments.some(({ layer }) => layer === "add1")).toBe(false);
  });

  test("in place, a depthwise convolution needs one channel of scratch besides its input", () => {
    const report = analyze(network);
    const row = (name: string) => report.find((layer) => layer.name === name);
    expect(row("block5.depthwise")?.liveBytes).toBe(28 * 28 * (192 + 32 + 1));
    expect(row("block5.depthwise")?.separateBytes).toBe(28 * 28 * (192 + 192 + 32));
    // A smaller output stands where the input stood.
    expect(row("block2.depthwise")?.liveBytes).toBe(112 * 112 * 96 + 56 * 56);
  });
});

describe("patches up to the fourth block, 28 x 28 x 32", () => {
  const rows = [
    { grid: 2, input: 131, clipped: 125, stage: [19.8, 9.6], total: [6, 2.9], scratch: 407 },
    { grid: 3, input: 99, clipped: 93, stage: [30.6, 19.8], total: [9.3, 6], scratch: 221.5 },
    { grid: 4, input: 75, clipped: 75, stage: [41.9, 30.6], total: [12.7, 9.3], scratch: 134 },
    { grid: 7, input: 51, clipped: 51, stage: [79.1, 66.1], total: [24, 20.1], scratch: 57.9 },
  ] as const;
  test.each(rows)("$grid x $grid", ({ grid, input, clipped, stage, total, scratch }) => {
    const plan = planPatches(network, { split, grid: { rows: grid, columns: grid } });
    expect(overheads(plan)).toEqual({ stage, total });
    const boxes = patchBoxes(network, { split, grid: { rows: grid, columns: grid } });
    const lengths = (box: "stored" | "unclipped"): number[] =>
      boxes.map(({ maps }) => (maps["image"]?.[box].rows.end ?? 0) - (maps["image"]?.[box].rows.start ?? 0));
    expect(Math.max(...lengths("unclipped"))).toBe(input);
    expect(Math.max(...lengths("stored"))).toBe(clipped);
    // What the stage needs by itself: in the plan it may take what later layers need anyway.
    const facts = factsOf(network);
    const { peakBytes } = layOutStage(facts, 0, walksOf(facts, plan.stages[0] as Plan["stages"][number]), plan.options);
    expect(Math.round(10 * kib(peakBytes - stageOutput)) / 10).toBe(scratch);
    expect(plan.lowerBoundBytes).toBe(Math.max(peakBytes, 28 * 28 * (32 + 192 + 1)));
  });

  test("4 x 4: 8 times less than layer by layer, where 28 x 28 x (32 + 192) binds", () => {
    const plan = planPatches(network, { split, grid: { rows: 4, columns: 4 } });
    expect(liveAt(plan, "block5.expand")).toBe(171.5);
    expect(Math.round(kib(plan.arenaBytes))).toBe(172);
    expect(plan.arenaBytes).toBe(plan.lowerBoundBytes);
    expect(Math.round(1372 / kib(plan.arenaBytes))).toBe(8);
  });

  test("TFLite's padding: windows begin one cell later, and no patch sees less", () => {
    const same = mobileNetV2Network({ same: true });
    const boxes = patchBoxes(same, { split, grid: { rows: 4, columns: 4 } });
    const rowsOf = (i: number) => boxes[i]?.maps["image"]?.unclipped.rows;
    const lengths = [0, 4, 8, 12].map((i) => (rowsOf(i)?.end ?? 0) - (rowsOf(i)?.start ?? 0));
    expect(lengths).toEqual([75, 75, 75, 75]);
    expect(planLayers(same).macs.network).toBe(300_774_272);
  });
});

test("redistribution on the side of the stage: 1 x 1 in blocks 1 and 3 gives patches of 63 x 63, 294.0 M, 17.4 % and 12.9 %", () => {
  const small = mobileNetV2Network({ kernels: [1, 3, 1] });
  const grid = { rows: 4, columns: 4 };
  const plan = planPatches(small, { split, grid });
  expect(Math.round(plan.macs.network / 1e5) / 10).toBe(294);
  const box = patchBoxes(small, { split, grid })[5]?.maps["image"]?.stored.rows;
  expect((box?.end ?? 0) - (box?.start ?? 0)).toBe(63);
  const stage = plan.stages[0] as Plan["stages"][number];
  const alone = planLayers(small)
    .stages.filter(({ end }) => end <= stage.end)
    .reduce((sum, { macs }) => sum + macs, 0);
  expect(percent(stage.virtualMacs / alone - 1)).toBe(17.4);
  expect(percent(stage.macs / alone - 1)).toBe(12.9);
});

describe("nothing is computed twice", () => {
  test.each(["cacheBoth", "cacheRows"] as const)("%s: 0 % overhead at any grid", (overlap) => {
    const grid = { rows: 28, columns: overlap === "cacheRows" ? 1 : 28 };
    const plan = planPatches(network, { split, grid, overlap });
    expect(plan.macs.plan).toBe(plan.macs.network);
    expect(plan.macs.virtual).toBe(plan.macs.network);
  });

  test("cacheColumns: between recompute and nothing", () => {
    const macs = (overlap: "recompute" | "cacheColumns"): number =>
      planPatches(network, { split, grid: { rows: 7, columns: 7 }, overlap }).macs.plan;
    expect(macs("cacheColumns")).toBeLessThan(macs("recompute"));
    expect(macs("cacheColumns")).toBeGreaterThan(layers.macs.plan);
  });
});

test("widths and resolutions: millions of multiply-accumulates that TensorFlow's model page lists", () => {
  const published = [
    [1.4, 224, 582],
    [1, 192, 221],
    [1, 96, 56],
    [0.75, 224, 209],
    [0.5, 224, 97],
    [0.35, 224, 59],
    [0.35, 96, 11],
  ] as const;
  for (const [width, resolution, millions] of published) {
    const { macs } = planLayers(mobileNetV2Network({ width, resolution, classes: 1001 }));
    expect([width, resolution, Math.abs(macs.network / 1e6 - millions) <= 1]).toEqual([width, resolution, true]);
  }
});
