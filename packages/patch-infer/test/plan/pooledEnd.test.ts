import { describe, expect, test } from "vitest";
import type { CellType, Network } from "../../src/network/network.ts";
import { checkPlan } from "../../src/plan/checkPlan.ts";
import { patchBoxes } from "../../src/plan/patchBoxes.ts";
import type { Grid, Overlap, Plan } from "../../src/plan/plan.ts";
import { planLayers, planPatches, planStages } from "../../src/plan/planStages.ts";
import { legalSplits, legalStages } from "../../src/plan/splits.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";
import { errorOf } from "./errorOf.ts";
import { expectSound } from "./invariants.ts";

/** conv 3 x 3 -> conv 1 x 1 with many channels -> mean -> dense, 6 x 4. */
function classifier(type: CellType = "int8"): Network {
  const net = new NetworkBuilder("classifier", type);
  const a = net.conv(net.input(6, 4, 3), 8, { kernel: 3, name: "a" });
  const head = net.conv(a, 100, { name: "head" });
  return net.build([net.conv(net.globalPool(head), 10, { name: "dense" })]);
}

const plans = (network: Network, grid: Grid, overlap: Overlap = "recompute"): Plan =>
  planPatches(network, { split: "mean0", grid, overlap });

describe("a stage that ends with a global pooling", () => {
  test("the grid cuts what the pooling reads; its output belongs to the last patch", () => {
    const plan = plans(classifier(), { rows: 3, columns: 2 });
    expectSound(classifier(), plan);
    const { rows, columns, steps, output } = plan.stages[0] as Plan["stages"][number];
    expect(output).toBe("mean0");
    expect([rows["head"]?.from, rows["head"]?.to]).toEqual([
      [0, 2, 4],
      [2, 4, 6],
    ]);
    expect(rows["image"]).toMatchObject({ from: [0, 1, 3], to: [3, 5, 6] });
    expect(rows["mean0"]).toEqual({ from: [0, 0, 0], compute: [0, 0, 0], to: [0, 0, 1] });
    expect(columns["mean0"]).toEqual({ from: [0, 0], compute: [0, 0], to: [0, 1] });
    expect(steps).toEqual([{ layer: 0 }, { layer: 1 }, { layer: 2, sums: "sums:mean0@0" }]);
  });

  test("holds a part of the pooling's input, and 4 bytes per channel from the first patch to the last", () => {
    const { buffers, moments, lowerBoundBytes } = plans(classifier(), { rows: 6, columns: 1 }, "cacheRows");
    const shape = ({ bytes, first, last }: Plan["buffers"][number]): number[] => [bytes, first, last];
    const named = (name: string): number[] =>
      shape(buffers.find((each) => each.name === name) as Plan["buffers"][number]);
    expect(named("patch:head@0")).toEqual([4 * 100, 1, 2]);
    expect(named("sums:mean0@0")).toEqual([4 * 100, 0, 2]);
    // Written once: others may stand there until the last patch is pooled.
    expect(named("map:mean0")).toEqual([100, 2, 3]);
    // Three rows of the image stay; the convolution's row; what the pooling works on.
    expect(moments.map(({ liveBytes }) => liveBytes)).toEqual([
      36 + 400 + 32,
      36 + 400 + 32 + 400,
      36 + 400 + 400 + 100,
      100 + 10,
    ]);
    expect(lowerBoundBytes).toBe(936);
    expect(planLayers(classifier()).lowerBoundBytes).toBe(24 * 108);
  });

  test("work: every cell of its input once, whatever the grid", () => {
    const network = classifier();
    const head = 24 * 8 * 100;
    for (const overlap of ["recompute", "cacheColumns", "cacheBoth"] as const) {
      const plan = plans(network, { rows: 6, columns: 4 }, overlap);
      expectSound(network, plan);
      const first = network.layers[0]?.kind === "conv2d" ? 27 * 8 * 24 : 0;
      expect(plan.stages[0]?.macs).toBe(first + head);
      expect(plan.stages[0]?.virtualMacs).toBe(first + head);
    }
  });

  test("running sums stand at multiples of 4, also where nothing else has to", () => {
    const net = new NetworkBuilder();
    const network = net.build([net.globalPool(net.conv(net.conv(net.input(5, 5, 5), 3, { kernel: 3 }), 5))]);
    const plan = planPatches(network, { split: 3, grid: { rows: 5, columns: 1 }, overlap: "cacheRows", align: 1 });
    expectSound(network, plan);
    // Behind the 75 bytes of the image that are kept.
    expect(plan.buffers.find(({ role }) => role === "sums")).toMatchObject({ bytes: 20, offset: 76 });
  });

  test("one patch has nothing to add up", () => {
    const plan = plans(classifier(), { rows: 1, columns: 1 });
    expectSound(classifier(), plan);
    expect(plan.buffers.filter(({ role }) => role === "sums")).toEqual([]);
    expect(plan.stages[0]?.steps.at(-1)).toEqual({ layer: 2 });
  });

  test("boxes of patches: the pooling's output with the last one, halos from what it reads", () => {
    const boxes = patchBoxes(classifier(), { split: "mean0", grid: { rows: 3, columns: 1 } });
    expect(boxes.map(({ maps }) => maps["image"]?.unclipped.rows)).toEqual([
      { start: -1, end: 3 },
      { start: 1, end: 5 },
      { start: 3, end: 7 },
    ]);
    expect(boxes.map(({ maps }) => maps["mean0"]?.fresh.rows)).toEqual([
      { start: 0, end: 0 },
      { start: 0, end: 0 },
      { start: 0, end: 1 },
    ]);
  });
});

