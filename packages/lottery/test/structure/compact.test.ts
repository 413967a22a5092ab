import {
  type Graph,
  type HostTensor,
  type Tensor,
  add,
  batchNorm,
  broadcastTo,
  conv2d,
  cumsum,
  flatten,
  interpret,
  matmul,
  maxPool2d,
  mul,
  relu,
  reshape,
  sigmoid,
  slice,
  spec,
  sum,
  tanh,
  tensor,
  trace,
  transpose,
} from "@parsimony/core-tensor";
import { type Mask, assertSparse } from "@parsimony/lottery";
import { applyMaskToGraph, compact, modelGraph } from "@parsimony/lottery/compact";
import { expect, test } from "vitest";

type Params = Readonly<Record<string, Tensor>>;
const at = (p: Params, name: string): Tensor => p[name] as Tensor;
const bool = (text: string, shape: readonly number[]): HostTensor =>
  tensor(
    Uint8Array.from(text, (bit) => Number(bit)),
    { shape, dtype: "bool" },
  );
const shapes = ({ constants }: Graph): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(constants).map(([name, { shape }]) => [name, shape]));
const run = (graph: Graph, input: Tensor): number[] => {
  const [first] = graph.outputs;
  const result = interpret(graph, { [graph.inputs[0] as string]: input })[first?.name as string] as HostTensor;
  return Array.from(result.dataSync() as Float32Array);
};
/** Bits, so that -0 and +0 differ. */
const expectSameBits = (graph: Graph, mask: Mask, smaller: Graph, input: Tensor): void => {
  const expected = run(applyMaskToGraph(graph, mask), input);
  run(smaller, input).forEach((x, i) => expect(Object.is(x, expected[i])).toBe(true));
};
const values = (shape: readonly number[], scale = 1): HostTensor => {
  const size = shape.reduce((product, each) => product * each, 1);
  return tensor(
    Array.from({ length: size }, (_, i) => scale * Math.sin(1 + 3 * i)),
    { shape, dtype: "float64" },
  );
};

// A net of 3-4-2 in float64: W1[i][j] = 0.9 sin(1 + 4 i + j), W2[i][j] = 0.8 cos(0.5 + 2 (2 i + j)).
const mlp = (p: Params, x: Tensor): Tensor =>
  add(matmul(relu(add(matmul(x, at(p, "w1")), at(p, "b1"))), at(p, "w2")), at(p, "b2"));
const tiny = {
  w1: tensor(
    Array.from({ length: 12 }, (_, i) => 0.9 * Math.sin(1 + i)),
    { shape: [3, 4], dtype: "float64" },
  ),
  b1: tensor([-0.03, 0.99, -0.13, -0.15], { dtype: "float64" }),
  w2: tensor(
    Array.from({ length: 8 }, (_, i) => 0.8 * Math.cos(0.5 + 2 * i)),
    { shape: [4, 2], dtype: "float64" },
  ),
  b2: tensor([0.1, -0.1], { dtype: "float64" }),
};
const tinyGraph = modelGraph(mlp, tiny, spec(["batch", 3], "float64"));
const tinyInput = tensor(
  Array.from({ length: 24 }, (_, i) => Math.sin(0.7 * (Math.floor(i / 3) + 1) * ((i % 3) + 1))),
  { shape: [8, 3], dtype: "float64" },
);

test.each([
  // The masks of an iterative run at its levels 3 and 4: hidden unit 3 keeps incoming weights, and has no outgoing ones.
  { w1: "010110000011", w2: "11110100", direct: 10 / 20, effective: 8 / 20 },
  { w1: "010110000010", w2: "10110100", direct: 8 / 20, effective: 7 / 20 },
])("a unit without outgoing weights goes, with its incoming ones ($w2)", ({ w1, w2, direct, effective }) => {
  const mask = { w1: bool(w1, [3, 4]), w2: bool(w2, [4, 2]) };
  const { graph, report, ...result } = compact(tinyGraph, mask);
  expect(shapes(graph)).toEqual({ w1: [3, 3], b1: [3], w2: [3, 2], b2: [2] });
  expect(report).toMatchObject({
    directDensity: direct,
    effectiveDensity: effective,
    removedUnits: 1,
    constantUnits: 0,
  });
  expect(report.layers).toEqual([{ name: "w1", before: 4, after: 3, removed: 1, folded: 0, constant: 0 }]);
  expect(result.mask.w1?.shape).toEqual([3, 3]);
  expectSameBits(tinyGraph, mask, graph, tinyInput);
});

