import { describe, expect, test } from "vitest";
import type { Network } from "../../src/network/network.ts";
import { networkFingerprint } from "../../src/plan/fingerprint.ts";
import type { ArenaBuffer, Plan } from "../../src/plan/plan.ts";
import { planLayers, planPatches, planStages } from "../../src/plan/planStages.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";
import { errorOf } from "./errorOf.ts";
import { expectSound } from "./invariants.ts";

/** conv -> depthwise -> conv -> mean -> dense, 12 x 12. */
function chain(): Network {
  const net = new NetworkBuilder();
  const a = net.conv(net.input(12, 12, 3), 8, { kernel: 3, name: "a" });
  const b = net.depthwise(a, { name: "b" });
  const c = net.conv(b, 4, { name: "c" });
  return net.build([net.conv(net.globalPool(c), 10, { name: "d" })]);
}

/** A block whose input is added to its result; `x` comes from a convolution. */
function residual(): Network {
  const net = new NetworkBuilder();
  const x = net.conv(net.input(8, 8, 3), 8, { name: "x" });
  const wide = net.conv(x, 16, { name: "wide" });
  const narrow = net.conv(wide, 8, { name: "narrow" });
  return net.build([net.conv(net.binary(x, narrow), 4, { name: "last" })]);
}

const named = ({ buffers }: Plan, name: string): ArenaBuffer | undefined =>
  buffers.find((buffer) => buffer.name === name);
const one = { rows: 1, columns: 1 };
const two = { rows: 2, columns: 2 };

describe("planPatches", () => {
  test("the split is a map or a number of layers; what follows runs layer by layer", () => {
    const plan = planPatches(chain(), { split: "c", grid: two });
    expect(plan.stages.map(({ first, end, grid }) => [first, end, grid])).toEqual([
      [0, 3, two],
      [3, 4, one],
      [4, 5, one],
    ]);
    expect(planPatches(chain(), { split: 3, grid: two })).toEqual(plan);
    expectSound(chain(), plan);
  });

  test("defaults: recompute, inputs and outputs outside, everything that saves memory", () => {
    const plan = planPatches(chain(), { split: 3, grid: two });
    expect(plan.stages[0]?.overlap).toBe("recompute");
    const options = { input: "external", output: "external", inPlace: true, accumulateIntoResidual: true, align: 4 };
    expect(plan.options).toEqual(options);
  });

  test("is plain JSON with the network's name and fingerprint", () => {
    const plan = planPatches(chain(), { split: 3, grid: two });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect([plan.version, plan.network, plan.fingerprint]).toEqual([1, "net", networkFingerprint(chain())]);
  });

  test("leaves the model as it was", () => {
    const network = chain();
    const before = networkFingerprint(chain());
    planPatches(network, { split: 3, grid: two });
    expect(networkFingerprint({ ...network })).toBe(before);
  });
});

