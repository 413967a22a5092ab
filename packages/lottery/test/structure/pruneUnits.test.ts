import {
  type Graph,
  type HostTensor,
  type Tensor,
  add,
  batchNorm,
  concat,
  conv2d,
  flatten,
  globalAvgPool2d,
  interpret,
  matmul,
  maxPool2d,
  relu,
  reshape,
  softmax,
  spec,
  sum,
  tensor,
  transpose,
} from "@parsimony/core-tensor";
import {
  type PruneUnitsOptions,
  applyMaskToGraph,
  compact,
  coupledNorm,
  modelGraph,
  pruneUnits,
  unitGroups,
  unitMask,
} from "@parsimony/lottery/compact";
import { maskedNets } from "@parsimony/lottery/testing";
import fc from "fast-check";
import { expect, test } from "vitest";

type Params = Readonly<Record<string, Tensor>>;
const at = (p: Params, name: string): Tensor => p[name] as Tensor;
const values = (shape: readonly number[], seed = 1): HostTensor => {
  const size = shape.reduce((product, each) => product * each, 1);
  return tensor(
    Array.from({ length: size }, (_, i) => Math.sin(seed + 1.7 * i) + 0.3 * Math.sin(3.1 * i)),
    { shape, dtype: "float64" },
  );
};
const shapes = ({ constants }: Graph): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(constants).map(([name, { shape }]) => [name, shape]));
const outputs = (graph: Graph, inputs: Readonly<Record<string, HostTensor>>): number[] =>
  Object.values(interpret(graph, inputs)).flatMap((value) =>
    Array.from((value as HostTensor).dataSync() as Float32Array),
  );

const mlp = (sizes: readonly number[]): Graph => {
  const params = Object.fromEntries(
    sizes.slice(1).flatMap((size, i): [string, HostTensor][] => [
      [`w${i}`, values([sizes[i] as number, size], i)],
      [`b${i}`, values([size], i + 10)],
    ]),
  );
  const net = (p: Params, x: Tensor): Tensor =>
    sizes.slice(1).reduce((y, _, i) => {
      const z = add(matmul(y, at(p, `w${i}`)), at(p, `b${i}`));
      return i === sizes.length - 2 ? z : relu(z);
    }, x);
  return modelGraph(net, params, spec(["batch", sizes[0] as number], "float64"));
};

test("the groups of a dense net: what makes the units, and what goes with them", () => {
  expect(unitGroups(mlp([2, 3, 2]))).toEqual([
    {
      name: "w0",
      units: 3,
      axes: [
        { tensor: "w0", axis: 1, slices: [[0], [1], [2]] },
        { tensor: "b0", axis: 0, slices: [[0], [1], [2]] },
        { tensor: "w1", axis: 0, slices: [[0], [1], [2]] },
      ],
    },
  ]);
});

test("the groups of a conv net: channels through batch norm, pooling and flattening", () => {
  const net = (p: Params, x: Tensor): Tensor => {
    const y = conv2d(x, at(p, "conv"), { bias: at(p, "bias") });
    const z = batchNorm(y, at(p, "mean"), at(p, "variance"), at(p, "scale"), at(p, "shift"));
    return matmul(flatten(maxPool2d(relu(z), { kernel: 2 }), 1), at(p, "fc"));
  };
  const vector = (): HostTensor => tensor([1, 2, 3], { dtype: "float64" });
  const params = {
    conv: values([3, 2, 3, 3]),
    bias: vector(),
    mean: vector(),
    variance: vector(),
    scale: vector(),
    shift: vector(),
    fc: values([12, 2]),
  };
  const [group, ...others] = unitGroups(modelGraph(net, params, spec(["batch", 2, 6, 6], "float64")));
  expect(others).toEqual([]);
  expect(group?.axes.map(({ tensor: name, axis }) => `${name}:${axis}`).sort()).toEqual(
    ["bias:0", "conv:0", "fc:0", "mean:0", "scale:0", "shift:0", "variance:0"].sort(),
  );
  expect(group?.axes.at(-1)?.slices).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9, 10, 11],
  ]);
});

