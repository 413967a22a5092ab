import { expect, test } from "vitest";
import {
  type KernelFactory,
  planLayers,
  planPatches,
  randomInputs,
  typescriptKernels,
  verifyPlan,
} from "@parsimony/patch-infer";
import { workedInput, workedNetwork } from "./networks.ts";

const plan = planPatches(workedNetwork, { split: 2, grid: { rows: 1, columns: 3 } });

test("a right plan: same bits, memory and work as planned", () => {
  expect(verifyPlan(workedNetwork, plan)).toEqual({
    exact: true,
    maxAbsDiff: 0,
    trials: 3,
    highWaterBytes: plan.arenaBytes,
    arenaBytes: plan.arenaBytes,
    macs: { counted: plan.macs.plan, planned: plan.macs.plan },
  });
  expect(verifyPlan(workedNetwork, planLayers(workedNetwork), { guard: true, seed: 5, trials: 1 })).toMatchObject({
    exact: true,
    trials: 1,
  });
});

test("kernels that are wrong at the edge of a box: where and by how much", () => {
  const wrong: KernelFactory = (network, arenaBytes) => {
    const inner = typescriptKernels(network, arenaBytes);
    const cells = new Float32Array(inner.arena.buffer, inner.arena.byteOffset, arenaBytes / 4);
    return {
      ...inner,
      run(layer, call) {
        inner.run(layer, call);
        const at = call.output.address / 4 + call.columnStart - call.output.left;
        if (layer === 1 && call.columnStart > 0) cells[at] = (cells[at] as number) + 0.25;
      },
    };
  };
  const found = verifyPlan(workedNetwork, plan, { inputs: [workedInput], kernels: wrong });
  expect(found).toMatchObject({ exact: false, maxAbsDiff: 0.25, trials: 1 });
  // The second of three patches begins at output 2.
  expect(found.firstMismatch).toEqual({ output: "y2", index: [0, 0, 2, 0], expected: 5.5, found: 5.75 });
});

test("a sign of zero or a NaN is a difference", () => {
  const turning =
    (value: number): KernelFactory =>
    (network, arenaBytes) => {
      const inner = typescriptKernels(network, arenaBytes);
      const cells = new Float32Array(inner.arena.buffer, inner.arena.byteOffset, arenaBytes / 4);
      return {
        ...inner,
        run(layer, call) {
          inner.run(layer, call);
          const at = call.output.address / 4 + call.columnStart - call.output.left;
          if (layer === 1 && call.columnStart === 0 && call.columnEnd < 8) cells[at] = value;
        },
      };
    };
  const inputs = [workedInput];
  expect(verifyPlan(workedNetwork, plan, { inputs, kernels: turning(-0) })).toMatchObject({
    exact: false,
    firstMismatch: { index: [0, 0, 0, 0], expected: 0, found: -0 },
  });
  expect(verifyPlan(workedNetwork, plan, { inputs, kernels: turning(Number.NaN) }).maxAbsDiff).toBe(Infinity);
});

test("random inputs depend on the seed alone", () => {
  const first = randomInputs(workedNetwork, 1)["x"] as Float32Array;
  expect(first).toEqual(randomInputs(workedNetwork, 1)["x"]);
  expect(first).not.toEqual(randomInputs(workedNetwork, 2)["x"]);
  expect(first.every((value) => value >= -1 && value < 1)).toBe(true);
});

test("no trials are refused", () => {
  expect(() => verifyPlan(workedNetwork, plan, { trials: 0 })).toThrow(expect.objectContaining({ code: "OPTION" }));
  expect(() => verifyPlan(workedNetwork, plan, { inputs: [] })).toThrow(expect.objectContaining({ code: "OPTION" }));
});