test("level 2 of that run has nothing to drop", () => {
  const mask = { w1: bool("010111001011", [3, 4]), w2: bool("11110110", [4, 2]) };
  const { graph, report } = compact(tinyGraph, mask);
  expect(shapes(graph)).toEqual(shapes(tinyGraph));
  expect(report.effectiveDensity).toBe(report.directDensity);
});

test("a unit without incoming weights: 0 behind its bias goes, another constant stays or is folded", () => {
  // Units 0 and 1 have no way in; relu(-0.03) = 0 and relu(0.99) = 0.99.
  const mask = { w1: bool("001100110011", [3, 4]), w2: bool("11111111", [4, 2]) };
  const exact = compact(tinyGraph, mask);
  expect(shapes(exact.graph)).toEqual({ w1: [3, 3], b1: [3], w2: [3, 2], b2: [2] });
  expect(exact.report).toMatchObject({ removedUnits: 1, foldedUnits: 0, constantUnits: 1 });
  expect(exact.graph.constants.b1?.toArray()).toEqual([0.99, -0.13, -0.15]);
  expectSameBits(tinyGraph, mask, exact.graph, tinyInput);

  const folded = compact(tinyGraph, mask, { constants: "fold" });
  expect(shapes(folded.graph)).toEqual({ w1: [3, 2], b1: [2], w2: [2, 2], b2: [2] });
  expect(folded.report).toMatchObject({ removedUnits: 1, foldedUnits: 1, constantUnits: 0, effectiveDensity: 10 / 20 });
  const w2 = tiny.w2.toArray() as number[][];
  expect(folded.graph.constants.b2?.toArray()).toEqual([
    0.1 + 0.99 * (w2[1]?.[0] as number),
    -0.1 + 0.99 * (w2[1]?.[1] as number),
  ]);
  const expected = run(applyMaskToGraph(tinyGraph, mask), tinyInput);
  run(folded.graph, tinyInput).forEach((x, i) => expect(x).toBeCloseTo(expected[i] as number, 12));
});

test("dead units are followed backwards through layers, constant ones forwards", () => {
  const deep = (p: Params, x: Tensor): Tensor =>
    matmul(relu(matmul(relu(matmul(relu(matmul(x, at(p, "a"))), at(p, "b"))), at(p, "c"))), at(p, "d"));
  const params = { a: values([2, 3]), b: values([3, 3]), c: values([3, 3]), d: values([3, 1]) };
  const graph = modelGraph(deep, params, spec([2, 2], "float64"));
  // c: unit 0 goes nowhere, so what only feeds it is dead: unit 1 of b, then unit 2 of a.
  const mask = { b: bool("101101010", [3, 3]), c: bool("011100011", [3, 3]), d: bool("011", [3, 1]) };
  const result = compact(graph, mask);
  expect(shapes(result.graph)).toEqual({ a: [2, 2], b: [2, 2], c: [2, 2], d: [2, 1] });
  expectSameBits(graph, mask, result.graph, values([2, 2]));
  // a: unit 0 has no way in; it is 0 behind relu, and so is everything that only it feeds.
  const forward = { a: bool("011011", [2, 3]), b: bool("100011011", [3, 3]) };
  const second = compact(graph, forward);
  expect(shapes(second.graph)).toEqual({ a: [2, 2], b: [2, 2], c: [2, 3], d: [3, 1] });
  expectSameBits(graph, forward, second.graph, values([2, 2]));
});

test("a layer that was cut through leaves a constant net, reported and not refused", () => {
  const mask = { w2: bool("00000000", [4, 2]) };
  for (const constants of ["exact", "fold"] as const) {
    const { graph, report } = compact(tinyGraph, mask, { constants });
    expect(report).toMatchObject({ cutLayers: ["w1"], constantOutputs: ["output"], removedUnits: 3 });
    expect(shapes(graph)).toEqual({ w1: [3, 1], b1: [1], w2: [1, 2], b2: [2] });
    expectSameBits(tinyGraph, mask, graph, tinyInput);
  }
  const all = { w1: bool("000000000000", [3, 4]), w2: bool("00000000", [4, 2]) };
  const nothing = compact(tinyGraph, all, { constants: "fold", inputs: "shrink" });
  expect(nothing.report).toMatchObject({ directDensity: 0, effectiveDensity: 0, constantOutputs: ["output"] });
  expect(nothing.usedInputs).toEqual([{ input: "input", axis: 1, size: 3, used: [] }]);
  expect(run(nothing.graph, tensor([[1]], { dtype: "float64" }))).toEqual([0.1, -0.1]);
});

