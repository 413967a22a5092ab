import { describe, expect, test } from "vitest";
import { PatchInferError } from "../../src/base/errors.ts";
import { checkPlan } from "../../src/plan/checkPlan.ts";
import type { Network } from "../../src/network/network.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planPatches } from "../../src/plan/planStages.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";
import { errorOf } from "./errorOf.ts";

/** Two depthwise convolutions, the second one after the patches, a residual block, a dense layer. */
function networkOf(classes: number): Network {
  const net = new NetworkBuilder();
  const conv1 = net.conv(net.input(12, 12, 3), 8, { kernel: 3, name: "conv1" });
  const x = net.conv(net.depthwise(conv1), 4, { name: "project" });
  const y = net.conv(net.depthwise(net.conv(x, 16, { name: "expand" })), 4);
  return net.build([net.conv(net.globalPool(net.binary(x, y)), classes, { name: "head" })]);
}

const network = networkOf(10);
const plan = planPatches(network, { split: "project", grid: { rows: 2, columns: 2 }, overlap: "cacheBoth", align: 1 });

/** A plan as it comes from a file, so that everything in it can be changed. */
type Raw = Mutable<Plan>;
type Mutable<T> = T extends readonly (infer U)[]
  ? Mutable<U>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T;

function fault(change: (raw: Raw) => void): string {
  const raw = JSON.parse(JSON.stringify(plan)) as Raw;
  change(raw);
  const error = errorOf(() => checkPlan(network, raw as unknown as Plan));
  expect(error?.code).toBe("PLAN_MISMATCH");
  return error?.message ?? "";
}

test("accepts the plan, and what others write beside it", () => {
  expect(checkPlan(network, plan)).toBeUndefined();
  const annotated = {
    ...plan,
    bits: { "block1.depthwise": 4 },
    stages: plan.stages.map((stage) => ({ ...stage, note: "" })),
  };
  expect(checkPlan(network, annotated)).toBeUndefined();
});

