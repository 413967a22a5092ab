import { expect, test } from "vitest";
import type { HostTensor } from "@parsimony/core-tensor";
import { type Overlap, PatchExecutor, planPatches, runWhole, verifyPlan } from "@parsimony/patch-infer";
import { rowNetwork, workedInput, workedNetwork, workedOutput } from "./networks.ts";

const numbers = (outputs: ReturnType<PatchExecutor["run"]>): number[] => [
  ...((outputs["y2"] as HostTensor).dataSync() as Float32Array),
];

test("the whole row", () => {
  expect(numbers(runWhole(workedNetwork, workedInput))).toEqual(workedOutput);
});

test("two patches: boxes as worked out by hand, and the same numbers", () => {
  const plan = planPatches(workedNetwork, { split: 2, grid: { rows: 1, columns: 2 } });
  const { columns } = plan.stages[0] as (typeof plan.stages)[number];
  expect(columns["y1"]).toEqual({ from: [0, 3], compute: [0, 3], to: [5, 8] });
  expect(columns["x"]).toEqual({ from: [0, 6], compute: [0, 6], to: [11, 16] });
  using executor = new PatchExecutor(workedNetwork, plan, { guard: true });
  expect(numbers(executor.run(workedInput))).toEqual(workedOutput);
});

test.each(["recompute", "cacheColumns", "cacheBoth"] as const)("any number of patches, %s", (overlap: Overlap) => {
  for (let columns = 1; columns <= 8; columns++) {
    const plan = planPatches(workedNetwork, { split: 2, grid: { rows: 1, columns }, overlap });
    using executor = new PatchExecutor(workedNetwork, plan, { guard: true });
    expect(numbers(executor.run(workedInput))).toEqual(workedOutput);
    const { highWaterBytes, macs } = verifyPlan(workedNetwork, plan);
    expect(highWaterBytes).toBe(plan.arenaBytes);
    expect(macs.counted).toBe(plan.macs.plan);
    if (overlap !== "recompute") expect(plan.macs.plan).toBe(plan.macs.network);
  }
});

test("wrong: without the cells around a patch, the numbers beside the cut are others", () => {
  // Each half of the input by itself, as a tiler without overlap takes it.
  const half = rowNetwork(8, [
    { weights: [1, -2, 1], bias: 1, stride: 2, after: 1 },
    { weights: [0.5, 1, -1], before: 1, after: 1 },
  ]);
  const parts = [workedInput.slice(0, 8), workedInput.slice(8)].flatMap((part) => numbers(runWhole(half, part)));
  expect(parts).toEqual([0, -4.5, 8.5, 1, -5, -2, -3.5, 5.5]);
});

test("wrong: padding the input once, instead of each layer, changes both ends", () => {
  // Enough zeros around the input that the second layer needs no padding of its own.
  const padded = rowNetwork(21, [{ weights: [1, -2, 1], bias: 1, stride: 2 }, { weights: [0.5, 1, -1] }]);
  const input = new Float32Array(21);
  input.set(workedInput, 2);
  const found = numbers(runWhole(padded, input));
  expect([found[0], found.at(-1)]).toEqual([0.5, 4.5]);
  expect(found.slice(1, -1)).toEqual(workedOutput.slice(1, -1));
});