test("inputs: listed, picked by a gather, or made shorter", () => {
  const mask = { w1: bool("110000000111", [3, 4]) };
  const kept = compact(tinyGraph, mask);
  expect(kept.usedInputs).toEqual([{ input: "input", axis: 1, size: 3, used: [0, 2] }]);
  expect(shapes(kept.graph).w1).toEqual([3, 4]);
  const gathered = compact(tinyGraph, mask, { inputs: "gather" });
  expect(gathered.usedInputs).toEqual(kept.usedInputs);
  expect(shapes(gathered.graph).w1).toEqual([2, 4]);
  expectSameBits(tinyGraph, mask, gathered.graph, tinyInput);
  const short = compact(tinyGraph, mask, { inputs: "shrink" });
  expect(short.graph.types.input?.shape).toEqual(["batch", 2]);
  const columns = (tinyInput.toArray() as number[][]).map(([a, , c]) => [a as number, c as number]);
  expect(run(short.graph, tensor(columns, { dtype: "float64" }))).toEqual(
    run(applyMaskToGraph(tinyGraph, mask), tinyInput),
  );
});

const convNet = (p: Params, x: Tensor, pads: number, activation = relu): Tensor => {
  const first = activation(conv2d(x, at(p, "conv1"), { pads, bias: at(p, "bias1") }));
  return flatten(conv2d(first, at(p, "conv2"), { pads, bias: at(p, "bias2") }), 1);
};
const convParams = { conv1: values([3, 1, 3, 3]), bias1: values([3]), conv2: values([2, 3, 3, 3]), bias2: values([2]) };
// Channel 1 of the first convolution has no weights left; its bias sin(4) is below 0 and that of channel 2, sin(7), above.
const channels = (cut: readonly number[]): Mask => ({
  conv1: bool([0, 1, 2].map((c) => (cut.includes(c) ? "0" : "1").repeat(9)).join(""), [3, 1, 3, 3]),
});

test("a constant channel: 0 goes through any padding, another number only without", () => {
  const padded = modelGraph(
    (p: Params, x: Tensor) => convNet(p, x, 1),
    convParams,
    spec(["batch", 1, 5, 5], "float64"),
  );
  const valid = modelGraph((p: Params, x: Tensor) => convNet(p, x, 0), convParams, spec(["batch", 1, 5, 5], "float64"));
  const input = values([2, 1, 5, 5]);
  for (const graph of [padded, valid]) {
    const zero = compact(graph, channels([1]));
    expect(shapes(zero.graph)).toMatchObject({ conv1: [2, 1, 3, 3], bias1: [2], conv2: [2, 2, 3, 3] });
    expectSameBits(graph, channels([1]), zero.graph, input);
  }
  const kept = compact(padded, channels([1, 2]), { constants: "fold" });
  expect(kept.report).toMatchObject({ removedUnits: 1, foldedUnits: 0, constantUnits: 1 });
  expectSameBits(padded, channels([1, 2]), kept.graph, input);
  const folded = compact(valid, channels([1, 2]), { constants: "fold" });
  expect(folded.report).toMatchObject({ removedUnits: 1, foldedUnits: 1, constantUnits: 0 });
  expect(shapes(folded.graph)).toMatchObject({ conv1: [1, 1, 3, 3], bias2: [2], conv2: [2, 1, 3, 3] });
  const expected = run(applyMaskToGraph(valid, channels([1, 2])), input);
  run(folded.graph, input).forEach((x, i) => expect(x).toBeCloseTo(expected[i] as number, 12));
});