test("a residual sum couples its branches; what an output reads is not pruned", () => {
  const net = (p: Params, x: Tensor) => {
    const stem = relu(matmul(x, at(p, "stem")));
    const sumOf = add(stem, matmul(relu(matmul(stem, at(p, "first"))), at(p, "second")));
    const free = matmul(sumOf, at(p, "out"));
    return { free, features: relu(matmul(x, at(p, "side"))) };
  };
  const params = {
    stem: values([2, 3]),
    first: values([3, 4]),
    second: values([4, 3]),
    out: values([3, 2]),
    side: values([2, 5]),
  };
  const graph = modelGraph(net, params, spec(["batch", 2], "float64"));
  expect(
    unitGroups(graph).map(({ name, units, axes }) => [name, units, axes.map((a) => `${a.tensor}:${a.axis}`)]),
  ).toEqual([
    ["stem", 3, ["stem:1", "first:0", "second:1", "out:0"]],
    ["first", 4, ["first:1", "second:0"]],
  ]);
  const { graph: smaller } = pruneUnits(graph, { keep: { stem: 2, first: 1 } });
  expect(shapes(smaller)).toEqual({ stem: [2, 2], first: [2, 1], second: [1, 2], out: [2, 2], side: [2, 5] });
});

test("concatenated layers stay apart; depthwise and grouped channels go together", () => {
  const joint = (p: Params, x: Tensor): Tensor =>
    matmul(concat([matmul(x, at(p, "left")), matmul(x, at(p, "right"))], 1), at(p, "out"));
  const parts = modelGraph(
    joint,
    { left: values([2, 2]), right: values([2, 3]), out: values([5, 1]) },
    spec(["batch", 2], "float64"),
  );
  expect(unitGroups(parts).map(({ name, axes }) => [name, axes.at(-1)?.slices])).toEqual([
    ["left", [[0], [1]]],
    ["right", [[2], [3], [4]]],
  ]);
  const convs = (p: Params, x: Tensor): Tensor => {
    const each = conv2d(conv2d(x, at(p, "stem")), at(p, "each"), { groups: 4 });
    return globalAvgPool2d(conv2d(relu(conv2d(each, at(p, "grouped"), { groups: 2 })), at(p, "point")));
  };
  const params = {
    stem: values([4, 1, 1, 1]),
    each: values([4, 1, 2, 2]),
    grouped: values([6, 2, 1, 1]),
    point: values([2, 6, 1, 1]),
  };
  const graph = modelGraph(convs, params, spec(["batch", 1, 4, 4], "float64"));
  expect(unitGroups(graph).map(({ name, axes }) => [name, axes[0]?.slices])).toEqual([
    [
      "stem",
      [
        [0, 2],
        [1, 3],
      ],
    ],
    [
      "grouped",
      [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
    ],
  ]);
  const { graph: smaller, mask } = pruneUnits(graph, { ratio: 0.5 });
  expect(shapes(smaller)).toEqual({
    stem: [2, 1, 1, 1],
    each: [2, 1, 2, 2],
    grouped: [2, 1, 1, 1],
    point: [2, 2, 1, 1],
  });
  const input = { input: values([2, 1, 4, 4]) };
  expect(outputs(smaller, input)).toEqual(outputs(applyMaskToGraph(graph, mask), input));
});

test("attention heads are units", () => {
  const net = (p: Params, x: Tensor): Tensor => {
    const split = (name: string): Tensor =>
      transpose(reshape(matmul(x, at(p, name)), [x.shape[0] as number, 3, 2, 2]), [0, 2, 1, 3]);
    const mixed = matmul(softmax(matmul(split("q"), transpose(split("k"), [0, 1, 3, 2]))), split("v"));
    return sum(matmul(reshape(transpose(mixed, [0, 2, 1, 3]), [x.shape[0] as number, 3, 4]), at(p, "out")), 1);
  };
  const params = { q: values([4, 4], 1), k: values([4, 4], 2), v: values([4, 4], 3), out: values([4, 2], 4) };
  const graph = modelGraph(net, params, spec(["batch", 3, 4], "float64"));
  expect(unitGroups(graph)).toMatchObject([
    {
      name: "q",
      units: 2,
      axes: [
        {
          slices: [
            [0, 1],
            [2, 3],
          ],
        },
        {},
        {},
        {},
      ],
    },
  ]);
  const { graph: smaller, mask } = pruneUnits(graph, { ratio: 0.5 });
  expect(shapes(smaller)).toEqual({ q: [4, 2], k: [4, 2], v: [4, 2], out: [2, 2] });
  const input = { input: values([2, 3, 4]) };
  expect(outputs(smaller, input)).toEqual(outputs(applyMaskToGraph(graph, mask), input));
});

test.each([
  [0.1, 0.19],
  [0.3, 0.51],
  [0.5, 0.75],
])("removing %d of the units removes %d of the weights between two layers", (ratio, share) => {
  const graph = mlp([4, 100, 100, 3]);
  const { graph: smaller, report } = pruneUnits(graph, { ratio });
  expect(1 - (smaller.constants.w1?.size as number) / 100 ** 2).toBeCloseTo(share, 12);
  const kept = 100 - 100 * ratio;
  expect(report.units).toEqual({ w0: { before: 100, after: kept }, w1: { before: 100, after: kept } });
  expect(report.macs).toEqual({ before: 400 + 10000 + 300, after: kept * 4 + kept * kept + kept * 3 });
  expect(report.parameters).toEqual({ before: 10903, after: kept * 4 + kept + kept * kept + kept + kept * 3 + 3 });
});

test("scores: mean over what is coupled of sums of powers, relative to the group", () => {
  const graph = modelGraph(
    (p: Params, x: Tensor) => matmul(relu(add(matmul(x, at(p, "w0")), at(p, "b0"))), at(p, "w1")),
    {
      w0: tensor([
        [1, -2],
        [3, 0],
      ]),
      b0: tensor([1, 1]),
      w1: tensor([[2], [-1]]),
    },
    spec(["batch", 2]),
  );
  const [group] = unitGroups(graph);
  if (group === undefined) throw new Error("no group");
  // Unit 0: (10 + 1 + 4) / 3, unit 1: (4 + 1 + 1) / 3; their mean is 3.5.
  expect(coupledNorm()(group, graph)).toEqual(Float64Array.of(5 / 3.5, 2 / 3.5));
  expect(Array.from(coupledNorm({ p: 1 })(group, graph), (x) => x.toFixed(9))).toEqual(
    [(2 * 7) / 11, (2 * 4) / 11].map((x) => x.toFixed(9)),
  );
  expect(() => coupledNorm({ p: 0 })).toThrow(expect.objectContaining({ code: "E_OPTION" }));
  const zeros = modelGraph(
    (p: Params, x: Tensor) => matmul(matmul(x, at(p, "a")), at(p, "b")),
    { a: tensor([[0, 0]]), b: tensor([[0], [0]]) },
    spec([1, 1]),
  );
  expect(pruneUnits(zeros, { ratio: 0.5 }).report.removed).toEqual({ a: [0] });
});

test("running statistics do not count as weights", () => {
  const build = (mean: readonly number[]): Graph =>
    modelGraph(
      (p: Params, x: Tensor) =>
        matmul(batchNorm(matmul(x, at(p, "a")), at(p, "mean"), at(p, "variance"), at(p, "scale")), at(p, "b")),
      {
        a: tensor([[1, 2]]),
        mean: tensor(mean),
        variance: tensor([1, 1]),
        scale: tensor([1, 1]),
        b: tensor([[1], [2]]),
      },
      spec([1, 1]),
    );
  expect(pruneUnits(build([100, 0]), { ratio: 0.5 }).report.removed).toEqual({ a: [0] });
  expect(Object.keys(pruneUnits(build([100, 0]), { ratio: 0.5 }).mask).sort()).toEqual(["a", "b", "scale"]);
});

test("roundTo, minUnits, maxRatio and keep", () => {
  const graph = mlp([3, 20, 10, 3, 2]);
  const units = (options: PruneUnitsOptions): number[] =>
    Object.values(pruneUnits(graph, options).report.units).map(({ after }) => after);
  expect(units({ ratio: 0.5 })).toEqual([10, 5, 1]); // 3 - floor(1.5 + 0.5)
  expect(units({ ratio: 0.5, roundTo: 4 })).toEqual([12, 8, 3]);
  expect(units({ ratio: 0.1, roundTo: 8 })).toEqual([16, 8, 3]);
  expect(units({ ratio: 1 })).toEqual([1, 1, 1]);
  expect(units({ ratio: 1, minUnits: 2 })).toEqual([2, 2, 2]);
  expect(units({ ratio: 0.9, maxRatio: 0.5 })).toEqual([10, 5, 2]);
  expect(units({ ratio: 0, roundTo: 8 })).toEqual([20, 10, 3]);
  expect(units({ ratio: { w1: 0.5 } })).toEqual([20, 5, 3]);
  expect(units({ keep: { w0: 7 }, ratio: 0.5 })).toEqual([7, 5, 1]);
  expect(units({ ratio: 0.5, prunable: ({ name }) => name !== "w0" })).toEqual([20, 5, 1]);
});

test("global: one ranking over all groups, within the limits of each", () => {
  const graph = mlp([3, 6, 6, 2]);
  const score: PruneUnitsOptions["score"] = ({ name, units }) =>
    Float64Array.from({ length: units }, (_, i) => (name === "w0" ? i : 10 + i));
  const removed = (options: PruneUnitsOptions) =>
    pruneUnits(graph, { score, scope: "global", ...options }).report.removed;
  expect(removed({ ratio: 0.25 })).toEqual({ w0: [0, 1, 2] });
  expect(removed({ ratio: 0.75 })).toEqual({ w0: [0, 1, 2, 3, 4], w1: [0, 1, 2, 3] });
  expect(removed({ ratio: 0.5, maxRatio: 0.5 })).toEqual({ w0: [0, 1, 2], w1: [0, 1, 2] });
  expect(removed({ ratio: 1, minUnits: 2 })).toEqual({ w0: [0, 1, 2, 3], w1: [0, 1, 2, 3] });
  expect(removed({ keep: { w1: 5 }, ratio: 0.25 })).toEqual({ w0: [0, 1, 2], w1: [0] });
});

test("a mask of units: pruned with compact later", () => {
  const graph = mlp([3, 5, 4, 2]);
  const removed = { w0: [1, 4], w1: [0] };
  const mask = unitMask(graph, removed);
  const score: PruneUnitsOptions["score"] = ({ name, units }) =>
    Float64Array.from({ length: units }, (_, i) => (removed[name as "w0"].includes(i) ? 0 : 1));
  const pruned = pruneUnits(graph, { keep: { w0: 3, w1: 3 }, score });
  expect(pruned.report.removed).toEqual(removed);
  const { graph: smaller } = compact(graph, mask);
  expect(smaller.nodes).toEqual(pruned.graph.nodes);
  for (const [name, constant] of Object.entries(pruned.graph.constants)) {
    expect(smaller.constants[name]?.toArray()).toEqual(constant.toArray());
  }
  expect(() => unitMask(graph, { w9: [0] })).toThrow(expect.objectContaining({ code: "E_OPTION", tensor: "w9" }));
  expect(() => unitMask(graph, { w0: [5] })).toThrow(expect.objectContaining({ code: "E_OPTION", tensor: "w0" }));
});

test("random nets: the smaller one computes what the masked one does, and N3 holds", () => {
  const ratio = fc.constantFrom(0.2, 0.5, 0.9);
  const property = fc.property(
    maskedNets(),
    ratio,
    fc.integer({ min: 1, max: 3 }),
    ({ graph, inputs }, share, roundTo) => {
      const { graph: smaller, mask, report } = pruneUnits(graph, { ratio: share, roundTo, scope: "global" });
      const [expected, actual] = [outputs(applyMaskToGraph(graph, mask), inputs), outputs(smaller, inputs)];
      expect(actual.every((x, i) => Object.is(x, expected[i]))).toBe(true);
      for (const { before, after } of Object.values(report.units)) {
        expect(after >= 1 && (after === before || after % roundTo === 0)).toBe(true);
      }
      expect(report.parameters.after).toBeLessThanOrEqual(report.parameters.before);
    },
  );
  fc.assert(property, { numRuns: 20, seed: 3 });
});

test("bad input", () => {
  const graph = mlp([3, 4, 2]);
  const fails = (options: PruneUnitsOptions, code: string, of: Graph = graph): void =>
    expect(() => pruneUnits(of, options)).toThrow(expect.objectContaining({ code }));
  fails({}, "E_OPTION");
  fails({ ratio: 1.5 }, "E_RATE");
  fails({ ratio: { w0: Number.NaN } }, "E_RATE");
  fails({ ratio: { nope: 0.5 } }, "E_OPTION");
  fails({ keep: { w0: 0 } }, "E_OPTION");
  fails({ keep: { w0: 5 } }, "E_OPTION");
  fails({ ratio: 0.5, roundTo: 0 }, "E_OPTION");
  fails({ ratio: 0.5, minUnits: 0 }, "E_OPTION");
  fails({ ratio: 0.5, maxRatio: 0 }, "E_RATE");
  fails({ ratio: 0.5, scope: "net" as "global" }, "E_OPTION");
  fails({ ratio: 0.5, score: () => [1, 2] }, "E_PARAMETERS");
  fails({ ratio: 0.5, score: () => [1, 2, Number.NaN, 3] }, "E_NON_FINITE");
  fails({ ratio: 0.5, prunable: () => false }, "E_EMPTY");
  fails({ ratio: 0.5 }, "E_EMPTY", mlp([3, 2]));
  fails({ ratio: 0.5 }, "E_GRAPH", {} as Graph);
});
