import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AxisParts,
  fastestKernels,
  type KernelFactory,
  type LayerCall,
  type Plan,
  PatchExecutor,
  planLayers,
  planPatches,
  planStages,
  typescriptKernels,
} from "@parsimony/patch-infer";
import {
  arenaSafetyLaw,
  assertLaw,
  boxesMinimalLaw,
  exactnessLaw,
  kernelsAgreeLaw,
  networks,
  patchOrderLaw,
  plannedEqualsMeasuredLaw,
  plannedNetworks,
  type PlanRunner,
} from "@parsimony/patch-infer/testing";
import { networkOfMaps, workedNetwork } from "../execute/networks.ts";

const kernels = typescriptKernels;
const halves = planPatches(workedNetwork, { split: 2, grid: { rows: 1, columns: 2 } });

describe("laws hold for the package's own plans and kernels", () => {
  test("small networks, all laws", () => {
    const cases = plannedNetworks({ maxSize: 10, maxDepth: 5 });
    fc.assert(
      fc.property(cases, ({ network, plan }) => {
        assertLaw(exactnessLaw(network, plan, { kernels, trials: 1 }));
        assertLaw(arenaSafetyLaw(network, plan, { kernels, trials: 1 }));
        assertLaw(plannedEqualsMeasuredLaw(network, plan, { kernels }));
        assertLaw(patchOrderLaw(network, plan, { kernels, trials: 1 }));
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  test("both sets of kernels", () => {
    fc.assert(
      fc.property(plannedNetworks({ maxSize: 8, maxDepth: 4 }), ({ network, plan }) => {
        assertLaw(kernelsAgreeLaw(network, typescriptKernels, fastestKernels, { plan, trials: 1 }));
        assertLaw(arenaSafetyLaw(network, plan, { kernels: fastestKernels, trials: 1 }));
      }),
      { numRuns: 15, seed: 8 },
    );
  });

  test("boxes hold what patches need and no more", () => {
    const cases = plannedNetworks({ maxSize: 10, maxDepth: 4, global: false, overlaps: ["recompute"] });
    fc.assert(
      fc.property(cases, ({ network, plan }) => {
        fc.pre(plan.stages.some(({ grid, first, end }) => grid.rows * grid.columns > 1 && end - first > 1));
        assertLaw(boxesMinimalLaw(network, plan, { trials: 4 }));
      }),
      { numRuns: 8, seed: 2 },
    );
  });

  test("random networks have what the planner must cope with", () => {
    const drawn = fc.sample(networks({ maxSize: 12 }), { numRuns: 200, seed: 3 });
    const kinds = new Set(drawn.flatMap(({ layers }) => layers.map(({ kind }) => kind)));
    expect(kinds.size).toBe(17);
    const maps = drawn.flatMap((network) => Object.values(network.maps));
    expect(maps.some(({ type }) => type === "int8") && maps.some(({ type }) => type === "float32")).toBe(true);
    expect(maps.some(({ viewOf }) => viewOf !== undefined)).toBe(true);
    expect(drawn.some(({ outputs }) => outputs.length === 2)).toBe(true);
  });

  test("counterexamples shrink: a law that fails for depthwise convolutions alone ends at one of them", () => {
    const details = fc.check(
      fc.property(networks({ maxSize: 20 }), ({ layers }) => layers.every(({ kind }) => kind !== "depthwiseConv2d")),
      { numRuns: 100, seed: 4 },
    );
    expect(details.failed).toBe(true);
    const [smallest] = details.counterexample ?? [];
    expect(smallest?.layers.length).toBeLessThanOrEqual(3);
    expect(smallest?.maps["input0"]).toMatchObject({ height: 3, width: 3, channels: 1 });
  });
});

/** Kernels that change what each call of a layer computes, or is told. */
const changed =
  (change: (call: LayerCall, layer: number, cells: Float32Array) => (() => void) | undefined): KernelFactory =>
  (network, arenaBytes) => {
    const inner = typescriptKernels(network, arenaBytes);
    const cells = new Float32Array(inner.arena.buffer, inner.arena.byteOffset, arenaBytes / 4);
    return {
      ...inner,
      run(layer, call) {
        const after = change(call, layer, cells);
        inner.run(layer, call);
        after?.();
      },
    };
  };

/** Runs a plan whose stage was changed, past the check that would refuse it: each patch as a network of its own would see it. */
const broken =
  (change: (parts: AxisParts) => AxisParts): PlanRunner =>
  (network, plan, inputs, factory) => {
    const edge = (call: LayerCall): void => {
      const region = call.inputs[0];
      const parts = plan.stages[0]?.columns["x"];
      if (region === undefined || parts === undefined) return;
      const patch = parts.from.indexOf(region.left);
      if (patch >= 0) region.left = change(parts).from[patch] as number;
    };
    const wrong: KernelFactory = (own, bytes) => {
      const inner = factory(own, bytes);
      return {
        ...inner,
        run(layer, call) {
          if (layer === 0) edge(call);
          inner.run(layer, call);
        },
      };
    };
    using executor = new PatchExecutor(network, plan, { kernels: wrong });
    return executor.run(inputs);
  };

describe("exactnessLaw finds", () => {
  test("a halo that is off by one", () => {
    const shifted = broken(({ from, ...rest }) => ({
      ...rest,
      from: from.map((start) => (start === 0 ? 0 : start + 1)),
    }));
    const verdict = exactnessLaw(workedNetwork, halves, { kernels, run: shifted });
    expect(verdict.holds).toBe(false);
    expect(verdict.message).toMatch(/^input 0: output "y2" at \[0, 0, 4, 0\] is /);
    expect(() => assertLaw(verdict)).toThrow("exactnessLaw: input 0");
    expect(exactnessLaw(workedNetwork, halves, { kernels, run: broken((parts) => parts) }).holds).toBe(true);
  });

  test("a box's edge that is taken for the image's edge", () => {
    // The cell before the box is zero, as if it were padding.
    const padded = changed((call, layer, cells) => {
      const region = call.inputs[0];
      const cell =
        layer === 1 && region !== undefined && call.columnStart > 0
          ? region.address / 4 + call.columnStart - 1 - region.left
          : -1;
      if (cell >= 0) cells[cell] = 0;
      return undefined;
    });
    expect(exactnessLaw(workedNetwork, halves, { kernels: padded })).toMatchObject({
      holds: false,
      message: expect.stringContaining("[0, 0, 4, 0]"),
    });
  });

  test("sums whose order depends on the box", () => {
    const rounded = changed((call, layer, cells) => () => {
      if (layer !== 1 || call.columnEnd - call.columnStart === 8) return;
      const at = call.output.address / 4 + call.columnStart - call.output.left;
      cells[at] = (cells[at] as number) * (1 + 2 ** -22);
    });
    expect(exactnessLaw(workedNetwork, halves, { kernels: rounded }).holds).toBe(false);
  });

  test("outputs that are missing, and runners that throw", () => {
    expect(exactnessLaw(workedNetwork, halves, { kernels, run: () => ({}) }).message).toContain("is NaN");
    const failing: PlanRunner = () => {
      throw new Error("no memory");
    };
    expect(exactnessLaw(workedNetwork, halves, { kernels, run: failing }).message).toBe("input 0: no memory");
  });
});

describe("arenaSafetyLaw finds", () => {
  test("two live buffers in one place, and buffers beyond the arena", () => {
    const plan = planLayers(workedNetwork, { inPlace: false });
    const together: Plan = { ...plan, buffers: plan.buffers.map((buffer) => ({ ...buffer, offset: 0 })) };
    expect(arenaSafetyLaw(workedNetwork, together, { kernels }).message).toMatch(/alive together and share bytes/);
    const smaller: Plan = { ...plan, arenaBytes: plan.arenaBytes - 4, lowerBoundBytes: 0, moments: [] };
    expect(arenaSafetyLaw(workedNetwork, smaller, { kernels }).message).toMatch(/beyond the arena/);
    const tight: Plan = { ...plan, arenaBytes: plan.lowerBoundBytes - 1 };
    expect(arenaSafetyLaw(workedNetwork, tight, { kernels }).message).toMatch(/alive at one moment/);
  });

  test("an addition in the place of a map that is read later", () => {
    // b = a + a in the place of a; then c = b + a.
    const map = (name: string): Parameters<typeof networkOfMaps>[0][number] => ({
      name,
      height: 2,
      width: 2,
      channels: 1,
      type: "float32",
    });
    const clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
    const add = (left: string, right: string, output: string): Parameters<typeof networkOfMaps>[1][number] => ({
      kind: "binary",
      fn: "add",
      name: `add_${output}`,
      inputs: [left, right],
      output,
      clamp,
    });
    const network = networkOfMaps(
      ["x", "a", "b", "c"].map(map),
      [add("x", "x", "a"), add("a", "a", "b"), add("b", "a", "c")],
      ["c"],
    );
    const plan = planLayers(network, { inPlace: true });
    expect(plan.buffers.find(({ map: name }) => name === "b")?.takesOver).toBeUndefined();
    expect(arenaSafetyLaw(network, plan, { kernels }).holds).toBe(true);
    const place = plan.buffers.find(({ map: name }) => name === "a");
    const wrong: Plan = {
      ...plan,
      buffers: plan.buffers.map((buffer) =>
        buffer.map === "b" ? { ...buffer, offset: place?.offset ?? 0, takesOver: "map:a" } : buffer,
      ),
    };
    expect(arenaSafetyLaw(network, wrong, { kernels }).holds).toBe(false);
  });

  test("kernels that read what they were not given", () => {
    // The output is added to what stands there, which is next to nothing unless dead bytes are overwritten.
    const adding = changed((call, layer, cells) => {
      const at = call.output.address / 4 + call.columnStart - call.output.left;
      const stale = cells[at] as number;
      return () => {
        if (layer === 1) cells[at] = (cells[at] as number) + stale * 2 ** -60;
      };
    });
    expect(exactnessLaw(workedNetwork, halves, { kernels: adding }).holds).toBe(true);
    expect(arenaSafetyLaw(workedNetwork, halves, { kernels: adding })).toMatchObject({
      holds: false,
      message: expect.stringContaining("dead bytes"),
    });
  });

  test("kernels that write beside their box", () => {
    const sloppy = changed((call, layer, cells) => () => {
      const at = call.output.address / 4 + call.columnEnd - call.output.left;
      if (layer === 0 && at < cells.length) cells[at] = 1;
    });
    expect(arenaSafetyLaw(workedNetwork, halves, { kernels: sloppy })).toMatchObject({
      holds: false,
      message: expect.stringContaining("outside of its box"),
    });
  });
});

describe("plannedEqualsMeasuredLaw finds", () => {
  test("work that the plan does not count", () => {
    const more: Plan = { ...halves, macs: { ...halves.macs, plan: halves.macs.plan - 3 } };
    // The plan was changed by hand: it is refused before anything runs.
    expect(() => plannedEqualsMeasuredLaw(workedNetwork, more, { kernels })).toThrow(
      expect.objectContaining({ code: "PLAN_MISMATCH" }),
    );
    expect(plannedEqualsMeasuredLaw(workedNetwork, halves, { kernels })).toEqual({
      law: "plannedEqualsMeasuredLaw",
      holds: true,
      message: `${halves.arenaBytes} bytes and 54 multiply-accumulates, planned and measured`,
    });
  });
});

describe("kernelsAgreeLaw finds", () => {
  const rounded = changed((call, layer, cells) => () => {
    const at = call.output.address / 4 + call.columnStart - call.output.left;
    if (layer === 0) cells[at] = -(cells[at] as number) * -(1 + 2 ** -22);
  });

  test("a last bit", () => {
    expect(kernelsAgreeLaw(workedNetwork, kernels, rounded).holds).toBe(false);
    expect(kernelsAgreeLaw(workedNetwork, kernels, kernels, { plan: halves }).holds).toBe(true);
  });

  test("a difference on boxes alone", () => {
    const onBoxes = changed((call, layer, cells) => () => {
      const at = call.output.address / 4;
      if (layer === 1 && call.columnStart > 0) cells[at] = 7;
    });
    expect(kernelsAgreeLaw(workedNetwork, kernels, onBoxes).holds).toBe(true);
    expect(kernelsAgreeLaw(workedNetwork, kernels, onBoxes, { plan: halves }).holds).toBe(false);
  });
});

describe("patchOrderLaw finds", () => {
  test("kernels that remember the patch before", () => {
    let calls = 0;
    const counting = changed((call, layer, cells) => () => {
      const at = call.output.address / 4 + call.columnStart - call.output.left;
      if (layer === 1) cells[at] = calls++ % 2;
    });
    expect(patchOrderLaw(workedNetwork, halves, { kernels: counting })).toMatchObject({
      holds: false,
      message: expect.stringContaining("from last to first"),
    });
  });
});

describe("boxesMinimalLaw finds", () => {
  const withInput = (change: (parts: AxisParts) => AxisParts): Plan => {
    const [stage] = halves.stages as [Plan["stages"][number]];
    return {
      ...halves,
      stages: [{ ...stage, columns: { ...stage.columns, x: change(stage.columns["x"] as AxisParts) } }],
    };
  };

  test("boxes that are too large or too small, at either end", () => {
    const law = (plan: Plan): string => boxesMinimalLaw(workedNetwork, plan, { trials: 30 }).message;
    expect(law(halves)).toBe("all of 30 draws from 6 parts hold what their patches need and no more");
    expect(law(withInput((parts) => ({ ...parts, from: [0, 5] })))).toBe(
      'columns 5 to 15 of "x" for patch 1: the first is not needed',
    );
    expect(law(withInput((parts) => ({ ...parts, from: [0, 7] })))).toBe(
      'columns 7 to 15 of "x" for patch 1: something outside is needed',
    );
    expect(law(withInput((parts) => ({ ...parts, to: [12, 16] })))).toBe(
      'columns 0 to 11 of "x" for patch 0: the last is not needed',
    );
    expect(law(withInput((parts) => ({ ...parts, to: [10, 16] })))).toBe(
      'columns 0 to 9 of "x" for patch 0: something outside is needed',
    );
  });

  test("nothing to look at is an error", () => {
    const whole = planStages(workedNetwork, { stages: [] });
    expect(() => boxesMinimalLaw(workedNetwork, whole)).toThrow(expect.objectContaining({ code: "OPTION" }));
  });
});