describe("bytes, counted by hand", () => {
  test("layer by layer", () => {
    const plan = planLayers(chain());
    expect(plan.moments.map(({ layer, liveBytes }) => [layer, liveBytes])).toEqual([
      ["a", 144 * (3 + 8)],
      // In place, 4 channels at a time: 8 would need more bytes than the peak has.
      ["b", 144 * (8 + 4)],
      ["c", 144 * (8 + 4)],
      ["mean0", 144 * 4 + 4],
      ["d", 4 + 10],
    ]);
    expect(plan.arenaBytes).toBe(144 * 12);
    const separate = planLayers(chain(), { inPlace: false });
    expect(separate.moments.map(({ liveBytes }) => liveBytes)).toEqual([1584, 2304, 1728, 580, 14]);
  });

  test("inputs in the arena live until their last use, outputs to the end", () => {
    const plan = planLayers(chain(), { input: "resident", output: "resident" });
    expect(named(plan, "map:image")).toMatchObject({ first: 0, last: 0, bytes: 432 });
    expect(named(plan, "map:d")).toMatchObject({ first: 4, last: 4 });
    const early = new NetworkBuilder();
    const x = early.conv(early.input(4, 4, 1), 2, { name: "x" });
    const network = early.build([x, early.conv(early.conv(x, 2, { name: "y" }), 2, { name: "z" })]);
    const kept = planLayers(network, { output: "resident" });
    expect(named(kept, "map:x")).toMatchObject({ first: 0, last: 2 });
    expect(named(planLayers(network), "map:x")).toMatchObject({ first: 0, last: 1 });
  });

  test("a patch of 6 x 6 needs 8 x 8 of what a 3 x 3 window reads, 10 x 10 two windows before; corners are clipped", () => {
    const plan = planPatches(chain(), { split: 3, grid: two, inPlace: false });
    expect(named(plan, "patch:image@0")).toMatchObject({ rows: 8, columns: 8, bytes: 64 * 3, first: 0, last: 0 });
    expect(named(plan, "patch:a@0")).toMatchObject({ rows: 7, columns: 7, bytes: 49 * 8, first: 0, last: 1 });
    expect(named(plan, "patch:b@0")).toMatchObject({ rows: 6, columns: 6, bytes: 36 * 8, first: 1, last: 2 });
    expect(named(plan, "map:c")).toMatchObject({ rows: 12, columns: 12, bytes: 576, first: 0, last: 3 });
    expect(plan.moments.map(({ liveBytes }) => liveBytes)).toEqual([
      576 + 192 + 392,
      576 + 392 + 288,
      576 + 288,
      580,
      14,
    ]);
    expect(plan.stages[0]?.macs).toBe(14 ** 2 * 8 * 27 + 144 * 8 * 9 + 144 * 8 * 4);
    expect(plan.stages[0]?.virtualMacs).toBe(16 ** 2 * 8 * 27 + 144 * 8 * 9 + 144 * 8 * 4);
  });

  test("float32 numbers have 4 bytes", () => {
    const net = new NetworkBuilder("float", "float32");
    const network = net.build([net.conv(net.input(4, 4, 1), 2)]);
    expect(planLayers(network).arenaBytes).toBe(4 * 16 * 3);
  });

  test("kept columns stay in the patch; kept rows in line buffers across the width, or in the patch if it is as wide", () => {
    const both = planPatches(chain(), { split: 3, grid: { rows: 4, columns: 4 }, overlap: "cacheBoth" });
    expect(named(both, "patch:a@0")).toMatchObject({ rows: 5, columns: 5, first: 0, last: 2 });
    expect(named(both, "lines:a@0")).toMatchObject({ rows: 2, columns: 12, bytes: 2 * 12 * 8, first: 0, last: 2 });
    expect(named(both, "patch:b@0")).toMatchObject({ rows: 3, columns: 3, first: 1, last: 2 });
    expect(named(both, "lines:b@0")).toBeUndefined();
    const rows = planPatches(chain(), { split: 3, grid: { rows: 4, columns: 1 }, overlap: "cacheRows" });
    expect(named(rows, "patch:a@0")).toMatchObject({ rows: 5, columns: 12, first: 0, last: 2 });
    expect(rows.buffers.some(({ role }) => role === "lines")).toBe(false);
    const columns = planPatches(chain(), { split: 3, grid: { rows: 4, columns: 4 }, overlap: "cacheColumns" });
    expect(named(columns, "patch:a@0")).toMatchObject({ rows: 5, columns: 5 });
    expect(columns.buffers.some(({ role }) => role === "lines")).toBe(false);
  });
});

