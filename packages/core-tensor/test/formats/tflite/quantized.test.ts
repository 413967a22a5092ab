import { type Tensor, interpret, tensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type OperatorSpec, type TensorSpec, buildModel } from "./build.ts";
import { type Image, type Window, along, at } from "./images.ts";
import { evaluate, noise, single } from "./models.ts";

interface Scaled {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** TFLite's rules for int8 (its quantisation specification): whole sums, one real factor per channel, halves away from zero. */
function requantize(sum: number, factor: number, { zeroPoint }: Scaled, low: number): number {
  const scaled = sum * factor;
  const rounded = Math.sign(scaled) * Math.round(Math.abs(scaled));
  return Math.min(Math.max(rounded + zeroPoint, low), 127);
}

interface ConvSpec {
  readonly x: Image;
  readonly input: Scaled;
  readonly weights: Int8Array;
  readonly scales: readonly number[];
  readonly bias: Int32Array;
  readonly output: Scaled;
  readonly relu: boolean;
  readonly window: Window;
}

/** A convolution of whole numbers: weights [out, kh, kw, channels], or [1, kh, kw, channels] where it is depthwise. */
function integerConv({ x, input, weights, scales, bias, output, relu, window }: ConvSpec, depthwise: boolean): Image {
  const [kh, kw] = window.kernel;
  const [height, top] = along(x.height, kh, window.strides[0], 1, window.same);
  const [width, left] = along(x.width, kw, window.strides[1], 1, window.same);
  const data: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let column = 0; column < width; column++) {
      for (let o = 0; o < scales.length; o++) {
        let sum = bias[o] as number;
        for (let ky = 0; ky < kh; ky++) {
          for (let kx = 0; kx < kw; kx++) {
            const [iy, ix] = [y * window.strides[0] - top + ky, column * window.strides[1] - left + kx];
            for (let c = 0; c < (depthwise ? 1 : x.channels); c++) {
              const q = at(x, iy, ix, depthwise ? o : c);
              if (q === undefined) continue;
              const index = depthwise ? (ky * kw + kx) * scales.length + o : ((o * kh + ky) * kw + kx) * x.channels + c;
              sum += (q - input.zeroPoint) * (weights[index] as number);
            }
          }
        }
        const factor = (input.scale * (scales[o] as number)) / output.scale;
        data.push(requantize(sum, factor, output, relu ? output.zeroPoint : -128));
      }
    }
  }
  return { height, width, channels: scales.length, data };
}

const codes = (length: number, seed: number): Int8Array =>
  Int8Array.from(noise(length, seed), (v) => Math.round(v * 127));

const quantization = ({ scale, zeroPoint }: Scaled): Partial<TensorSpec> => ({
  type: "int8",
  scale: [scale],
  zeroPoint: [zeroPoint],
});

const perChannel = (scales: readonly number[], axis: number): Partial<TensorSpec> => ({
  type: "int8",
  scale: scales,
  zeroPoint: scales.map(() => 0),
  quantizedAxis: axis,
});

/** Largest difference in steps of the output. */
function steps(found: Tensor, expected: ArrayLike<number>): number {
  const data = found.dataSync() as Int8Array;
  expect(data.length).toBe(expected.length);
  return data.reduce((most, code, i) => Math.max(most, Math.abs(code - (expected[i] as number))), 0);
}

/**
 * Float32 sums of float32 products lie within 1e-5 of the whole ones; beyond that the two differ only in which way a half
 * is rounded: one step.
 */
const ONE_STEP = 1;

