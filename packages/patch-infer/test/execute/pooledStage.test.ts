import { describe, expect, test } from "vitest";
import {
  countingKernels,
  type Kernels,
  type Network,
  type Overlap,
  PatchExecutor,
  type Plan,
  planPatches,
  runWhole,
  typescriptKernels,
  verifyPlan,
  wasmKernels,
} from "@parsimony/patch-infer";
import { randomInputs } from "../../src/execute/randomInputs.ts";
import { networkFromRecipe } from "../../src/testing/build.ts";
import type { NetworkRecipe } from "../../src/testing/recipe.ts";

/** A convolution, a depthwise one, a wide one, and a pooling of it, which is the output. */
function pooled(type: "float32" | "int8", end: "mean" | "max"): Network {
  const window = { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], padding: "same" } as const;
  const recipe: NetworkRecipe = {
    ...{ type, height: 9, width: 7, channels: 3, floatPorts: false, secondOutput: 0, seed: 5, end },
    blocks: [
      { block: "conv", channels: 5, grouped: false, relu: true, ...window, strides: [2, 1] },
      { block: "depthwise", multiplier: 1, relu: false, ...window },
      { block: "conv", channels: 21, grouped: false, relu: false, ...window, kernel: [1, 1] },
    ],
  };
  return networkFromRecipe(recipe);
}

function planned(network: Network, columns: number, overlap: Overlap, output: "external" | "resident"): Plan {
  return planPatches(network, { split: network.layers.length, grid: { rows: 4, columns }, overlap, output });
}

describe("stages that end with a global pooling", () => {
  for (const type of ["float32", "int8"] as const) {
    for (const end of ["mean", "max"] as const) {
      test(`${type} ${end}: the bits of the whole image, in the arena that was planned`, () => {
        const network = pooled(type, end);
        for (const overlap of ["recompute", "cacheColumns", "cacheRows", "cacheBoth"] as const) {
          for (const output of ["external", "resident"] as const) {
            const columns = type === "float32" || overlap === "cacheRows" ? 1 : 3;
            const plan = planned(network, columns, overlap, output);
            expect(plan.stages[0]?.steps.at(-1)?.sums).toBeDefined();
            const guard = output === "external" && columns === 1;
            for (const kernels of [wasmKernels, typescriptKernels]) {
              const { exact, highWaterBytes, macs } = verifyPlan(network, plan, { kernels, guard, trials: 1 });
              expect({ exact, highWaterBytes, macs: macs.counted }).toEqual({
                ...{ exact: true, highWaterBytes: plan.arenaBytes, macs: plan.macs.plan },
              });
            }
          }
        }
      });
    }
  }

  test("two runs of one executor give the same: sums begin anew", () => {
    const network = pooled("float32", "mean");
    using executor = new PatchExecutor(network, planned(network, 1, "cacheRows", "external"));
    const [a, b] = [randomInputs(network, 1), randomInputs(network, 2)];
    const first = executor.run(a);
    executor.run(b);
    expect(executor.run(a)).toEqual(first);
    expect(first).toEqual(runWhole(network, a));
  });

  test("the output is handed out once, with the last patch", () => {
    const network = pooled("int8", "mean");
    const boxes: unknown[] = [];
    using executor = new PatchExecutor(network, planned(network, 3, "cacheBoth", "external"));
    executor.run(randomInputs(network, 1), {
      sink: (_name, { rows, columns }, cells) => {
        boxes.push([{ ...rows }, { ...columns }, cells.length]);
      },
    });
    expect(boxes).toEqual([[{ start: 0, end: 1 }, { start: 0, end: 1 }, 21]]);
  });

  test("kernels are asked once per patch", () => {
    const network = pooled("int8", "max");
    const { kernels, counts } = countingKernels(typescriptKernels);
    using executor = new PatchExecutor(network, planned(network, 3, "recompute", "external"), { kernels });
    executor.run(randomInputs(network, 1));
    expect(counts.calls).toBe(4 * 12);
  });

  test("patches in another order are refused", () => {
    const network = pooled("int8", "mean");
    using executor = new PatchExecutor(network, planned(network, 1, "recompute", "external"));
    const run = (patchOrder: () => number[]) => () => executor.run(randomInputs(network, 1), { patchOrder });
    expect(run(() => [3, 2, 1, 0])).toThrow(/adds up its patches/);
    expect(run(() => [0, 1, 2, 3])).not.toThrow();
  });

  test("the guard sees a pooling that writes beside its sums, or its output too early", () => {
    const network = pooled("float32", "mean");
    const plan = planned(network, 1, "recompute", "resident");
    const sums = plan.buffers.find(({ role }) => role === "sums");
    const output = plan.buffers.find(({ role, map }) => role === "map" && map === plan.stages[0]?.output);
    const scribbling =
      (at: number) =>
      (given: Network, bytes: number): Kernels => {
        const inner = typescriptKernels(given, bytes);
        return {
          ...inner,
          runPooling: (layer, call, ...rest) => {
            inner.runPooling(layer, call, ...rest);
            inner.arena[64 + at] = (inner.arena[64 + at] as number) ^ 0xff;
          },
        };
      };
    const run = (at: number) => () => {
      using executor = new PatchExecutor(network, plan, { kernels: scribbling(at), guard: true });
      executor.run(randomInputs(network, 1));
    };
    expect(run((sums?.offset as number) + 1)).not.toThrow();
    expect(run((sums?.offset as number) + (sums?.bytes as number))).toThrow(
      expect.objectContaining({ code: "NOT_EXACT" }),
    );
    expect(run(output?.offset as number)).toThrow(expect.objectContaining({ code: "NOT_EXACT" }));
  });
});