describe("in place", () => {
  test("a depthwise convolution overwrites its input, with as many channels per round as fit anyway", () => {
    const plan = planLayers(chain());
    const step = plan.stages[1]?.steps[0];
    expect(step).toEqual({ layer: 1, inPlace: { channelBlock: 4, scratch: "scratch:b@1" } });
    expect(named(plan, "map:b")?.takesOver).toBe("map:a");
    expect(named(plan, "scratch:b@1")).toMatchObject({ rows: 12, columns: 12, bytes: 144 * 4 });
  });

  test("not if something else still reads the input, or the output is larger", () => {
    const net = new NetworkBuilder();
    const x = net.conv(net.input(6, 6, 2), 4, { name: "x" });
    const network = net.build([net.binary(net.depthwise(x, { name: "y" }), x)]);
    expect(named(planLayers(network), "map:y")?.takesOver).toBeUndefined();
    const wide = new NetworkBuilder();
    const more = wide.depthwise(wide.conv(wide.input(6, 6, 2), 4), { multiplier: 2, name: "y" });
    expect(named(planLayers(wide.build([wide.conv(more, 1)])), "map:y")?.takesOver).toBeUndefined();
    const larger = new NetworkBuilder();
    const grown = larger.depthwise(larger.conv(larger.input(6, 6, 2), 4), { kernel: 1, padding: 1, name: "y" });
    expect(named(planLayers(larger.build([larger.conv(grown, 1)])), "map:y")?.takesOver).toBeUndefined();
  });

  test("nor an input that the program also gives out, unless it has left the arena", () => {
    const net = new NetworkBuilder();
    const x = net.conv(net.input(6, 6, 2), 4, { name: "x" });
    const network = net.build([x, net.conv(net.depthwise(x, { name: "y" }), 1)]);
    expect(named(planLayers(network, { output: "resident" }), "map:y")?.takesOver).toBeUndefined();
    expect(named(planLayers(network), "map:y")?.takesOver).toBe("map:x");
  });

  test("nor inside a stage that keeps the input for later patches", () => {
    const grid = { rows: 1, columns: 4 };
    const kept = planPatches(chain(), { split: 3, grid, overlap: "cacheColumns" });
    expect(named(kept, "patch:b@0")?.takesOver).toBeUndefined();
    expect(named(planPatches(chain(), { split: 3, grid }), "patch:b@0")?.takesOver).toBe("patch:a@0");
  });

  test("nor what is kept, though its last reader is the last layer; nor does something kept take over", () => {
    const grid = { rows: 3, columns: 3 };
    const last = new NetworkBuilder();
    const out = last.depthwise(last.conv(last.input(9, 9, 1), 4, { name: "x" }), { name: "y" });
    const ends = planPatches(last.build([out]), { split: 2, grid, overlap: "cacheBoth" });
    expect(named(ends, "patch:y@0")?.takesOver).toBeUndefined();
    expect(named(planPatches(last.build([out]), { split: 2, grid }), "patch:y@0")?.takesOver).toBe("patch:x@0");
    const middle = new NetworkBuilder();
    const relu = middle.unary(middle.conv(middle.input(9, 9, 3), 4, { name: "x" }));
    const network = middle.build([middle.conv(relu, 2, { kernel: 3 })]);
    const plan = planPatches(network, { split: 3, grid, overlap: "cacheBoth" });
    expect(named(plan, `patch:${relu}@0`)).toMatchObject({ first: 0, last: 2 });
    expect(named(plan, `patch:${relu}@0`)?.takesOver).toBeUndefined();
  });

  test("nor a whole map that other patches read again", () => {
    const stages = (grid: { rows: number; columns: number }) => ({ stages: [{ first: 1, end: 3, grid }] });
    expect(named(planStages(chain(), stages(two)), "patch:b@1")?.takesOver).toBeUndefined();
    expect(named(planStages(chain(), stages(one)), "patch:b@1")?.takesOver).toBe("map:a");
    expectSound(chain(), planStages(chain(), stages(two)));
    // Nor does a whole map that is made patch by patch stand where one patch of its input stands.
    const net = new NetworkBuilder();
    const x = net.conv(net.input(7, 7, 3), 4, { name: "x" });
    const network = net.build([net.conv(net.depthwise(x, { kernel: 5, padding: "valid", name: "y" }), 9)]);
    const plan = planPatches(network, { split: "y", grid: { rows: 1, columns: 3 } });
    expect(named(plan, "map:y")).toMatchObject({ bytes: 36, first: 0 });
    expect(named(plan, "map:y")?.takesOver).toBeUndefined();
    expect(named(plan, "patch:x@0")?.bytes).toBe(140);
  });

  test("cell by cell: chains of layers share one place", () => {
    const net = new NetworkBuilder();
    const x = net.unary(net.unary(net.conv(net.input(6, 6, 2), 4, { name: "x" })));
    const network = net.build([net.conv(net.binary(x, net.input(6, 6, 4, "other")), 1)]);
    const plan = planPatches(network, { split: 5, grid: two });
    const overs = plan.buffers.flatMap(({ name, takesOver }) => (takesOver === undefined ? [] : [[name, takesOver]]));
    expect(overs).toEqual([
      ["patch:relu0@0", "patch:x@0"],
      ["patch:relu1@0", "patch:relu0@0"],
      ["patch:add2@0", "patch:relu1@0"],
    ]);
    expectSound(network, plan);
  });
});

test.each([
  { rows: 1, columns: 3 },
  { rows: 3, columns: 1 },
])("cell by cell over $rows x $columns patches: not where more of the input is stored than of the output", (grid) => {
  const net = new NetworkBuilder();
  const x = net.conv(net.input(9, 9, 3), 4, { name: "x" });
  const wide = net.conv(x, 4, { kernel: 3, name: "wide" });
  const relu = net.unary(x);
  const network = net.build([net.conv(net.concat([wide, relu], 2), 2)]);
  expect(named(planPatches(network, { split: 5, grid }), `patch:${relu}@0`)?.takesOver).toBeUndefined();
  expect(named(planPatches(network, { split: 5, grid: one }), `patch:${relu}@0`)?.takesOver).toBe("patch:x@0");
});