describe("int8", () => {
  /** Convolution, depthwise convolution, average over the image, dense layer: each with scales per channel. */
  test("a small network stays within one step of TFLite's integer rules, layer by layer", async () => {
    const input = { scale: 0.05, zeroPoint: -7 };
    const first = { scale: 0.09, zeroPoint: -128 };
    const second = { scale: 0.21, zeroPoint: 11 };
    const x: Image = { height: 9, width: 8, channels: 3, data: codes(9 * 8 * 3, 1) };
    const convScales = [0.004, 0.011, 0.02, 0.0007];
    const convBias = Int32Array.from([100, -2000, 30, 4000]);
    const convWeights = codes(4 * 9 * 3, 2);
    const depthScales = [0.01, 0.003, 0.02, 0.006];
    const depthBias = Int32Array.from([5, -7, 900, 0]);
    const depthWeights = codes(9 * 4, 3);
    const convWindow: Window = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], same: true };
    const depthWindow: Window = { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], same: true };
    const model = buildModel({
      tensors: [
        { name: "x", shape: [1, 9, 8, 3], ...quantization(input) },
        { name: "w1", shape: [4, 3, 3, 3], data: [...convWeights], ...perChannel(convScales, 0) },
        // The scale that a bias names is not looked at: TFLite adds it to the sums as it is.
        { name: "b1", shape: [4], type: "int32", data: [...convBias], scale: convScales.map((s) => s * 0.05) },
        { name: "y1", shape: [1, 5, 4, 4], ...quantization(first) },
        { name: "w2", shape: [1, 3, 3, 4], data: [...depthWeights], ...perChannel(depthScales, 3) },
        { name: "b2", shape: [4], type: "int32", data: [...depthBias] },
        { name: "y2", shape: [1, 5, 4, 4], ...quantization(second) },
      ],
      inputs: [0],
      outputs: [3, 6],
      operators: [
        {
          op: "CONV_2D",
          inputs: [0, 1, 2],
          outputs: [3],
          options: { padding: 0, strideH: 2, strideW: 2, activation: 1 },
        },
        { op: "DEPTHWISE_CONV_2D", inputs: [3, 4, 5], outputs: [6], options: { padding: 0, strideH: 1, strideW: 1 } },
      ],
    });
    const x0 = tensor(x.data as Int8Array, { shape: [1, 9, 8, 3] });
    // One step between engines too.
    const { y1, y2 } = await evaluate(model, { x: x0 }, { tolerance: 1 });
    const whole = integerConv(
      {
        x,
        input,
        weights: convWeights,
        scales: convScales,
        bias: convBias,
        output: first,
        relu: true,
        window: convWindow,
      },
      false,
    );
    expect(steps(y1 as Tensor, whole.data)).toBeLessThanOrEqual(ONE_STEP);
    // The second layer starts from what the first one really gave.
    const given: Image = { ...whole, data: (y1 as Tensor).dataSync() as Int8Array };
    const next = integerConv(
      {
        x: given,
        input: first,
        weights: depthWeights,
        scales: depthScales,
        bias: depthBias,
        output: second,
        relu: false,
        window: depthWindow,
      },
      true,
    );
    expect(steps(y2 as Tensor, next.data)).toBeLessThanOrEqual(ONE_STEP);
    // And not all of them are at the ends of the range.
    expect(new Set((y2 as Tensor).dataSync() as Int8Array).size).toBeGreaterThan(30);
  });

  test("FULLY_CONNECTED with any scales and zero points", async () => {
    const scaled = fc.record({
      scale: fc.double({ min: 0.001, max: 0.5, noNaN: true }).map(Math.fround),
      zeroPoint: fc.integer({ min: -128, max: 127 }),
    });
    await fc.assert(
      fc.asyncProperty(scaled, scaled, scaled, fc.integer(), async (input, weight, output, seed) => {
        const [x, w] = [codes(16, seed), codes(3 * 16, seed + 1)];
        const bias = Int32Array.from(noise(3, seed + 2), (v) => Math.round(v * 3000));
        const model = single(
          "FULLY_CONNECTED",
          [
            { shape: [1, 16], ...quantization(input) },
            { shape: [3, 16], data: [...w], ...quantization({ ...weight, zeroPoint: 0 }) },
            { shape: [3], type: "int32", data: [...bias] },
          ],
          [quantization(output)],
          {},
        );
        const { y0 } = await evaluate(model, { x0: tensor(x, { shape: [1, 16] }) }, { tolerance: 1 });
        const expected = Array.from(bias, (b, o) => {
          const sum = x.reduce((total, q, k) => total + (q - input.zeroPoint) * (w[o * 16 + k] as number), b);
          return requantize(sum, (input.scale * weight.scale) / output.scale, output, -128);
        });
        expect(steps(y0 as Tensor, expected)).toBeLessThanOrEqual(ONE_STEP);
      }),
      { numRuns: 30 },
    );
  });

  test("the program: dequantize, float op, quantize, under the names of the file", () => {
    const q = quantization({ scale: 0.5, zeroPoint: 3 });
    const model = single(
      "ADD",
      [
        { shape: [2], ...q },
        { shape: [2], ...q },
      ],
      [q],
      { activation: 1 },
    );
    const { nodes, types } = readTflite(model);
    expect(nodes.map(({ op }) => op)).toEqual(["dequantize", "dequantize", "add", "relu", "quantize"]);
    expect(nodes.at(-1)?.outputs).toEqual(["y0"]);
    expect([types["x0"]?.dtype, types["y0"]?.dtype]).toEqual(["int8", "int8"]);
  });

  test("a value that two operators read is dequantised once", () => {
    const q = quantization({ scale: 0.5, zeroPoint: 3 });
    const model = single("MUL", [{ shape: [2], ...q }], [q], {});
    const twice = buildModel({
      tensors: [
        { name: "x", shape: [2], ...q },
        { name: "y", shape: [2], ...q },
      ],
      inputs: [0],
      outputs: [1],
      operators: [{ op: "MUL", inputs: [0, 0], outputs: [1] }],
    });
    expect(readTflite(twice).nodes.map(({ op }) => op)).toEqual(["dequantize", "mul", "quantize"]);
    expect(() => readTflite(model)).toThrow(/expected an input 1, got 1 inputs/);
  });

  /** Operators that only move elements. */
  const moving: readonly [string, readonly TensorSpec[], OperatorSpec["options"]?][] = [
    ["RESHAPE", [{ shape: [1], type: "int32", data: [-1] }]],
    ["TRANSPOSE", [{ shape: [2], type: "int32", data: [1, 0] }]],
    [
      "SLICE",
      [
        { shape: [2], type: "int32", data: [0, 0] },
        { shape: [2], type: "int32", data: [1, -1] },
      ],
    ],
    ["CONCATENATION", [{ shape: [2, 2], type: "int8", data: [1, 2, 3, 4], scale: [0.5], zeroPoint: [3] }], { axis: 0 }],
  ];

  test.each(moving)(
    "%s leaves numbers as they are stored, and goes through floats to another scale",
    async (op, more, options) => {
      const q = quantization({ scale: 0.5, zeroPoint: 3 });
      const other = quantization({ scale: 0.25, zeroPoint: 3 });
      const x0 = tensor(
        [
          [5, 6],
          [7, 8],
        ],
        { dtype: "int8" },
      );
      const kept = readTflite(single(op, [{ shape: [2, 2], ...q }, ...more], [q], options));
      expect(kept.nodes.some((node) => node.op === "dequantize")).toBe(false);
      const moved = readTflite(single(op, [{ shape: [2, 2], ...q }, ...more], [other], options));
      const [first] = (interpret(kept, { x0 })["y0"] as Tensor).dataSync() as Int8Array;
      const [second] = (interpret(moved, { x0 })["y0"] as Tensor).dataSync() as Int8Array;
      expect(first).toBe(5);
      // (5 - 3) * 0.5 = 1 = (7 - 3) * 0.25
      expect(second).toBe(7);
    },
  );

  test("MAX_POOL_2D and RELU give exactly the whole numbers of TFLite", async () => {
    const q = quantization({ scale: 0.3, zeroPoint: -5 });
    const options = { padding: 1, strideH: 1, strideW: 2, filterH: 1, filterW: 2 };
    const x0 = tensor([-128, -7, 3, 2, 127, -5], { shape: [1, 1, 6, 1], dtype: "int8" });
    const pooled = await evaluate(single("MAX_POOL_2D", [{ shape: [1, 1, 6, 1], ...q }], [q], options), { x0 });
    expect([...(pooled["y0"] as Tensor).dataSync()]).toEqual([-7, 3, 127]);
    const rectified = await evaluate(single("RELU", [{ shape: [1, 1, 6, 1], ...q }], [q]), { x0 });
    expect([...(rectified["y0"] as Tensor).dataSync()]).toEqual([-5, -5, 3, 2, 127, -5]);
  });
});

