import { describe, expect, test } from "vitest";
import { PatchInferError } from "../../../src/base/errors.ts";
import { typescriptKernels } from "../../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../../src/kernels/wasmKernels.ts";
import type { AveragePool2d, Binary, Conv2d, Layer, Unary } from "../../../src/network/layer.ts";
import type { FeatureMap } from "../../../src/network/network.ts";
import { additionRequantization, requantizationOf, unaryTable } from "../../../src/network/quantization.ts";
import { floatMap, networkOf, runLayer } from "../oneLayer.ts";
import { codeMap, unscaled } from "./layers.ts";

const engines = [typescriptKernels, wasmKernels];
const all = { min: -128, max: 127 };

function expectCodes(
  layer: Layer,
  maps: readonly FeatureMap[],
  input: readonly number[],
  codes: readonly number[],
): void {
  for (const factory of engines) {
    expect([...runLayer(factory, networkOf(maps, [layer]), [Int8Array.from(input)])]).toEqual(codes);
  }
}

function row(values: readonly number[], options: Partial<Conv2d> = {}): Conv2d {
  return {
    kind: "conv2d",
    name: "layer",
    inputs: ["x"],
    output: "y",
    kernel: [1, values.length],
    strides: [1, 1],
    dilations: [1, 1],
    padBefore: [0, 0],
    padAfter: [0, 0],
    groups: 1,
    weights: Int8Array.from(values),
    bias: Int32Array.of(0),
    clamp: all,
    requantization: unscaled(1),
    ...options,
  };
}

describe("convolutions", () => {
  test("the chain of two: each layer pads by itself", () => {
    // y1 = conv(x, [1, -2, 1], bias 1, stride 2, one cell of padding behind), y2 = conv(y1, [0.5, 1, -1], padding on both
    // sides); codes of y1 are twice its values less 3, so that padding is not the code 0.
    const x = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0];
    const first = row([1, -2, 1], {
      strides: [1, 2],
      padAfter: [0, 1],
      bias: Int32Array.of(1),
      requantization: requantizationOf(1, [1], 0.5),
    });
    const halves = codeMap("y", [1, 8, 1], 0.5, -3);
    const y1 = [1, 1, 6, 1, -4, 1, 1, 5].map((value) => 2 * value - 3);
    expectCodes(first, [codeMap("x", [1, 16, 1], 1, 0), halves], x, y1);
    const second = row([1, 2, -2], {
      padBefore: [0, 1],
      padAfter: [0, 1],
      requantization: requantizationOf(0.5, [0.5], 0.25),
    });
    const y2 = [0, -4.5, 5.5, 8, -4.5, -2, -3.5, 5.5].map((value) => 4 * value + 1);
    expectCodes(second, [{ ...halves, name: "x" }, codeMap("y", [1, 8, 1], 0.25, 1)], y1, y2);
  });

  test("sums are rounded twice, halves away from zero at the end", () => {
    const maps = [codeMap("x", [1, 8, 1], 1, 0), codeMap("y", [1, 8, 1], 1, 0)];
    const input = [-6, -3, -2, -1, 1, 2, 3, 6];
    // A half: the product is rounded upwards, nothing is left for the second rounding.
    expectCodes(row([1], { requantization: requantizationOf(1, [0.5], 1) }), maps, input, [-3, -1, -1, 0, 1, 1, 2, 3]);
    // A quarter: 1 -> 0.5 -> 1 (rounded up), then 1 / 2 -> 1; -1 -> 0; 2 -> 1 -> 1, -2 -> -1 -> -1.
    expectCodes(row([1], { requantization: requantizationOf(1, [0.25], 1) }), maps, input, [-2, -1, -1, 0, 1, 1, 1, 2]);
  });

  test("factors above 1 and channels that are always 0", () => {
    const maps = [codeMap("x", [1, 3, 1], 1, 0), codeMap("y", [1, 3, 2], 1, 5)];
    const weights = Int8Array.of(1, 1);
    const layer = row([1], {
      weights,
      bias: Int32Array.of(0, 0),
      requantization: requantizationOf(1, [3, 2 ** -25], 1),
    });
    expectCodes(layer, maps, [-100, 7, 100], [-128, 5, 26, 5, 127, 5]);
  });

  test("sums far beyond all codes", () => {
    const channels = 600;
    const maps = [codeMap("x", [1, 1, channels], 1, -128), codeMap("y", [1, 1, 2], 1, 100)];
    const weights = new Int8Array(2 * channels).fill(127, 0, channels).fill(-127, channels);
    const layer = row([1], { weights, bias: Int32Array.of(0, 0), requantization: unscaled(2) });
    expectCodes(layer, maps, new Array<number>(channels).fill(127), [127, -128]);
    const scaled = { ...layer, requantization: requantizationOf(1, [0.3, 0.3], 1) };
    expectCodes(scaled, maps, new Array<number>(channels).fill(127), [127, -128]);
  });

  test("a sum that 32 bits cannot hold is refused", () => {
    const channels = 2 ** 31 / (255 * 127);
    const fits = Math.floor(channels);
    for (const [count, refused] of [
      [fits, false],
      [fits + 1, true],
    ] as const) {
      const maps = [codeMap("x", [1, 1, count], 1, -128), codeMap("y", [1, 1, 1])];
      const layer = row([1], { weights: new Int8Array(count).fill(127) });
      for (const factory of engines) {
        const prepare = (): unknown => factory(networkOf(maps, [layer]), 16);
        if (refused) expect(prepare).toThrowError(expect.objectContaining({ code: "BAD_MODEL", layer: "layer" }));
        else expect(prepare).not.toThrow();
      }
    }
  });
});

