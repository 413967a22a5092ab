import { describe, expect, test } from "vitest";
import {
  countingKernels,
  guardedKernels,
  type KernelFactory,
  PatchExecutor,
  planLayers,
  planPatches,
  typescriptKernels,
} from "@parsimony/patch-infer";
import { workedInput, workedNetwork, workedOutput } from "./networks.ts";

describe("countingKernels", () => {
  test("counts calls and multiply-accumulates, taps in padding included", () => {
    const { kernels, counts } = countingKernels(typescriptKernels);
    using executor = new PatchExecutor(workedNetwork, planLayers(workedNetwork), { kernels });
    expect(counts).toEqual({ macs: 0, calls: 0 });
    executor.run(workedInput);
    // 8 cells of 3 taps, twice.
    expect(counts).toEqual({ macs: 48, calls: 2 });
    executor.run(workedInput);
    expect(counts).toEqual({ macs: 96, calls: 4 });
  });

  test("patches that compute overlaps again cost more: middle rows of 5 cells instead of 4", () => {
    const { kernels, counts } = countingKernels(typescriptKernels);
    const plan = planPatches(workedNetwork, { split: 2, grid: { rows: 1, columns: 2 } });
    using executor = new PatchExecutor(workedNetwork, plan, { kernels });
    executor.run(workedInput);
    expect(counts).toEqual({ macs: 54, calls: 4 });
  });
});

describe("guardedKernels", () => {
  /** Kernels that, after the first layer, also change a byte, counted from the start of the guarded arena. */
  const scribbling =
    (byte: number): KernelFactory =>
    (network, arenaBytes) => {
      const inner = typescriptKernels(network, arenaBytes);
      // The guard asks for 64 more bytes on both sides.
      const at = 64 + byte;
      return {
        ...inner,
        run(layer, call) {
          inner.run(layer, call);
          if (layer === 0) inner.arena[at] = (inner.arena[at] as number) ^ 0xff;
        },
      };
    };

  test("kernels that stay in their boxes pass", () => {
    using executor = new PatchExecutor(workedNetwork, planLayers(workedNetwork), {
      kernels: guardedKernels(typescriptKernels),
    });
    expect([...(executor.runSingle(workedInput).dataSync() as Float32Array)]).toEqual(workedOutput);
    expect(executor.arenaBytes).toBe(planLayers(workedNetwork).arenaBytes);
  });

  test.each([-1, 0, 63, 95, 96])("a byte that is written elsewhere is found: %i", (byte) => {
    // 64 bytes of input, 32 of y1; then y2 in the place of the input.
    const plan = planLayers(workedNetwork, { inPlace: false });
    expect(plan.arenaBytes).toBe(96);
    const place = plan.buffers.find(({ map }) => map === "y1");
    const inside = byte >= (place?.offset ?? 0) && byte < (place?.offset ?? 0) + 32;
    using executor = new PatchExecutor(workedNetwork, plan, { kernels: scribbling(byte), guard: true });
    const run = (): unknown => executor.run(workedInput);
    if (inside) expect(run).not.toThrow();
    else expect(run).toThrow(expect.objectContaining({ code: "NOT_EXACT", layer: "conv1", index: 0 }));
  });
});