describe("a convolution that adds at once", () => {
  test("has one step with the addition, and no buffer", () => {
    const plan = planLayers(residual());
    expect(plan.stages[2]).toMatchObject({ first: 2, end: 4, steps: [{ layer: 2, add: 3 }] });
    expect(named(plan, "map:narrow") ?? named(plan, "patch:narrow@2")).toBeUndefined();
    expect(named(plan, "map:add0")?.takesOver).toBe("map:x");
    expect(plan.moments[2]).toMatchObject({ layer: "narrow", liveBytes: 64 * (8 + 16) });
    expect(planLayers(residual(), { accumulateIntoResidual: false }).moments[2]).toMatchObject({ liveBytes: 64 * 32 });
  });

  test("also inside a stage where both parts have one size", () => {
    const plan = planPatches(residual(), { split: 5, grid: two });
    expect(plan.stages[0]?.steps).toContainEqual({ layer: 2, add: 3 });
    expectSound(residual(), plan);
  });

  test("not if something else reads the convolution, or the other operand is read later", () => {
    const net = new NetworkBuilder();
    const x = net.conv(net.input(8, 8, 3), 8, { name: "x" });
    const y = net.conv(net.conv(x, 16), 8, { name: "y" });
    const sum = net.binary(x, y);
    const both = net.build([net.binary(sum, y)]);
    expect(planLayers(both).stages.every(({ steps }) => steps.every(({ add }) => add === undefined))).toBe(true);
    const later = new NetworkBuilder();
    const a = later.conv(later.input(8, 8, 3), 8, { name: "a" });
    const b = later.binary(a, later.conv(later.conv(a, 16), 8));
    const network = later.build([later.binary(b, a)]);
    expect(planLayers(network).stages.length).toBe(network.layers.length);
    expect(planLayers(network).stages.every(({ steps }) => steps.every(({ add }) => add === undefined))).toBe(true);
    // Nor a convolution that reads the operand itself: it would overwrite what its later cells need.
    const own = new NetworkBuilder();
    const z = own.conv(own.input(8, 8, 3), 8);
    const self = own.build([own.conv(own.binary(z, own.conv(z, 8, { kernel: 3 })), 1)]);
    expect(planLayers(self).stages.every(({ steps }) => steps.every(({ add }) => add === undefined))).toBe(true);
  });
});

describe("several stages", () => {
  test("any legal partition", () => {
    const network = residual();
    const stages = [
      { first: 0, end: 1, grid: { rows: 4, columns: 1 }, overlap: "cacheRows" },
      { first: 1, end: 4, grid: two, overlap: "cacheBoth" },
    ] as const;
    const plan = planStages(network, { stages, accumulateIntoResidual: false });
    expect(plan.stages.map(({ first, end }) => [first, end])).toEqual([
      [0, 1],
      [1, 4],
      [4, 5],
    ]);
    // The second stage reads its input where it is, twice.
    expect(plan.stages[1]?.loads).toEqual([]);
    expect(named(plan, "map:x")).toMatchObject({ first: 0, last: 3 });
    expectSound(network, plan);
  });

  test("a map that passes by is counted", () => {
    const net = new NetworkBuilder();
    const skip = net.conv(net.input(8, 8, 3), 5, { name: "skip" });
    const deep = net.conv(net.conv(skip, 2, { kernel: 3, stride: 2 }), 2, { kernel: 3, name: "deep" });
    const network = net.build([net.concat([skip, net.resize(deep, 8, 8, "nearest")], 2)]);
    const plan = planStages(network, { stages: [{ first: 1, end: 3, grid: two }] });
    for (const moment of plan.moments) expect(moment.liveBytes).toBeGreaterThanOrEqual(64 * 5);
    expect(named(plan, "map:skip")?.last).toBe(plan.moments.length - 1);
  });
});

