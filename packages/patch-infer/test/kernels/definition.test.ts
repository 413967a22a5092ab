import { describe, expect, test } from "vitest";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../src/kernels/wasmKernels.ts";
import type { Conv2d, DepthwiseConv2d, Layer } from "../../src/network/layer.ts";
import type { FeatureMap } from "../../src/network/network.ts";
import { type Cells, type RunLayerOptions, floatMap, networkOf, runLayer } from "./oneLayer.ts";

const free = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
const window = { strides: [1, 1], dilations: [1, 1], padBefore: [0, 0], padAfter: [0, 0] } as const;
const names = { name: "layer", inputs: ["in"], output: "out" } as const;

describe.each([
  ["typescript", typescriptKernels],
  ["wasm", wasmKernels],
] as const)("%s", (_engine, factory) => {
  function run(
    layer: Layer,
    maps: readonly FeatureMap[],
    inputs: readonly number[][],
    options?: RunLayerOptions,
  ): number[] {
    const cells = inputs.map((values): Cells => Float32Array.from(values));
    return Array.from(runLayer(factory, networkOf(maps, [layer]), cells, options));
  }

  test("the padding of a chain of convolutions belongs to each of them (worked example in one dimension)", () => {
    const x = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0];
    const conv = (stride: number, before: number, weights: number[], bias: number): Conv2d => ({
      ...names,
      ...window,
      kind: "conv2d",
      kernel: [1, 3],
      strides: [1, stride],
      padBefore: [0, before],
      padAfter: [0, 1],
      groups: 1,
      weights: Float32Array.from(weights),
      bias: Float32Array.of(bias),
      clamp: free,
    });
    const middle = run(conv(2, 0, [1, -2, 1], 1), [floatMap("in", 1, 16, 1), floatMap("out", 1, 8, 1)], [x]);
    expect(middle).toEqual([1, 1, 6, 1, -4, 1, 1, 5]);
    const end = run(conv(1, 1, [0.5, 1, -1], 0), [floatMap("in", 1, 8, 1), floatMap("out", 1, 8, 1)], [middle]);
    expect(end).toEqual([0, -4.5, 5.5, 8, -4.5, -2, -3.5, 5.5]);
  });

  test("a sum starts from the bias and takes products in the order of rows, columns, channels", () => {
    // 2^24 + 1 is no float32: what is added to 2^24 alone is lost.
    const big = 2 ** 24;
    const layer = (bias: number, weights: number[]): Conv2d => ({
      ...names,
      ...window,
      kind: "conv2d",
      kernel: [2, 2],
      groups: 1,
      weights: Float32Array.from(weights),
      bias: Float32Array.of(bias),
      clamp: free,
    });
    const maps = [floatMap("in", 2, 2, 2), floatMap("out", 1, 1, 1)];
    const ones = [1, 1, 1, 1, 1, 1, 1, 1];
    expect(run(layer(big, [1, 1, 1, 1, 1, 1, 1, 1]), maps, [ones])).toEqual([big]);
    expect(run(layer(0, [1, 1, 1, 1, 1, 1, 1, big]), maps, [ones])).toEqual([big + 8]);
    // 2 + 2^24, then 1 at a time: a tie goes to the even neighbour, 2^24 + 4, and stays there.
    expect(run(layer(0, [1, 1, big, 1, 1, 1, 1, 1]), maps, [ones])).toEqual([big + 4]);
    expect(run(layer(0, [1, 1, 1, 1, big, 1, -big, 1]), maps, [ones])).toEqual([5]);
  });

  test("a product is rounded before it is added", () => {
    const a = Math.fround(1 + 2 ** -12);
    const layer: DepthwiseConv2d = {
      ...names,
      ...window,
      kind: "depthwiseConv2d",
      kernel: [1, 1],
      depthMultiplier: 1,
      weights: Float32Array.of(a),
      bias: Float32Array.of(-1),
      clamp: free,
    };
    // (1 + 2^-12)^2 - 1 = 2^-11 + 2^-24, whose last part a fused operation would keep.
    expect(run(layer, [floatMap("in", 1, 1, 1), floatMap("out", 1, 1, 1)], [[a]])).toEqual([2 ** -11]);
  });

  test("taps outside the image take no part: neither infinite weights nor -0 show", () => {
    const layer: Conv2d = {
      ...names,
      ...window,
      kind: "conv2d",
      kernel: [3, 3],
      padBefore: [1, 1],
      padAfter: [1, 1],
      groups: 1,
      weights: Float32Array.from([Infinity, Infinity, Infinity, Infinity, 1, Infinity, Infinity, Infinity, NaN]),
      bias: Float32Array.of(-0),
      clamp: free,
    };
    expect(run(layer, [floatMap("in", 1, 1, 1), floatMap("out", 1, 1, 1)], [[2]])).toEqual([2]);
    expect(run(layer, [floatMap("in", 1, 1, 1), floatMap("out", 1, 1, 1)], [[-0]])).toEqual([-0]);
  });

  test("a window that sees nothing but padding gives the bias, 0 or -Infinity", () => {
    const deep = { ...window, kernel: [1, 2], dilations: [1, 5], padBefore: [0, 3], padAfter: [0, 3] } as const;
    const maps = [floatMap("in", 1, 1, 1), floatMap("out", 1, 2, 1)];
    const weights = Float32Array.of(2, 3);
    const bias = Float32Array.of(7);
    expect(run({ ...names, ...deep, kind: "conv2d", groups: 1, weights, bias, clamp: free }, maps, [[1]])).toEqual([
      7, 7,
    ]);
    const depthwise = {
      ...names,
      ...deep,
      kind: "depthwiseConv2d",
      depthMultiplier: 1,
      weights,
      bias,
      clamp: free,
    } as const;
    expect(run(depthwise, maps, [[1]])).toEqual([7, 7]);
    expect(run({ ...names, ...deep, kind: "maxPool2d", clamp: free }, maps, [[1]])).toEqual([-Infinity, -Infinity]);
    const average = { ...names, ...deep, kind: "averagePool2d", countIncludePad: false, clamp: free } as const;
    expect(run(average, maps, [[1]])).toEqual([0, 0]);
  });

  test("clamps keep NaN and the sign of 0", () => {
    const layer: Layer = { ...names, kind: "unary", fn: "clamp", clamp: { min: 0, max: 6 } };
    const maps = [floatMap("in", 1, 1, 5), floatMap("out", 1, 1, 5)];
    expect(run(layer, maps, [[NaN, -0, -1, 7, 3]])).toEqual([NaN, -0, 0, 6, 3]);
  });

  test("the maximum of cells with NaN is NaN, wherever it stands", () => {
    const pool = { ...names, ...window, kind: "maxPool2d", kernel: [1, 2], clamp: free } as const;
    const maps = [floatMap("in", 1, 3, 1), floatMap("out", 1, 2, 1)];
    expect(run(pool, maps, [[1, NaN, 2]])).toEqual([NaN, NaN]);
    const maximum: Layer = { ...names, inputs: ["in", "b"], kind: "binary", fn: "maximum", clamp: free };
    const three = [floatMap("in", 1, 1, 3), floatMap("b", 1, 1, 3), floatMap("out", 1, 1, 3)];
    expect(
      run(maximum, three, [
        [NaN, 1, -0],
        [1, NaN, 0],
      ]),
    ).toEqual([NaN, NaN, 0]);
  });

  test("average pools divide by the cells inside the image or by the window", () => {
    const maps = [floatMap("in", 2, 2, 1), floatMap("out", 2, 2, 1)];
    const pool = (countIncludePad: boolean): Layer => ({
      ...names,
      ...window,
      kind: "averagePool2d",
      kernel: [2, 2],
      padAfter: [1, 1],
      countIncludePad,
      clamp: free,
    });
    expect(run(pool(false), maps, [[1, 2, 3, 6]])).toEqual([3, 4, 4.5, 6]);
    expect(run(pool(true), maps, [[1, 2, 3, 6]])).toEqual([3, 2, 2.25, 1.5]);
  });

  test.each([
    ["mean", [2, 3]],
    ["sum", [8, 12]],
    ["max", [4, 9]],
  ] as const)("global %s", (fn, expected) => {
    const maps = [floatMap("in", 2, 2, 2), floatMap("out", 1, 1, 2)];
    const layer: Layer = { ...names, kind: "globalPool", fn, clamp: free };
    expect(run(layer, maps, [[1, 1, 4, 9, 2, -2, 1, 4]])).toEqual(expected);
  });

  test("a transposed convolution gives each cell the products that fall on it", () => {
    const layer: Layer = {
      ...names,
      kind: "convTranspose2d",
      kernel: [1, 3],
      strides: [1, 2],
      dilations: [1, 1],
      padBefore: [0, 1],
      padAfter: [0, 0],
      groups: 1,
      weights: Float32Array.of(1, 10, 100),
      bias: Float32Array.of(0.5),
      clamp: free,
    };
    // Cells 1, 2: 1 10 100 . . + . . 2 20 200, without the first.
    expect(run(layer, [floatMap("in", 1, 2, 1), floatMap("out", 1, 4, 1)], [[1, 2]])).toEqual([
      10.5, 102.5, 20.5, 200.5,
    ]);
  });

  test("a convolution adds to its output: its own clamp, the sum, the clamp of the addition", () => {
    const conv: Conv2d = {
      ...names,
      ...window,
      kind: "conv2d",
      kernel: [1, 1],
      groups: 1,
      weights: Float32Array.of(2),
      bias: Float32Array.of(0),
      clamp: { min: 0, max: 5 },
    };
    const add: Layer = {
      name: "add",
      kind: "binary",
      fn: "add",
      inputs: ["out", "old"],
      output: "sum",
      clamp: { min: -10, max: 7 },
    };
    const maps = [
      floatMap("in", 1, 3, 1),
      floatMap("out", 1, 3, 1),
      floatMap("old", 1, 3, 1),
      floatMap("sum", 1, 3, 1),
    ];
    const result = runLayer(factory, networkOf(maps, [conv, add]), [Float32Array.of(-3, 1, 9)], {
      before: Float32Array.of(-20, 1, 4),
      accumulate: true,
    });
    expect(Array.from(result)).toEqual([-10, 3, 7]);
  });
});