test("batch norm: constants go through it, and scales of 0 end a channel", () => {
  const net = (p: Params, x: Tensor): Tensor => {
    const y = batchNorm(matmul(x, at(p, "w1")), at(p, "mean"), at(p, "variance"), at(p, "scale"), at(p, "shift"));
    return add(matmul(relu(y), at(p, "w2")), at(p, "b2"));
  };
  const params = {
    w1: values([3, 4]),
    mean: tensor([1, -1, 0.5, 2], { dtype: "float64" }),
    variance: tensor([1, 2, 0.5, 3], { dtype: "float64" }),
    scale: tensor([2, 2, 0, 0], { dtype: "float64" }),
    shift: tensor([0.25, 0.25, 0, -1], { dtype: "float64" }),
    w2: values([4, 2]),
    b2: values([2]),
  };
  const graph = modelGraph(net, params, spec(["batch", 3], "float64"));
  // Units 0 and 1 have no way in: 2 (0 - 1) / sqrt(1 + eps) + 0.25 < 0 and 2 (0 + 1) / sqrt(2 + eps) + 0.25 > 0.
  const mask = { w1: bool("001100110011", [3, 4]) };
  const exact = compact(graph, mask);
  expect(exact.report).toMatchObject({ removedUnits: 3, constantUnits: 1 });
  expect(shapes(exact.graph)).toMatchObject({
    w1: [3, 1],
    mean: [1],
    variance: [1],
    scale: [1],
    shift: [1],
    w2: [1, 2],
  });
  expectSameBits(graph, mask, exact.graph, values([5, 3]));
  const folded = compact(graph, { w1: bool("101110111011", [3, 4]) }, { constants: "fold" });
  expect(folded.report).toMatchObject({ removedUnits: 2, foldedUnits: 1, constantUnits: 0 });
  const total = 2 / Math.sqrt(2 + 1e-5) + 0.25;
  const w2 = params.w2.toArray() as number[][];
  const b2 = params.b2.toArray() as number[];
  const found = folded.graph.constants.b2 as HostTensor;
  const expected = b2.map((b, j) => b + total * (w2[1]?.[j] as number));
  (found.toArray() as number[]).forEach((x, j) => expect(x).toBeCloseTo(expected[j] as number, 14));
});

test("sums without a bias get one when constants are folded", () => {
  const net = (p: Params, x: Tensor): Tensor => matmul(sigmoid(matmul(x, at(p, "w1"))), at(p, "w2"));
  const params = { w1: values([2, 3]), w2: values([3, 2]) };
  const graph = modelGraph(net, params, spec(["batch", 2], "float64"));
  const mask = { w1: bool("011011", [2, 3]) };
  const { graph: folded, report } = compact(graph, mask, { constants: "fold" });
  expect(report.foldedUnits).toBe(1);
  expect(folded.nodes.map(({ op }) => op)).toEqual(["matmul", "sigmoid", "matmul", "add"]);
  const expected = run(applyMaskToGraph(graph, mask), values([4, 2]));
  run(folded, values([4, 2])).forEach((x, i) => expect(x).toBeCloseTo(expected[i] as number, 14));
});

test("a residual branch that was cut through is replaced by what it adds", () => {
  const net = (p: Params, x: Tensor): Tensor => {
    const stem = matmul(x, at(p, "stem"));
    const branch = add(matmul(relu(matmul(stem, at(p, "first"))), at(p, "second")), at(p, "bias"));
    return matmul(add(stem, branch), at(p, "out"));
  };
  const params = {
    stem: values([2, 3]),
    first: values([3, 4]),
    second: values([4, 3]),
    bias: values([3]),
    out: values([3, 2]),
  };
  const graph = modelGraph(net, params, spec(["batch", 2], "float64"));
  const mask = { second: bool("0".repeat(12), [4, 3]) };
  const { graph: smaller, report } = compact(graph, mask);
  expect(smaller.nodes.map(({ op }) => op)).toEqual(["matmul", "add", "matmul"]);
  expect(report.parameters).toEqual({ before: 39, after: 15 });
  expectSameBits(graph, mask, smaller, values([3, 2]));
});

test("branches that are cut through and meet: the sum keeps its shape", () => {
  const net = (p: Params, x: Tensor): Tensor =>
    add(add(matmul(x, at(p, "w1")), at(p, "b1")), add(matmul(x, at(p, "w2")), at(p, "b2")));
  const params = { w1: values([3, 2]), b1: values([2]), w2: values([3, 2]), b2: values([2], 2) };
  const graph = modelGraph(net, params, spec(["batch", 3], "float64"));
  const mask = { w1: bool("000000", [3, 2]), w2: bool("000000", [3, 2]) };
  const { graph: smaller } = compact(graph, mask);
  expect(smaller.outputs.map(({ value }) => smaller.types[value]?.shape)).toEqual([["batch", 2]]);
  expectSameBits(graph, mask, smaller, values([4, 3]));
});