describe("other widths", () => {
  test("uint8 with zero points of weights", async () => {
    const model = single(
      "FULLY_CONNECTED",
      [
        { shape: [1, 2], type: "uint8", scale: [0.5], zeroPoint: [128] },
        { shape: [1, 2], type: "uint8", data: [130, 120], scale: [0.25], zeroPoint: [126] },
        { shape: [1], type: "int32", data: [8] },
      ],
      [{ type: "uint8", scale: [0.125], zeroPoint: [100] }],
      {},
    );
    // (2 * 4 + 12 * -6 + 8) * 0.125 = -7, which is -56 steps of 0.125.
    const { y0 } = await evaluate(model, { x0: tensor([130, 140], { shape: [1, 2], dtype: "uint8" }) });
    expect([y0?.dtype, y0?.toArray()]).toEqual(["uint8", [[44]]]);
  });

  test("weights of int4 are held as int8", () => {
    const model = single(
      "FULLY_CONNECTED",
      [
        { shape: [1, 3] },
        // 1, -2, 7, -8, 0, 3: two to a byte, the first one in the low bits.
        { shape: [2, 3], type: "int4", data: [0xe1, 0x87, 0x30], scale: [0.5, 2], zeroPoint: [0, 0], quantizedAxis: 0 },
      ],
      [{}],
      {},
    );
    const graph = readTflite(model);
    expect(graph.constants["c1"]?.dtype).toBe("int8");
    expect(interpret(graph, { x0: [[1, 10, 100]] })["y0"]?.toArray()).toEqual([[340.5, 584]]);
  });

  test("quantised weights beside float values are computed with as floats", async () => {
    const model = single(
      "CONV_2D",
      [
        { shape: [1, 1, 2, 1] },
        { shape: [1, 1, 1, 1], type: "int8", data: [4], scale: [0.25], zeroPoint: [0] },
        { shape: [1], data: [1] },
      ],
      [{}],
      { padding: 1, strideH: 1, strideW: 1 },
    );
    const { y0 } = await evaluate(model, { x0: tensor([0.1, 5], { shape: [1, 1, 2, 1] }) });
    expect((y0 as Tensor).dataSync()).toEqual(Float32Array.of(1.1, 6));
  });
});

