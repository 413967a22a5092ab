import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Backend,
  type Graph,
  type Tensor,
  add,
  conv2d,
  dequantize,
  freeze,
  interpret,
  quantize,
  random,
  spec,
  tensor,
  trace,
} from "../../../../src/index.ts";
import { onnxruntime } from "../../../../src/backends/onnxruntime/index.ts";
import { decodeModel } from "../../../../src/formats/onnx/decode.ts";
import { readOnnx, writeOnnx } from "../../../../src/formats/onnx/index.ts";
import { assertAllClose } from "../../../../src/testing/index.ts";

const image = spec(["batch", 2, 5, 5], "float32", "x");
const weight = random.normal(random.key(1), [3, 2, 3, 3]);
const vector = tensor([1, -2, 3]);
const operators = (graph: Graph): string[] => decodeModel(writeOnnx(graph)).graph.node.map(({ opType }) => opType);

describe("Conv with a bias for a convolution and an addition", () => {
  test("a vector per channel, as an option, a constant or an input, on either side", () => {
    expect(operators(trace((x: Tensor) => conv2d(x, weight, { bias: vector }), image))).toEqual(["Conv"]);
    const column = tensor([[[1]], [[-2]], [[3]]]);
    expect(operators(trace((x: Tensor) => add(column, conv2d(x, weight)), image))).toEqual(["Conv"]);
    const given = trace((x: Tensor, bias: Tensor) => conv2d(x, weight, { bias }), image, spec([3], "float32", "b"));
    expect(operators(given)).toEqual(["Conv"]);
  });

  test("nothing is joined that is no bias, or where the convolution is read elsewhere", () => {
    const other = (bias: Tensor): string[] => operators(trace((x: Tensor) => add(conv2d(x, weight), bias), image));
    expect(other(tensor(1))).toEqual(["Conv", "Add"]);
    expect(other(tensor([[[1, 2, 3]]]))).toEqual(["Conv", "Add"]);
    const twice = (x: Tensor): Tensor[] => {
      const y = conv2d(x, weight);
      return [y, add(y, tensor([[[1]], [[-2]], [[3]]]))];
    };
    expect(operators(trace(twice, image))).toEqual(["Conv", "Add"]);
  });

  describe("in ONNX Runtime", () => {
    let backend: Backend;
    const folder = mkdtempSync(join(tmpdir(), "bias-"));
    beforeAll(async () => {
      backend = await onnxruntime();
    });
    afterAll(async () => {
      await backend.dispose();
      rmSync(folder, { recursive: true });
    });

    test("computes what the definition says, and comes back with the same bits", async () => {
      const graph = trace((x: Tensor) => conv2d(x, weight, { bias: vector, pads: 1 }), image);
      const x = random.normal(random.key(2), [2, 2, 5, 5]);
      const executable = await backend.compile(graph);
      const expected = interpret(graph, { x })["output"] as Tensor;
      assertAllClose((await executable.run({ x }))["output"] as Tensor, expected, { rtol: 1e-5, atol: 1e-5 });
      await executable.dispose();
      expect(interpret(readOnnx(writeOnnx(graph)), { x })["output"]?.toArray()).toEqual(expected.toArray());
    });

    test("a quantised convolution becomes an integer kernel, its bias among it", async () => {
      const q = { w: quantize(weight, 0.02, 0), b: tensor(Int32Array.of(100, -200, 50)) };
      // Activations in uint8, weights in int8: the pair that has kernels on every processor.
      const bytes = { dtype: "uint8" } as const;
      const layer = (x: Tensor, w: Tensor, b: Tensor): Tensor => {
        const input = dequantize(quantize(x, 0.05, 128, bytes), 0.05, 128);
        const y = conv2d(input, dequantize(w, 0.02, 0), { bias: dequantize(b, 0.05 * 0.02, 0) });
        return quantize(y, 0.1, 128, bytes);
      };
      const specs = [image, spec([3, 2, 3, 3], "int8", "w"), spec([3], "int32", "b")] as const;
      const graph = freeze(trace(layer, ...specs), q);
      const optimizedModelFilePath = join(folder, "optimized.onnx");
      const options = {
        optimizedModelFilePath,
        graphOptimizationLevel: "extended" as const,
        logSeverityLevel: 3 as const,
      };
      const session = await InferenceSession.create(writeOnnx(graph), options);
      await session.release();
      const kernels = decodeModel(readFileSync(optimizedModelFilePath)).graph.node.map(({ opType }) => opType);
      expect(kernels).toEqual(["QuantizeLinear", "QLinearConv"]);
      const x = random.normal(random.key(3), [1, 2, 5, 5]);
      const executable = await backend.compile(graph);
      const found = (await executable.run({ x }))["output"] as Tensor;
      await executable.dispose();
      const codes = (interpret(graph, { x })["output"] as Tensor).dataSync();
      // An integer kernel rounds in another place: one step.
      found.dataSync().forEach((code, i) => expect(Math.abs(Number(code) - Number(codes[i]))).toBeLessThanOrEqual(1));
    });
  });
});
