import { type Graph, type Tensor, HostTensor, spec, tensor, trace } from "@parsimony/core-tensor";
import * as ops from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import type { Conv2d, LayerOf, MaxPool2d } from "../../src/network/layer.ts";
import { expectSame, kinds } from "./compare.ts";
import { generator } from "./randomGraphs.ts";

const next = generator(17);

function noise(...shape: number[]): HostTensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return new HostTensor(
    "float32",
    shape,
    Float32Array.from({ length: count }, () => next() * 2 - 1),
  );
}

/** A program of one image [1, channels, 6, 5]. */
function program(channels: number, body: (x: Tensor) => Tensor): Graph {
  return trace(({ x }: { x: Tensor }) => ({ y: body(x) }), { x: spec([1, channels, 6, 5], "float32") });
}

function lowered(channels: number, body: (x: Tensor) => Tensor): ReturnType<typeof toNetwork> {
  const graph = program(channels, body);
  const network = toNetwork(graph);
  const [name] = graph.inputs as [string];
  expectSame(network, graph, { [name]: noise(1, channels, 6, 5) });
  return network;
}

const weight = noise(4, 3, 3, 3);

describe("what follows a convolution becomes part of it", () => {
  test("bias and relu", () => {
    const bias = noise(4, 1, 1);
    const network = lowered(3, (x) => ops.relu(ops.add(ops.conv2d(x, weight), bias)));
    expect(kinds(network)).toEqual(["conv2d"]);
    const [layer] = network.layers as [Conv2d];
    expect([...layer.bias]).toEqual([...bias.dataSync()]);
    expect(layer.clamp).toEqual({ min: 0, max: Infinity });
  });

  test("weights stand as [out, height, width, in], depthwise ones as [height, width, channels]", () => {
    const network = lowered(3, (x) => ops.conv2d(x, weight));
    const [layer] = network.layers as [Conv2d];
    const at = (o: number, y: number, x: number, i: number): unknown => layer.weights[((o * 3 + y) * 3 + x) * 3 + i];
    expect(at(2, 1, 0, 2)).toBe(weight.dataSync()[((2 * 3 + 2) * 3 + 1) * 3]);
    const own = noise(6, 1, 2, 2);
    const [depthwise] = lowered(3, (x) => ops.conv2d(x, own, { groups: 3 })).layers as [LayerOf<"depthwiseConv2d">];
    expect(depthwise.depthMultiplier).toBe(2);
    expect(depthwise.weights[(1 * 2 + 0) * 6 + 5]).toBe(own.dataSync()[(5 * 2 + 1) * 2]);
  });

  test("relu6, clip and a second range", () => {
    const network = lowered(3, (x) => ops.maximum(ops.relu6(ops.conv2d(x, weight)), 0.5));
    expect(network.layers).toHaveLength(1);
    expect((network.layers[0] as Conv2d).clamp).toEqual({ min: 0.5, max: 6 });
  });

  test("batch normalisation is multiplied into the weights, and rounded once", () => {
    const [scale, shift] = [noise(4, 1, 1), noise(4, 1, 1)];
    const network = lowered(3, (x) => ops.add(ops.mul(ops.conv2d(x, weight), scale), shift));
    expect(kinds(network)).toEqual(["conv2d"]);
    const [layer] = network.layers as [Conv2d];
    const exact = Number(weight.dataSync()[0]) * Number(scale.dataSync()[0]);
    expect(layer.weights[0]).toBe(Math.fround(exact));
  });

  test("a factor after a range stays", () => {
    const network = lowered(3, (x) => ops.mul(ops.relu(ops.conv2d(x, weight)), noise(4, 1, 1)));
    expect(kinds(network)).toEqual(["conv2d", "binary:mul"]);
  });

  test("nothing that is read elsewhere", () => {
    const network = lowered(3, (x) => {
      const y = ops.conv2d(x, weight);
      return ops.add(ops.relu(y), y);
    });
    expect(kinds(network)).toEqual(["conv2d", "unary:clamp", "binary:add"]);
  });

  test("infinite factors stay", () => {
    const scale = tensor([[[1]], [[Infinity]], [[0]], [[2]]], { dtype: "float32" });
    expect(kinds(toNetwork(program(3, (x) => ops.mul(ops.conv2d(x, weight), scale))))).toEqual([
      "conv2d",
      "binary:mul",
    ]);
  });
});

