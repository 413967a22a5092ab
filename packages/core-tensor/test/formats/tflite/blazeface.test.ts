import { createHash } from "node:crypto";
import { type Graph, type Tensor, interpret, printGraph, simplify, tensor } from "@parsimony/core-tensor";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { describe, expect, test } from "vitest";
import { readGolden } from "../../support/golden.ts";
import { drawnFace, faceDetection, noise, runOnEngine } from "./models.ts";

interface GoldenOutput {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly largest: number;
  readonly max: number;
  readonly every: number;
  readonly values: readonly number[];
}

type Golden = Readonly<
  Record<string, { readonly sha256: string } & Record<"noise" | "face", Readonly<Record<string, GoldenOutput>>>>
>;

/** From NumPy and PyTorch, in float64 and in the file's layout. */
const golden = readGolden<Golden>(new URL("fixtures/blazeface.json", import.meta.url));

const networks = [
  ["short_range", 128],
  ["full_range", 192],
  ["full_range_sparse", 192],
] as const;

/** Every element, to 1e-4 of `scale`, the root of the mean square of all of them: dozens of float32 layers against float64. */
function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, scale: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs((found[i] as number) - (expected[i] as number));
    if (!(difference <= 1e-4 * scale)) {
      expect.fail(`element ${i}: expected ${expected[i]}, got ${found[i]}`);
    }
  }
}

function expectGolden(
  outputs: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, GoldenOutput>>,
): void {
  expect(Object.keys(outputs)).toEqual(Object.keys(expected));
  for (const [name, { shape, sum, sumOfSquares, largest, max, every, values }] of Object.entries(expected)) {
    const output = outputs[name] as Tensor;
    const data = output.dataSync() as Float32Array;
    expect(output.shape).toEqual(shape);
    const size = Math.sqrt(sumOfSquares / data.length);
    expectClose(
      data.filter((_, i) => i % every === 0),
      values,
      size,
    );
    expect(data.reduce((a, b) => a + b, 0) / data.length).toBeCloseTo(sum / data.length, 4);
    expect(Math.sqrt(data.reduce((a, b) => a + b * b, 0) / data.length) / size).toBeCloseTo(1, 5);
    expect(data[largest]).toBeCloseTo(max, 3);
  }
}

function bytesOf(value: Tensor): Buffer {
  const { buffer, byteOffset, byteLength } = value.dataSync() as Float32Array;
  return Buffer.from(buffer, byteOffset, byteLength);
}

describe.each(networks)("face detection, %s", (which, size) => {
  const file = faceDetection(which);
  const graph: Graph = readTflite(file);
  const [input] = graph.inputs as [string];
  const shape = [1, size, size, 3];
  const images = { noise: noise(size * size * 3, 7), face: drawnFace(size) };

  test("is the file that the fixture was made from", () => {
    expect(createHash("sha256").update(file).digest("hex")).toBe(golden[which]?.sha256);
  });

  test.each(["noise", "face"] as const)("%s: the interpreter agrees with NumPy and PyTorch", (title) => {
    const outputs = interpret(graph, { [input]: tensor(images[title], { shape }) });
    expectGolden(outputs, golden[which]![title]);
  });

  test.each(["noise", "face"] as const)("%s: onnxruntime agrees with NumPy and PyTorch", async (title) => {
    expectGolden(await runOnEngine(graph, { [input]: tensor(images[title], { shape }) }), golden[which]![title]);
  });

  test("comes back from ONNX with the same bits", () => {
    const back = readOnnx(writeOnnx(graph));
    const feeds = { [input]: tensor(images.face, { shape }) };
    const found = interpret(back, feeds);
    for (const [name, expected] of Object.entries(interpret(graph, feeds))) {
      expect(Buffer.compare(bytesOf(found[name] as Tensor), bytesOf(expected)), name).toBe(0);
    }
  });

  test("the drawn face is found: one anchor scores above 0", () => {
    const scores = Object.values(golden[which]!.face).find(({ shape: [, , width] }) => width === 1);
    expect(scores?.max).toBeGreaterThan(1);
  });

  test("inputs and outputs have the file's shapes and names, images are moved only at the borders", () => {
    expect(graph.types[input]).toEqual({ dtype: "float32", shape });
    const moves = graph.nodes.filter(({ op }) => op === "transpose").length;
    expect(moves).toBe({ short_range: 5, full_range: 2, full_range_sparse: 4 }[which]);
    expect(graph.nodes.some(({ op }) => op === "cast" || op === "dequantize")).toBe(false);
    // Nothing is left to simplify, but for two reshapes after one another in the sparse network.
    expect(simplify(graph).nodes.length).toBeGreaterThanOrEqual(graph.nodes.length - 1);
  });
});

test("printed: the first steps of the short-range network", () => {
  const lines = printGraph(readTflite(faceDetection("short_range"))).split("\n");
  const steps = lines.filter((line) => !line.includes("constant")).slice(1, 6);
  expect(steps.map((line) => line.trim())).toMatchInlineSnapshot(`
    [
      "transpose_0: float32[1, 3, 128, 128] = transpose(input) {permutation=[0, 3, 1, 2]}",
      "conv2d_0: float32[1, 24, 64, 64] = conv2d(transpose_0, conv2d/Kernel_dequantize) {strides=[2, 2], pads=[1, 1, 2, 2], dilations=[1, 1], groups=1}",
      "conv2d: float32[1, 24, 64, 64] = add(conv2d_0, conv2d/Bias_dequantize)",
      "activation: float32[1, 24, 64, 64] = relu(conv2d)",
      "conv2d_17: float32[1, 24, 64, 64] = conv2d(activation, depthwise_conv2d/Kernel_dequantize) {strides=[1, 1], pads=[1, 1, 1, 1], dilations=[1, 1], groups=24}",
    ]
  `);
});

test("most weights of the sparse network are zeros", () => {
  const { constants } = readTflite(faceDetection("full_range_sparse"));
  let [zeros, total] = [0, 0];
  for (const { shape, storage } of Object.values(constants)) {
    // Pointwise kernels.
    if (shape.length !== 4 || shape[2] !== 1) continue;
    for (const weight of storage as Float32Array) if (weight === 0) zeros++;
    total += storage.length;
  }
  expect(zeros / total).toBeGreaterThan(0.5);
});