test("a constant output of an op with a second result that nothing reads", () => {
  const net = (p: Params, x: Tensor): Tensor => maxPool2d(conv2d(x, at(p, "w"), { bias: at(p, "b") }), { kernel: 2 });
  const params = { w: values([2, 1, 1, 1]), b: values([2]) };
  const graph = modelGraph(net, params, spec(["batch", 1, 2, 2], "float64"));
  const mask = { w: bool("00", [2, 1, 1, 1]) };
  for (const constants of ["exact", "fold"] as const) {
    expectSameBits(graph, mask, compact(graph, mask, { constants }).graph, values([2, 1, 2, 2]));
  }
});

test("along axes of unknown length: sums of constants grow with them, sums of zeros do not", () => {
  const net = (p: Params, x: Tensor): Tensor => {
    const cut = sum(relu(add(matmul(x, at(p, "w1")), at(p, "b1"))), 1);
    return matmul(add(cut, sum(matmul(x, at(p, "w2")), 1)), at(p, "out"));
  };
  const params = {
    w1: values([3, 2]),
    b1: tensor([1, 2], { dtype: "float64" }),
    w2: values([3, 2]),
    out: values([2, 2]),
  };
  const mask = { w1: bool("000000", [3, 2]) };
  const graph = modelGraph(net, params, spec(["batch", "length", 3], "float64"));
  for (const constants of ["exact", "fold"] as const) {
    expectSameBits(graph, mask, compact(graph, mask, { constants }).graph, values([2, 5, 3]));
  }
  const single = (p: Params, x: Tensor): Tensor => matmul(sum(relu(matmul(x, at(p, "w1"))), 1), at(p, "out"));
  const plain = modelGraph(single, { w1: params.w1, out: params.out }, spec(["batch", "length", 3], "float64"));
  const one = { w1: bool("101010", [3, 2]) };
  const { graph: smaller, report } = compact(plain, one);
  expect(report.removedUnits).toBe(1);
  expectSameBits(plain, one, smaller, values([2, 5, 3]));
});

test("a reshape that lays different constants along the batch", () => {
  const net = (p: Params, x: Tensor): Tensor => {
    const cut = reshape(add(matmul(x, at(p, "w1")), at(p, "b1")), [-1, 2]);
    return matmul(add(cut, reshape(matmul(x, at(p, "w2")), [-1, 2])), at(p, "out"));
  };
  const b1 = tensor([1, 1, 2, 2], { dtype: "float64" });
  const params = { w1: values([3, 4]), b1, w2: values([3, 4]), out: values([2, 2]) };
  const graph = modelGraph(net, params, spec(["batch", 3], "float64"));
  const mask = { w1: bool("0".repeat(12), [3, 4]) };
  for (const constants of ["exact", "fold"] as const) {
    expectSameBits(graph, mask, compact(graph, mask, { constants }).graph, values([3, 3]));
  }
});

test("weights that are stretched along the batch are no weights of units", () => {
  const weight = values([3, 2]);
  const graph = trace(
    (x: Tensor) => matmul(x, broadcastTo(weight, [x.shape[0] as number, 3, 2])),
    spec(["batch", 1, 3], "float64"),
  );
  expectSameBits(graph, {}, compact(graph).graph, values([4, 1, 3]));
});

test("a masked bias that takes up folded terms is kept from then on", () => {
  const net = (p: Params, x: Tensor): Tensor =>
    matmul(tanh(add(matmul(relu(add(matmul(x, at(p, "w1")), at(p, "b1"))), at(p, "w2")), at(p, "b2"))), at(p, "out"));
  const params = {
    w1: values([2, 2]),
    b1: tensor([1, 2], { dtype: "float64" }),
    w2: values([2, 2]),
    b2: values([2]),
    out: values([2, 1]),
  };
  const graph = modelGraph(net, params, spec(["batch", 2], "float64"));
  const mask = { w1: bool("0101", [2, 2]), b2: bool("01", [2]) };
  const done = compact(graph, mask, { constants: "fold" });
  expect(done.report.foldedUnits).toBe(1);
  expect(done.mask.b2?.toArray()).toEqual([true, true]);
  assertSparse(done.graph.constants, done.mask);
  expectSameBits(done.graph, done.mask, done.graph, values([3, 2]));
});