test("accepts another arrangement, as long as nothing clashes", () => {
  const raw = JSON.parse(JSON.stringify(plan)) as Raw;
  const [first, last] = [raw.moments.length - 1, raw.moments.length - 1];
  const alone = raw.buffers.find((buffer) => buffer.first >= first && buffer.last <= last && buffer.offset > 0);
  if (alone !== undefined) alone.offset = raw.arenaBytes - alone.bytes;
  expect(errorOf(() => checkPlan(network, raw as unknown as Plan))?.message ?? "").not.toMatch(/buffers\[/);
});

test("a plan of another network", () => {
  const error = errorOf(() => checkPlan(networkOf(11), plan));
  expect(error).toBeInstanceOf(PatchInferError);
  expect(error?.code).toBe("PLAN_MISMATCH");
  expect(error?.message).toMatch(/another network/);
});

test("a plan of the same layers with other weights", () => {
  const weights = new Int8Array(network.layers[0]?.kind === "conv2d" ? network.layers[0].weights : []);
  weights[3] = 7;
  const layers = network.layers.map((layer, i) => (i === 0 && layer.kind === "conv2d" ? { ...layer, weights } : layer));
  expect(errorOf(() => checkPlan({ ...network, layers }, plan))?.message).toMatch(/another network/);
});

describe("broken plans", () => {
  test.each([
    ["nothing", null],
    ["a text", "plan"],
    ["a list", []],
    ["an empty object", {}],
    ["another version", { ...plan, version: 2 }],
    ["no options", { ...plan, options: undefined }],
    ["an unknown option", { ...plan, options: { ...plan.options, align: 3 } }],
    ["a missing option", { ...plan, options: { ...plan.options, output: undefined } }],
    ["no stages", { ...plan, stages: null }],
    ["a stage that is none", { ...plan, stages: [null] }],
    ["no buffers", { ...plan, buffers: undefined }],
    ["no moments", { ...plan, moments: undefined }],
  ])("%s", (_what, raw) => {
    expect(errorOf(() => checkPlan(network, raw as unknown as Plan))?.code).toBe("PLAN_MISMATCH");
  });

  const stage = (raw: Raw): Raw["stages"][number] => raw.stages[0] as Raw["stages"][number];
  const buffer = (raw: Raw, i = 0): Raw["buffers"][number] => raw.buffers[i] as Raw["buffers"][number];

  test("stages", () => {
    expect(fault((raw) => raw.stages.pop())).toMatch(/end at layer/);
    expect(fault((raw) => raw.stages.splice(1, 1))).toMatch(/begins at layer/);
    expect(fault((raw) => Object.assign(stage(raw), { end: 10 ** 9 }))).toMatch(/stages\[0\]/);
    expect(fault((raw) => Object.assign(stage(raw), { end: Number.NaN }))).toMatch(/stages\[0\]/);
    expect(fault((raw) => Object.assign(stage(raw), { end: stage(raw).end + 1 }))).toMatch(/stages\[0\]/);
    expect(fault((raw) => Object.assign(stage(raw).grid, { rows: 10 ** 9 }))).toMatch(/stages\[0\]/);
    expect(fault((raw) => Object.assign(stage(raw).grid, { rows: 0 }))).toMatch(/grid.rows is 0/);
    expect(fault((raw) => Object.assign(stage(raw), { overlap: "keepAll" }))).toMatch(/overlap/);
    expect(fault((raw) => Object.assign(stage(raw), { output: "conv1" }))).toMatch(/stages\[0\].output/);
    expect(fault((raw) => Object.assign(stage(raw), { macs: 0 }))).toMatch(/stages\[0\].macs/);
    expect(fault((raw) => Object.assign(stage(raw), { loads: [] }))).toMatch(/stages\[0\].loads/);
  });

  test("parts", () => {
    const parts = (raw: Raw) => stage(raw).rows["conv1"] as Mutable<Plan["stages"][number]["rows"][string]>;
    expect(fault((raw) => (parts(raw).to[1] = 1e6))).toMatch(/stages\[0\].rows.conv1.to\[1\]/);
    expect(fault((raw) => (parts(raw).from[0] = -1))).toMatch(/stages\[0\].rows.conv1.from\[0\]/);
    expect(fault((raw) => parts(raw).compute.pop())).toMatch(/stages\[0\].rows.conv1.compute.length/);
    expect(fault((raw) => delete stage(raw).columns["conv1"])).toMatch(/stages\[0\].columns.conv1/);
    expect(fault((raw) => (stage(raw).columns["head"] = parts(raw)))).toMatch(/stages\[0\].columns.head/);
  });

  test("steps", () => {
    expect(fault((raw) => stage(raw).steps.reverse())).toMatch(/steps/);
    expect(fault((raw) => Object.assign(stage(raw).steps[0] as object, { add: 1 }))).toMatch(/steps\[0\].add/);
    const inPlace = (raw: Raw) =>
      raw.stages.flatMap(({ steps }) => steps).find((step) => step.inPlace !== undefined)?.inPlace;
    expect(inPlace(plan as unknown as Raw)).toBeDefined();
    expect(fault((raw) => Object.assign(inPlace(raw) as object, { channelBlock: 0 }))).toMatch(/takes 0 of/);
    expect(fault((raw) => Object.assign(inPlace(raw) as object, { channelBlock: 1e9 }))).toMatch(/takes 1000000000 of/);
    expect(fault((raw) => Object.assign(inPlace(raw) as object, { scratch: "patch:image@0" }))).toMatch(
      /does not have/,
    );
  });

  test("buffers", () => {
    expect(fault((raw) => raw.buffers.pop())).toMatch(/buffers/);
    expect(fault((raw) => (buffer(raw).offset = -1))).toMatch(/stands at -1/);
    expect(fault((raw) => (buffer(raw).offset = 0.5))).toMatch(/stands at 0.5/);
    expect(fault((raw) => (buffer(raw).offset = 1e15))).toMatch(/stands at 1000000000000000/);
    expect(fault((raw) => Object.assign(buffer(raw), { offset: "0" }))).toMatch(/stands at 0/);
    expect(fault((raw) => (buffer(raw).bytes = 1))).toMatch(/buffers\[0\].bytes/);
    expect(fault((raw) => (buffer(raw).rows = 1))).toMatch(/buffers\[0\].rows/);
    expect(fault((raw) => (buffer(raw).last = 0))).toMatch(/buffers\[0\].last/);
    expect(fault((raw) => (buffer(raw).takesOver = buffer(raw, 1).name))).toMatch(/buffers\[0\].takesOver/);
    expect(fault((raw) => (raw.arenaBytes = 1))).toMatch(/arenaBytes/);
  });

  test("buffers that share bytes while both are alive", () => {
    const chained = new Set(
      plan.buffers.flatMap(({ name, takesOver }) => (takesOver === undefined ? [] : [name, takesOver])),
    );
    const apart = (i: number): Plan["buffers"][number] =>
      plan.buffers.filter(({ name }) => !chained.has(name))[i] as Plan["buffers"][number];
    const [a, b] = [apart(0), apart(1)];
    expect(a.first <= b.last && b.first <= a.last).toBe(true);
    const moved = (raw: Raw, name: string): Raw["buffers"][number] =>
      raw.buffers.find((each) => each.name === name) as Raw["buffers"][number];
    expect(fault((raw) => (moved(raw, a.name).offset = b.offset))).toMatch(/share bytes|arenaBytes/);
  });

  test("a buffer that does not stand where the one that it takes over stood", () => {
    const raw = JSON.parse(JSON.stringify(plan)) as Raw;
    const over = raw.buffers.find(({ takesOver }) => takesOver !== undefined) as Raw["buffers"][number];
    over.offset = over.offset === 0 ? 1 : 0;
    raw.arenaBytes = Math.max(...raw.buffers.map(({ offset, bytes }) => offset + bytes));
    expect(errorOf(() => checkPlan(network, raw as unknown as Plan))?.message).toMatch(/stands elsewhere/);
  });
});