describe("padding", () => {
  const around = [
    [0, 0],
    [0, 0],
    [1, 2],
    [2, 0],
  ] as const;

  test("zeros before a convolution become its own", () => {
    const network = lowered(3, (x) => ops.conv2d(ops.pad(x, around), weight, { pads: [1, 1, 1, 1] }));
    expect(kinds(network)).toEqual(["conv2d"]);
    expect(network.layers[0]).toMatchObject({ padBefore: [2, 3], padAfter: [3, 1] });
  });

  test("other numbers stay", () => {
    expect(kinds(lowered(3, (x) => ops.conv2d(ops.pad(x, around, { value: 1 }), weight)))).toEqual(["pad", "conv2d"]);
  });

  test("zeros before a max pooling stay, unless no cell is below zero", () => {
    const pool = (x: Tensor): Tensor => ops.maxPool2d(ops.pad(x, around), { kernel: 3 });
    expect(kinds(lowered(3, pool))).toEqual(["pad", "maxPool2d"]);
    const network = lowered(3, (x) => pool(ops.relu(ops.conv2d(x, weight))));
    expect(kinds(network)).toEqual(["conv2d", "maxPool2d"]);
    expect((network.layers[1] as MaxPool2d).padBefore).toEqual([1, 2]);
  });

  test("windows that would lie in the padding alone keep it", () => {
    const far = [
      [0, 0],
      [0, 0],
      [3, 0],
      [0, 0],
    ] as const;
    const network = lowered(3, (x) => ops.maxPool2d(ops.pad(ops.relu(x), far), { kernel: 2 }));
    expect(kinds(network)).toEqual(["unary:clamp", "pad", "maxPool2d"]);
  });

  test("zeros before a mean count", () => {
    const network = lowered(3, (x) =>
      ops.avgPool2d(
        ops.pad(x, [
          [0, 0],
          [0, 0],
          [1, 1],
          [1, 1],
        ]),
        { kernel: 3, strides: 1 },
      ),
    );
    expect(kinds(network)).toEqual(["averagePool2d"]);
    expect(network.layers[0]).toMatchObject({ countIncludePad: true, padBefore: [1, 1] });
  });

  test("channels stay", () => {
    const more = [
      [0, 0],
      [0, 1],
      [0, 0],
      [0, 0],
    ] as const;
    expect(kinds(lowered(2, (x) => ops.conv2d(ops.pad(x, more), weight)))).toEqual(["pad", "conv2d"]);
  });
});

describe("shapes", () => {
  test("a dense layer after flattening takes its weights in the order of memory", () => {
    const dense = noise(4 * 4 * 3, 5);
    const network = lowered(3, (x) => ops.matmul(ops.reshape(ops.conv2d(x, weight), [1, 48]), dense));
    expect(kinds(network)).toEqual(["conv2d", "conv2d"]);
    const input = network.maps[network.layers[1]?.inputs[0] as string];
    expect(input).toMatchObject({ height: 1, width: 1, channels: 48, viewOf: network.layers[0]?.output });
  });

  test("channels first and back move nothing", () => {
    const graph = trace(
      ({ x }: { x: Tensor }) => ({
        y: ops.transpose(ops.conv2d(ops.transpose(x, [0, 3, 1, 2]), weight), [0, 2, 3, 1]),
      }),
      { x: spec([1, 6, 5, 3], "float32") },
    );
    const network = toNetwork(graph);
    expect(kinds(network)).toEqual(["conv2d"]);
    expect(network.inputs[0]).toMatchObject({ layout: "rowMajor", shape: [1, 6, 5, 3] });
    expectSame(network, graph, { [graph.inputs[0] as string]: noise(1, 6, 5, 3) });
  });

  test("squeeze and excitation reads one cell for all", () => {
    const inner = noise(3, 3, 1, 1);
    const network = lowered(3, (x) => {
      const gate = ops.sigmoid(ops.conv2d(ops.mean(x, [2, 3], { keepDims: true }), inner));
      return ops.mul(x, gate);
    });
    expect(kinds(network)).toEqual(["globalPool:mean", "conv2d", "unary:sigmoid", "binary:mul"]);
    const small = network.maps[network.layers[3]?.inputs[1] as string];
    expect(small).toMatchObject({ height: 1, width: 1, channels: 3 });
  });

  test("a constant of other axes is spread over memory", () => {
    expect(kinds(lowered(3, (x) => ops.mul(x, noise(6, 1))))).toEqual(["binary:mul"]);
    expect(kinds(lowered(3, (x) => ops.mul(x, noise(1, 3, 6, 5))))).toEqual(["binary:mul"]);
  });

  test("spatial attention", () => {
    const kernel = noise(1, 2, 3, 3);
    lowered(3, (x) => {
      const both = ops.concat([ops.mean(x, 1, { keepDims: true }), ops.max(x, 1, { keepDims: true })], 1);
      return ops.mul(x, ops.sigmoid(ops.conv2d(both, kernel, { pads: 1 })));
    });
  });

  test("an open batch is 1, and a shuffle of channels is one layer that keeps rows", () => {
    const graph = trace(
      ({ x }: { x: Tensor }) => {
        const apart = ops.reshape(ops.conv2d(x, weight), [-1, 2, 2, 4, 3]);
        return { y: ops.reshape(ops.transpose(apart, [0, 2, 1, 3, 4]), [-1, 4, 4, 3]) };
      },
      { x: spec(["batch", 3, 6, 5], "float32") },
    );
    const network = toNetwork(graph);
    expect(network.inputs[0]?.shape).toEqual([1, 3, 6, 5]);
    expect(kinds(network)).toEqual(["conv2d", "transpose"]);
    expectSame(network, graph, { [graph.inputs[0] as string]: noise(1, 3, 6, 5) });
  });
});