test("weights on the left, transposed, sliced and reshaped are followed", () => {
  const net = (p: Params, x: Tensor): Tensor => {
    const hidden = relu(matmul(at(p, "w1"), transpose(x))); // [5, batch], weights [out, in]
    const part = slice(hidden, [1], [5]); // units 1 to 4
    const turned = reshape(transpose(part), [x.shape[0] as number, 2, 2]);
    return matmul(reshape(turned, [x.shape[0] as number, 4]), transpose(at(p, "w2")));
  };
  const params = { w1: values([5, 3]), w2: values([2, 4]) };
  const graph = modelGraph(net, params, spec(["batch", 3], "float64"));
  const mask = { w2: bool("00110011", [2, 4]) };
  const { graph: smaller } = compact(graph, mask);
  // Units 1 and 2 are dead; unit 0 is cut away by the slice.
  expect(shapes(smaller)).toEqual({ w1: [2, 3], w2: [2, 2] });
  expectSameBits(graph, mask, smaller, values([4, 3]));
});

test("what is not followed stays as it is", () => {
  const net = (p: Params, x: Tensor): Tensor => matmul(cumsum(matmul(x, at(p, "w1")), 1), at(p, "w2"));
  const graph = modelGraph(net, { w1: values([2, 3]), w2: values([3, 2]) }, spec(["batch", 2], "float64"));
  const mask = { w2: bool("110011", [3, 2]) };
  const { graph: smaller, report } = compact(graph, mask);
  expect(shapes(smaller)).toEqual(shapes(graph));
  expect(report).toMatchObject({ removedUnits: 0, effectiveDensity: 4 / 6 });
  expectSameBits(graph, mask, smaller, values([2, 2]));
});

test("-0: a bias of -0 behind a cut unit, and a constant of -0 in a sum", () => {
  const net = (p: Params, x: Tensor): Tensor => {
    const hidden = add(matmul(x, at(p, "w1")), at(p, "b1"));
    return mul(add(matmul(hidden, at(p, "w2")), at(p, "b2")), at(p, "scale"));
  };
  const params = {
    w1: tensor([
      [1, 0, -2],
      [0, 0, 1],
    ]),
    b1: tensor([0, -0, 0]),
    w2: tensor([
      [0, 1],
      [1, -1],
      [0, 0],
    ]),
    b2: tensor([-0, -0]),
    scale: tensor([-1, 1]),
  };
  const graph = modelGraph(net, params, spec(["batch", 2]));
  const mask = { w1: bool("101001", [2, 3]) };
  const { graph: smaller, report } = compact(graph, mask);
  expect(report.removedUnits).toBe(2);
  for (const input of [
    tensor([
      [1, 2],
      [-1, 0],
    ]),
    tensor([[0, -0]]),
    tensor([[-0, -0]]),
  ]) {
    expectSameBits(graph, mask, smaller, input);
  }
});

test("without a mask the zeros of the weights count", () => {
  const masked = applyMaskToGraph(tinyGraph, { w2: bool("11110100", [4, 2]) });
  const { graph, report } = compact(masked);
  expect(shapes(graph).w1).toEqual([3, 3]);
  expect(report).toMatchObject({ directDensity: 17 / 20, effectiveDensity: 14 / 20 });
});

test("a vector that two layers share does not tie their units together", () => {
  const net = (p: Params, x: Tensor): Tensor =>
    matmul(relu(add(matmul(relu(add(matmul(x, at(p, "a")), at(p, "bias"))), at(p, "b")), at(p, "bias"))), at(p, "c"));
  const params = { a: values([2, 3]), b: values([3, 3]), c: values([3, 1]), bias: values([3]) };
  const graph = modelGraph(net, params, spec(["batch", 2], "float64"));
  const mask = { c: bool("011", [3, 1]) };
  const { graph: smaller } = compact(graph, mask);
  expect(shapes(smaller)).toEqual({ a: [2, 3], b: [3, 2], c: [2, 1], bias: [3], bias_1: [2] });
  expectSameBits(graph, mask, smaller, values([2, 2]));
});