describe("refused", () => {
  const float: TensorSpec = { shape: [1, 2] };
  const weights: TensorSpec = { shape: [1, 2], data: [1, 2] };
  const conv = (weight: Partial<TensorSpec>): Uint8Array =>
    single(
      "CONV_2D",
      [
        { shape: [1, 2, 2, 2], type: "int8", scale: [0.5], zeroPoint: [0] },
        { shape: [2, 1, 1, 2], type: "int8", data: [1, 2, 3, 4], ...weight },
        { shape: [2], type: "int32", data: [1, 2] },
      ],
      [{ type: "int8", scale: [1], zeroPoint: [0] }],
      { padding: 1, strideH: 1, strideW: 1 },
    );

  test.each([
    ["a scale of 0", { scale: [0] }, /expected positive scales, got 0/],
    ["a scale that is no number", { scale: [NaN] }, /expected positive scales, got NaN/],
    ["too few scales", { scale: [1, 1, 1], quantizedAxis: 0 }, /expected 2 scales for axis 0 of \[2, 1, 1, 2\], got 3/],
    ["an axis that is none", { scale: [1, 1], quantizedAxis: 4 }, /expected no scales for axis 4/],
    ["too few zero points", { scale: [1, 1], zeroPoint: [0, 0, 0], quantizedAxis: 0 }, /expected 2 zero points, got 3/],
    ["a zero point outside of int8", { scale: [1], zeroPoint: [128] }, /zero points in \[-128, 127\], got 128/],
    [
      "scales along another axis than the outputs",
      { scale: [1, 2], quantizedAxis: 3 },
      /scales along axis 0, got axis 3/,
    ],
    ["weights without a scale", {}, /operator 0 \(CONV_2D\): input 1 is int8 without a scale/],
  ] as const)("%s", (_title, weight, message) => {
    expect(() => readTflite(conv(weight))).toThrow(message);
  });

  test("a result without a scale", () => {
    expect(() => readTflite(single("FULLY_CONNECTED", [float, weights], [{ type: "int8" }], {}))).toThrow(
      /operator 0 \(FULLY_CONNECTED\): gives float32, but the file says int8 without a scale/,
    );
  });

  test("int16, and quantisation in blocks", () => {
    const model = single(
      "ADD",
      [
        { shape: [1], type: "int16", scale: [1] },
        { shape: [1], details: 2, type: "int8" },
      ],
      [{}],
      {},
    );
    expect(() => readTflite(model)).toThrow(
      /tensor 0 \("x0"\): elements of INT16\n.*tensor 1.*a quantisation in blocks/,
    );
  });
});
