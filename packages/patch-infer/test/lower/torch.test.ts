import { HostTensor, simplify } from "@parsimony/core-tensor";
import { readOnnx } from "@parsimony/core-tensor/onnx";
import { describe, expect, test } from "vitest";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import type { Network } from "../../src/network/network.ts";
import { expectSame, kinds } from "./compare.ts";
import { readModels } from "./packs.ts";
import { generator } from "./randomGraphs.ts";

// Networks as torch exports them: the layers that they become, and their numbers.

const models = readModels("torch");

const expected: Readonly<Record<string, readonly string[]>> = {
  cnn_13: [
    ...["conv2d", "conv2d", "conv2d", "binary:add", "maxPool2d", "depthwiseConv2d", "unary:hardSwish"],
    ...["globalPool:mean", "conv2d", "conv2d", "binary:mul", "averagePool2d", "conv2d"],
  ],
  mobile_17: [
    ...["conv2d", "conv2d", "depthwiseConv2d", "conv2d", "conv2d", "depthwiseConv2d", "conv2d", "binary:add"],
    ...["globalPool:mean", "conv2d", "softmax"],
  ],
  convs_11: ["conv2d", "unary:silu", "convTranspose2d", "unary:leakyRelu", "unary:leakyRelu", "averagePool2d"],
  resize_nearest_13: ["resize2d"],
  resize_bilinear_fraction_13: ["resize2d"],
  resize_bilinear_corners_13: ["resize2d"],
  pixelshuffle_13: ["depthToSpace"],
  pixelunshuffle_13: ["spaceToDepth"],
  reflectionpad_13: ["resize2d", "resize2d"],
  constantpad_13: ["pad"],
  glu_13: ["slice", "slice", "unary:sigmoid", "binary:mul"],
  pyramid_13: ["resize2d", "concat", "globalPool:mean"],
};

function inputsOf(network: Network): Record<string, HostTensor> {
  const next = generator(3);
  return Object.fromEntries(
    network.inputs.map(({ name, shape }) => {
      const count = shape.reduce((a, b) => a * b, 1);
      return [
        name,
        new HostTensor(
          "float32",
          shape,
          Float32Array.from({ length: count }, () => next() * 4 - 2),
        ),
      ];
    }),
  );
}

describe("torch", () => {
  test.each(Object.entries(expected))("%s", (name, layers) => {
    const graph = readOnnx(models.get(name) as Uint8Array);
    const network = toNetwork(graph);
    expect(kinds(network)).toEqual(layers);
    expectSame(network, graph, inputsOf(network));
  });

  test.each(["groupnorm_13", "layernorm_13", "instancenorm_13", "cells_13"])("%s is a chain of layers", (name) => {
    const graph = readOnnx(models.get(name) as Uint8Array);
    const network = toNetwork(graph);
    expectSame(network, graph, inputsOf(network));
  });

  test("a simplified program becomes the same layers", () => {
    const graph = readOnnx(models.get("cnn_13") as Uint8Array);
    const network = toNetwork(simplify(graph));
    expect(kinds(network)).toEqual(expected["cnn_13"]);
    expectSame(network, graph, inputsOf(network));
  });

  test("a program with loops is refused with its node", () => {
    const graph = readOnnx(models.get("scripted_13") as Uint8Array);
    const index = graph.nodes.findIndex(({ op }) => op === "scan");
    expect(() => toNetwork(graph)).toThrowError(
      expect.objectContaining({ code: "UNSUPPORTED_OP", index, message: expect.stringContaining("(scan)") }),
    );
  });

  test("all nodes that no layer stands for are named at once", () => {
    const graph = readOnnx(models.get("operators_13") as Uint8Array);
    expect(() => toNetwork(graph)).toThrowError(/\(topK\).*\(isInf\).*\(cumsum\)/);
  });
});

describe("quantised files", () => {
  test.each(["qdq_13", "qdq_19", "qdq_21"])("%s computes with codes between its ends", (name) => {
    const graph = readOnnx(readModels("quantized").get(name) as Uint8Array);
    const network = toNetwork(graph);
    expect(kinds(network)).toEqual([
      ...["convert8", "conv2d8", "maxPool2d8", "conv2d8", "globalPool:mean8", "conv2d8", "conv2d8", "convert"],
    ]);
    // One code of the output is some hundredths.
    expectSame(network, graph, inputsOf(network), 0.03);
  });
});
