import type { Kernels, LayerCall } from "../../src/kernels/kernels.ts";
import type { Conv2d, DepthwiseConv2d } from "../../src/network/layer.ts";
import type { Network } from "../../src/network/network.ts";
import { floatMap, networkOf, randomFloats } from "../../test/kernels/oneLayer.ts";
import { type ConvolutionCase, naiveConvolution } from "./naive.ts";
import { type Shape, outputSize } from "./shapes.ts";

/** Random numbers for a shape. */
export function caseOf(shape: Shape): ConvolutionCase {
  const { size, inputs, outputs, kernel, kind } = shape;
  return {
    shape,
    x: randomFloats(size * size * inputs, 1),
    weights: randomFloats(outputs * kernel * kernel * (kind === "conv2d" ? inputs : 1), 2),
    // A bias is a node of its own in our programs, so that onnxruntime would have one node more.
    bias: new Float32Array(outputs),
  };
}

function networkOfShape({ shape, weights, bias }: ConvolutionCase): Network {
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
    bias,
    clamp: { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY },
  } as const;
  const layer: Conv2d | DepthwiseConv2d =
    kind === "conv2d" ? { ...common, kind, groups: 1 } : { ...common, kind, depthMultiplier: 1 };
  return networkOf(
    [floatMap("x", size, size, inputs), floatMap("y", outputSize(shape), outputSize(shape), outputs)],
    [layer],
  );
}

/** Something to measure, and what it computes. */
export interface Runner {
  readonly run: () => unknown;
  readonly result: () => Promise<Float32Array>;
}

/** Our kernels; `run` computes the first `rows` rows of the output only. */
export function ours(
  factory: (network: Network, bytes: number) => Kernels,
  one: ConvolutionCase,
  rows?: number,
): Runner {
  const { shape, x } = one;
  const out = outputSize(shape);
  const address = Math.ceil((4 * x.length) / 16) * 16;
  const kernels = factory(networkOfShape(one), address + 4 * out * out * shape.outputs);
  const floats = new Float32Array(kernels.arena.buffer, kernels.arena.byteOffset, kernels.arena.byteLength / 4);
  floats.set(x);
  const call: LayerCall = {
    rowStart: 0,
    rowEnd: out,
    columnStart: 0,
    columnEnd: out,
    inputs: [{ address: 0, top: 0, left: 0, rowCells: shape.size }],
    output: { address, top: 0, left: 0, rowCells: out },
  };
  const part = { ...call, rowEnd: rows ?? out };
  return {
    run: () => kernels.run(0, part),
    result: async () => {
      kernels.run(0, call);
      return floats.slice(address / 4);
    },
  };
}

/** As `ours`, the plain loop. */
export function naive(one: ConvolutionCase, rows: number): Runner {
  const out = outputSize(one.shape);
  const y = new Float32Array(out ** 2 * one.shape.outputs);
  return {
    run: () => naiveConvolution(one, y, rows),
    result: async () => {
      naiveConvolution(one, y, out);
      return y;
    },
  };
}