describe("what cannot be planned", () => {
  const codeOf = (run: () => unknown): string | undefined => errorOf(run)?.code;
  const patches = (options: Partial<Parameters<typeof planPatches>[1]>) => () =>
    planPatches(chain(), { split: 3, grid: two, ...options });

  test("a stage with a layer that needs its whole input; the error names it", () => {
    const error = errorOf(patches({ split: 5 }));
    expect([error?.code, error?.layer, error?.index]).toEqual(["GLOBAL_OP_IN_STAGE", "mean0", 3]);
    expect(error?.message).toMatch(/can only end with it/);
  });

  test("splits that are none", () => {
    expect(codeOf(patches({ split: "nowhere" }))).toBe("ILLEGAL_SPLIT");
    expect(codeOf(patches({ split: "image" }))).toBe("ILLEGAL_SPLIT");
    for (const split of [0, -1, 6, 1.5, Number.NaN]) expect(codeOf(patches({ split }))).toBe("ILLEGAL_SPLIT");
    const inside = errorOf(() => planPatches(residual(), { split: "wide", grid: two }));
    expect(inside?.code).toBe("ILLEGAL_SPLIT");
    expect(inside?.message).toMatch(/"x" and "wide"/);
  });

  test("stages that overlap or are out of order", () => {
    const stage = (first: number, end: number) => ({ first, end, grid: one });
    expect(codeOf(() => planStages(chain(), { stages: [stage(0, 2), stage(1, 3)] }))).toBe("ILLEGAL_SPLIT");
    expect(codeOf(() => planStages(chain(), { stages: [stage(2, 3), stage(0, 1)] }))).toBe("ILLEGAL_SPLIT");
    expect(codeOf(() => planStages(chain(), { stages: [stage(2, 2)] }))).toBe("ILLEGAL_SPLIT");
  });

  test("a map made inside that is seen with other dimensions", () => {
    const net = new NetworkBuilder();
    const x = net.conv(net.input(4, 4, 2), 2, { name: "x" });
    const network = net.build([net.conv(net.view(x, 2, 8, 2), 1)]);
    expect(codeOf(() => planPatches(network, { split: 2, grid: two }))).toBe("ILLEGAL_SPLIT");
    expectSound(network, planStages(network, { stages: [{ first: 1, end: 2, grid: two }] }));
  });

  test("grids with more patches than cells, and strips that are not as wide as the image", () => {
    expect(codeOf(patches({ grid: { rows: 13, columns: 1 } }))).toBe("GRID_TOO_FINE");
    expect(codeOf(patches({ grid: { rows: 1, columns: 13 } }))).toBe("GRID_TOO_FINE");
    expect(codeOf(patches({ grid: { rows: 12, columns: 12 } }))).toBeUndefined();
    expect(codeOf(patches({ grid: two, overlap: "cacheRows" }))).toBe("GRID_TOO_FINE");
  });

  test("options outside their domain", () => {
    expect(codeOf(patches({ grid: { rows: 0, columns: 1 } }))).toBe("OPTION");
    expect(codeOf(patches({ grid: { rows: 1.5, columns: 1 } }))).toBe("OPTION");
    expect(codeOf(patches({ overlap: "cacheAll" as never }))).toBe("OPTION");
    expect(codeOf(patches({ input: "flash" as never }))).toBe("OPTION");
    expect(codeOf(patches({ output: "callback" as never }))).toBe("OPTION");
    expect(codeOf(patches({ align: 2 as never }))).toBe("OPTION");
    expect(codeOf(patches({ inPlace: 1 as never }))).toBe("OPTION");
    expect(codeOf(() => planLayers(chain(), { accumulateIntoResidual: "yes" as never }))).toBe("OPTION");
  });
});

test("rows that nobody reads are not computed", () => {
  const net = new NetworkBuilder();
  const network = net.build([net.conv(net.conv(net.input(9, 9, 1), 1, { name: "x" }), 1, { stride: 3, padding: 0 })]);
  const plan = planPatches(network, { split: 2, grid: { rows: 3, columns: 3 } });
  expect(plan.stages[0]?.macs).toBe(9 + 9);
  expect(plan.macs.plan).toBeLessThan(plan.macs.network);
});

test("fingerprints tell weights, bounds and layers apart", () => {
  const base = chain();
  const first = base.layers[0] as Extract<Network["layers"][number], { kind: "conv2d" }>;
  const withFirst = (change: Partial<typeof first>): Network => ({
    ...base,
    layers: [{ ...first, ...change }, ...base.layers.slice(1)],
  });
  const weights = (first.weights as Int8Array).slice();
  weights[0] = 2;
  const all = [
    base,
    withFirst({ weights }),
    withFirst({ clamp: { min: Number.NEGATIVE_INFINITY, max: 6 } }),
    withFirst({ clamp: { min: Number.POSITIVE_INFINITY, max: 6 } }),
    withFirst({ padBefore: [0, 0] }),
    { ...base, name: "other" },
  ].map(networkFingerprint);
  expect(new Set(all).size).toBe(all.length);
  for (const each of all) expect(each).toMatch(/^[0-9a-f]{16}$/);
  expect(networkFingerprint(chain())).toBe(all[0]);
});