test("bad input", () => {
  const code = (run: () => unknown) => expect(run);
  code(() => compact(tinyGraph, { nope: bool("1", [1]) })).toThrow(
    expect.objectContaining({ code: "E_MASK", tensor: "nope" }),
  );
  code(() => compact(tinyGraph, { w1: bool("1", [1]) })).toThrow(
    expect.objectContaining({ code: "E_MASK", tensor: "w1" }),
  );
  code(() => compact(tinyGraph, {}, { constants: "round" as "fold" })).toThrow(
    expect.objectContaining({ code: "E_OPTION" }),
  );
  code(() => compact(tinyGraph, {}, { inputs: "drop" as "keep" })).toThrow(
    expect.objectContaining({ code: "E_OPTION" }),
  );
  code(() => compact({} as Graph)).toThrow(expect.objectContaining({ code: "E_GRAPH" }));
  const none = modelGraph((p: Params, x: Tensor) => add(x, at(p, "b")), { b: values([2]) }, spec([2], "float64"));
  code(() => compact(none)).toThrow(expect.objectContaining({ code: "E_EMPTY" }));
});

test("zeros whose sign depends on the input are no constants", () => {
  const input = tensor([
    [-0, -1],
    [-0, 1],
  ]);
  const weight = {
    w: tensor([
      [1, 1],
      [1, 1],
    ]),
    scale: tensor([0, 0]),
    minusZero: tensor([-0, -0]),
  };
  const scaled = (p: Params, x: Tensor): Tensor => add(x, mul(matmul(x, at(p, "w")), at(p, "scale")));
  const shifted = (p: Params, x: Tensor): Tensor =>
    add(x, add(mul(matmul(x, at(p, "w")), at(p, "scale")), at(p, "minusZero")));
  for (const net of [scaled, shifted]) {
    const graph = modelGraph(net, weight, spec(["batch", 2]));
    expect(run(graph, input).slice(0, 1)).toEqual([-0]);
    expectSameBits(graph, {}, compact(graph, {}).graph, input);
  }
});

test("a bias that is read twice is not changed", () => {
  const net = (p: Params, x: Tensor): Tensor => {
    const hidden = relu(add(matmul(x, at(p, "w1")), at(p, "b1")));
    return add(add(matmul(hidden, at(p, "w2")), at(p, "b2")), at(p, "b2"));
  };
  const params = {
    w1: values([2, 3]),
    b1: tensor([1, 1, 1], { dtype: "float64" }),
    w2: values([3, 2]),
    b2: values([1, 2]),
  };
  const graph = modelGraph(net, params, spec(["batch", 2], "float64"));
  const mask = { w1: bool("011011", [2, 3]) };
  const { graph: folded, report } = compact(graph, mask, { constants: "fold" });
  expect(report.foldedUnits).toBe(1);
  expect(folded.constants.b2?.toArray()).toEqual(params.b2.toArray());
  const expected = run(applyMaskToGraph(graph, mask), values([4, 2]));
  run(folded, values([4, 2])).forEach((x, i) => expect(x).toBeCloseTo(expected[i] as number, 14));
});

test("a unit that is left of a cut layer is silent, although what kept it at 0 is gone", () => {
  // Hidden unit 0 is the constant 1; behind it relu(1 * -2 + 1) = 0, the only unit of its layer; it has a weight of 5 behind it.
  const net = (p: Params, x: Tensor): Tensor => {
    const first = relu(add(matmul(x, at(p, "w1")), at(p, "b1")));
    const second = relu(
      add(matmul(first, p.turned === undefined ? at(p, "w2") : transpose(at(p, "turned"))), at(p, "b2")),
    );
    return matmul(second, at(p, "w3"));
  };
  const params = {
    w1: tensor([
      [0, 1],
      [0, 1],
    ]),
    b1: tensor([1, 0]),
    b2: tensor([1]),
    w3: tensor([[5, -5]]),
  };
  for (const second of [{ w2: tensor([[-2], [0]]) }, { turned: tensor([[-2, 0]]) }]) {
    const all = { ...params, ...second };
    const graph = modelGraph(net, all, spec(["batch", 2]));
    for (const constants of ["exact", "fold"] as const) {
      const { graph: smaller, report } = compact(graph, undefined, { constants });
      expectSameBits(
        graph,
        {},
        smaller,
        tensor([
          [1, 2],
          [0, -1],
        ]),
      );
      expect(report).toMatchObject({ effectiveDensity: 0, constantOutputs: ["output"] });
      expect(smaller.constants.w3?.toArray()).toEqual([[0, 0]]);
    }
  }
});