describe("average pools", () => {
  const pool = (countIncludePad: boolean): AveragePool2d => ({
    kind: "averagePool2d",
    name: "layer",
    inputs: ["x"],
    output: "y",
    kernel: [1, 3],
    strides: [1, 1],
    dilations: [1, 1],
    padBefore: [0, 1],
    padAfter: [0, 1],
    countIncludePad,
    clamp: all,
  });
  const maps = [codeMap("x", [1, 4, 1], 0.1, -10), codeMap("y", [1, 4, 1], 0.1, -10)];

  test("at the border they divide by the cells inside", () => {
    // (1 + 2) / 2 = 1.5 -> 2; (1 + 2 - 4) / 3; (2 - 4 - 5) / 3 = -2.33; (-4 - 5) / 2 = -4.5 -> -5.
    expectCodes(pool(false), maps, [1, 2, -4, -5], [2, 0, -2, -5]);
  });

  test("or by all, padding being zero points", () => {
    // (-10 + 1 + 2) / 3 = -2.33; ...; (-4 - 5 - 10) / 3 = -6.33.
    expectCodes(pool(true), maps, [1, 2, -4, -5], [-2, 0, -2, -6]);
  });

  test("a window of padding only is the zero point", () => {
    const layer = { ...pool(false), kernel: [1, 1] as const };
    const wide = codeMap("y", [1, 6, 1], 0.1, -10);
    expectCodes(layer, [maps[0] as FeatureMap, wide], [1, 2, -4, -5], [-10, 1, 2, -4, -5, -10]);
  });
});

test("quantize rounds halves to even and NaN to the zero point, dequantize is exact", () => {
  const floats = floatMap("x", 1, 3, 5);
  const codes = codeMap("y", [1, 3, 5], 0.5, 3);
  const quantize = { kind: "convert" as const, name: "layer", inputs: ["x"], output: "y" };
  const values = [0.25, 0.75, 1.25, -0.25, -0.75, 1e9, -1e9, Infinity, -Infinity, NaN, 62, 62.26, -65.5, -0, 0.24];
  const wanted = [3, 5, 5, 3, 1, 127, -128, 127, -128, 3, 127, 127, -128, 3, 3];
  for (const factory of engines) {
    const network = networkOf([floats, codes], [quantize]);
    expect([...runLayer(factory, network, [Float32Array.from(values)])]).toEqual(wanted);
    const back = networkOf(
      [
        { ...codes, name: "x" },
        { ...floats, name: "y" },
      ],
      [quantize],
    );
    const results = runLayer(factory, back, [Int8Array.from(wanted)]);
    expect([...results]).toEqual(wanted.map((code) => (code - 3) * 0.5));
  }
});

