import type { Kernels, LayerCall } from "../../src/kernels/kernels.ts";
import type { Conv2d, DepthwiseConv2d } from "../../src/network/layer.ts";
import type { Network } from "../../src/network/network.ts";
import { type Quantization, requantizationOf } from "../../src/network/quantization.ts";
import { codeMap, randomCodes } from "../../test/kernels/int8/layers.ts";
import { networkOf } from "../../test/kernels/oneLayer.ts";
import { naiveInt8Convolution } from "./naiveInt8.ts";
import { type Shape, outputSize } from "./shapes.ts";

export const input: Quantization = { scale: 0.05, zeroPoint: -3 };
export const output: Quantization = { scale: 0.1, zeroPoint: 4 };

/** A shape, and codes for it. */
export interface Int8Case {
  readonly shape: Shape;
  readonly x: Int8Array;
  readonly weights: Int8Array;
  /** One for all channels, so that sums fill the codes. */
  readonly weightScale: number;
}

export function int8CaseOf(shape: Shape): Int8Case {
  const { size, inputs, outputs, kernel, kind } = shape;
  const terms = kernel * kernel * (kind === "conv2d" ? inputs : 1);
  return {
    shape,
    x: randomCodes(size * size * inputs, 1),
    weights: randomCodes(outputs * terms, 2, -127),
    weightScale: (output.scale / input.scale) * (1 / (73 * Math.sqrt(terms))),
  };
}

function networkOfCase({ shape, weights, weightScale }: Int8Case): Network {
  const { kind, size, inputs, outputs, kernel, stride } = shape;
  const pad = Math.floor(kernel / 2);
  const common = {
    name: "layer",
    inputs: ["x"],
    output: "y",
    kernel: [kernel, kernel],
    strides: [stride, stride],
    dilations: [1, 1],
    padBefore: [pad, pad],
    padAfter: [pad, pad],
    weights,
    bias: new Int32Array(outputs),
    clamp: { min: -128, max: 127 },
    requantization: requantizationOf(input.scale, new Float32Array(outputs).fill(weightScale), output.scale),
  } as const;
  const layer: Conv2d | DepthwiseConv2d =
    kind === "conv2d" ? { ...common, kind, groups: 1 } : { ...common, kind, depthMultiplier: 1 };
  const out = outputSize(shape);
  return networkOf(
    [
      codeMap("x", [size, size, inputs], input.scale, input.zeroPoint),
      codeMap("y", [out, out, outputs], output.scale, output.zeroPoint),
    ],
    [layer],
  );
}

/** Something to measure, and what it computed. */
export interface Int8Runner {
  readonly run: () => unknown;
  readonly result: () => Promise<Int8Array>;
}

/** Our kernels, for the first `rows` rows of the output. */
export function ours(
  factory: (network: Network, bytes: number) => Kernels,
  one: Int8Case,
  rows: number = outputSize(one.shape),
): Int8Runner {
  const { shape, x } = one;
  const out = outputSize(shape);
  const address = Math.ceil(x.length / 16) * 16;
  const kernels = factory(networkOfCase(one), address + out * out * shape.outputs);
  const codes = new Int8Array(kernels.arena.buffer, kernels.arena.byteOffset, kernels.arena.byteLength);
  codes.set(x);
  const call: LayerCall = {
    rowStart: 0,
    rowEnd: Math.min(rows, out),
    columnStart: 0,
    columnEnd: out,
    inputs: [{ address: 0, top: 0, left: 0, rowCells: shape.size }],
    output: { address, top: 0, left: 0, rowCells: out },
  };
  return { run: () => kernels.run(0, call), result: async () => codes.slice(address) };
}

/** As `ours`, the plain loop. */
export function naive({ shape, x, weights, weightScale }: Int8Case, rows: number = outputSize(shape)): Int8Runner {
  const y = new Int8Array(outputSize(shape) ** 2 * shape.outputs);
  const factor = (input.scale * weightScale) / output.scale;
  return {
    run: () =>
      naiveInt8Convolution(shape, { x, weights, y, factor, from: input.zeroPoint, to: output.zeroPoint, rows }),
    result: async () => y,
  };
}