describe("where it may be", () => {
  test("it begins before the pooling: alone it is a layer on the whole image", () => {
    expect(legalStages(classifier())).toEqual([
      { lowest: 0, latest: 0, end: 1 },
      { lowest: 0, latest: 1, end: 2 },
      { lowest: 0, latest: 1, end: 3 },
      { lowest: 3, latest: 3, end: 4 },
    ]);
    expect(legalSplits(classifier()).map(({ map, cut }) => [map, cut])).toEqual([
      ["a", "a"],
      ["head", "head"],
      ["mean0", "head"],
    ]);
    const alone = errorOf(() =>
      planStages(classifier(), { stages: [{ first: 2, end: 3, grid: { rows: 2, columns: 1 } }] }),
    );
    expect([alone?.code, alone?.layer]).toEqual(["GLOBAL_OP_IN_STAGE", "mean0"]);
  });

  test("not where its input is read again, as in squeeze and excite, nor where that leaves the network", () => {
    const net = new NetworkBuilder();
    const x = net.conv(net.input(6, 6, 3), 8, { name: "x" });
    const network = net.build([net.binary(x, net.conv(net.globalPool(x), 8), "mul")]);
    const error = errorOf(() => plans(network, { rows: 2, columns: 1 }));
    expect([error?.code, error?.layer]).toEqual(["ILLEGAL_SPLIT", "x"]);
    const two = new NetworkBuilder();
    const y = two.conv(two.input(6, 6, 3), 8, { name: "y" });
    const given = two.build([y, two.globalPool(y)]);
    expect(errorOf(() => plans(given, { rows: 2, columns: 1 }))?.code).toBe("ILLEGAL_SPLIT");
  });

  test("float32 sums go row by row: patches are as wide as the image; codes add up in any order", () => {
    const error = errorOf(() => plans(classifier("float32"), { rows: 2, columns: 2 }));
    expect(error?.code).toBe("GRID_TOO_FINE");
    expect(error?.message).toMatch(/"head".* as wide/);
    expectSound(classifier("float32"), plans(classifier("float32"), { rows: 6, columns: 1 }));
    expectSound(classifier(), plans(classifier(), { rows: 6, columns: 4 }, "cacheBoth"));
    expect(errorOf(() => plans(classifier(), { rows: 7, columns: 1 }))?.message).toMatch(/"head", which has 6 x 4/);
  });

  test("a plan from a file without its running sums, or with those of another step, is not accepted", () => {
    const network = classifier();
    const plan = plans(network, { rows: 3, columns: 1 });
    checkPlan(network, JSON.parse(JSON.stringify(plan)) as Plan);
    const changed = (step: number, sums: string | undefined): string => {
      const raw = JSON.parse(JSON.stringify(plan)) as { stages: { steps: { sums?: string }[] }[] };
      const own = raw.stages[0]?.steps[step] as { sums?: string };
      if (sums === undefined) delete own.sums;
      else own.sums = sums;
      return errorOf(() => checkPlan(network, raw as unknown as Plan))?.message ?? "accepted";
    };
    expect(changed(2, undefined)).toMatch(/stages\[0\]\.steps\[2\]\.sums/);
    expect(changed(2, "patch:head@0")).toMatch(/sums/);
    expect(changed(1, "sums:mean0@0")).toMatch(/steps\[1\]\.sums/);
  });
});