test("tables: sigmoid with the scale that TFLite gives it", () => {
  const table = unaryTable(
    (x) => 1 / (1 + Math.exp(-x)),
    { scale: 0.1, zeroPoint: 0 },
    { scale: 1 / 256, zeroPoint: -128 },
  );
  const layer: Unary = { kind: "unary", name: "layer", fn: "sigmoid", inputs: ["x"], output: "y", clamp: all, table };
  const maps = [codeMap("x", [1, 1, 5], 0.1, 0), codeMap("y", [1, 1, 5], 1 / 256, -128)];
  // 256 / (1 + e^12.8) = 0.0007, 256 / (1 + e^1) = 68.85, 128, 187.15, 255.999.
  expectCodes(layer, maps, [-128, -10, 0, 10, 127], [-128, -59, 0, 59, 127]);
});

describe("layers that cannot be run are refused", () => {
  const x = codeMap("x", [1, 1, 1], 0.5, 1);
  const y = codeMap("y", [1, 1, 1], 0.5, 1);
  const add: Binary = { kind: "binary", name: "layer", fn: "add", inputs: ["x"], output: "y", clamp: all };
  const constant = { constant: Int8Array.of(3), constantScale: 0.5, constantZeroPoint: 1 };
  const { requantization: _, ...withoutFactors } = row([1]);
  const { zeroPoint: _zeroPoint, ...withoutZeroPoint } = x;
  const { scale: _scale, ...withoutScale } = y;
  const bad: readonly [string, Layer, readonly FeatureMap[], string][] = [
    ["no factors", withoutFactors, [x, y], "BAD_MODEL"],
    [
      "too few factors",
      row([1], { weights: Int8Array.of(1, 1), bias: Int32Array.of(0, 0) }),
      [x, codeMap("y", [1, 1, 2])],
      "BAD_MODEL",
    ],
    ["no zero point", row([1]), [withoutZeroPoint, y], "BAD_MODEL"],
    ["an addition without factors", { ...add, ...constant }, [x, y], "BAD_MODEL"],
    [
      "an addition without a second operand",
      { ...add, requantization: additionRequantization(1, 1, 1) },
      [x, y],
      "BAD_MODEL",
    ],
    ["a maximum of different scales", { ...add, fn: "maximum", ...constant }, [x, { ...y, scale: 0.25 }], "BAD_MODEL"],
    [
      "a maximum with a constant of another scale",
      { ...add, fn: "maximum", ...constant, constantScale: 1 },
      [x, y],
      "BAD_MODEL",
    ],
    [
      "a quotient",
      { ...add, fn: "div", ...constant, requantization: additionRequantization(1, 1, 1) },
      [x, y],
      "UNSUPPORTED_OP",
    ],
    [
      "no table",
      { kind: "unary", name: "layer", fn: "tanh", inputs: ["x"], output: "y", clamp: all },
      [x, y],
      "BAD_MODEL",
    ],
    [
      "a short table",
      { kind: "convert", name: "layer", inputs: ["x"], output: "y", table: new Int8Array(255) },
      [x, y],
      "BAD_MODEL",
    ],
    [
      "no scale",
      { kind: "convert", name: "layer", inputs: ["x"], output: "y" },
      [floatMap("x", 1, 1, 1), withoutScale],
      "BAD_MODEL",
    ],
  ];
  for (const [what, layer, maps, code] of bad) {
    test(what, () => {
      for (const factory of engines) {
        try {
          factory(networkOf(maps, [layer]), 64);
          expect.unreachable();
        } catch (error) {
          expect(error).toBeInstanceOf(PatchInferError);
          expect(error).toMatchObject({ code, layer: "layer" });
        }
      }
    });
  }
});
