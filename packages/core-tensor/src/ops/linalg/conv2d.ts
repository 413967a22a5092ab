import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, newLanes, readLanes } from "../../tensor/lanes.ts";
import { formatShape, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInputs, expectSameDType } from "../checks.ts";
import { add } from "../elementwise/index.ts";
import { reshape } from "../movement/index.ts";
import { type Operand, operand, operands } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import type { ConvAttributes, Pair } from "../vocabulary.ts";
import { columnsPerStrip, multiplyPacked, packLeft } from "./gemm.ts";
import { packWindows } from "./im2col.ts";
import { checkGeometry, checkGroups, imageDims, windowOutput } from "./window.ts";
import { type PadsOption, type PairOption, explicitPads, pair } from "./windowOptions.ts";

/** Refuses channels that cannot be split into `groups` equal parts. */
export function checkDivisible(op: string, what: string, channels: number, groups: number): void {
  if (channels % groups !== 0) {
    throw new ArgumentError({
      op,
      argument: "groups",
      expected: `a divisor of the ${channels} ${what} channels`,
      found: String(groups),
    });
  }
}

/** Cross-correlation of images with kernels, in groups of channels. */
export const conv2dPrimitive: Primitive<ConvAttributes> = {
  name: "conv2d",
  infer(inputs, { groups, ...window }) {
    const [x, weight] = expectInputs("conv2d", inputs, 2) as [ValueType, ValueType];
    expectDType("conv2d", "x", x.dtype, "float");
    expectSameDType("conv2d", "weight", weight.dtype, x.dtype);
    const [batch, channels, height, width] = imageDims("conv2d", "x", x);
    const [out, perGroup, ...kernel] = imageDims("conv2d", "weight", weight);
    const geometry = { ...window, kernel };
    checkGroups("conv2d", groups);
    checkGeometry("conv2d", geometry);
    if (perGroup * groups !== channels || typeof out !== "number") {
      const expected = `[out, ${channels / groups}, height, width] for ${channels} channels in ${groups} groups`;
      throw new ShapeError({ op: "conv2d", argument: "weight", expected, found: formatShape(weight.shape) });
    }
    checkDivisible("conv2d", "output", out, groups);
    return [{ dtype: x.dtype, shape: [batch, out, ...windowOutput("conv2d", [height, width], geometry)] }];
  },
  kernel(inputs, { groups, ...window }, [type]) {
    const [x, weight] = inputs as [HostTensor, HostTensor];
    const { dtype, shape } = type as ConcreteType;
    const [batch, out, ...output] = shape as [number, number, number, number];
    const [, channels, ...size] = x.shape as [number, number, number, number];
    const [, perGroup, ...kernel] = weight.shape as [number, number, number, number];
    const geometry = { ...window, kernel };
    const rows = out / groups;
    const cells = perGroup * kernel[0] * kernel[1];
    const positions = output[0] * output[1];
    const weights = readLanes(weight);
    const image = readLanes(x);
    const lefts = Array.from({ length: groups }, (_, group) =>
      packLeft({ data: weights, offset: group * rows * cells, rowStride: cells, columnStride: 1 }, rows, cells),
    );
    const result = newLanes(dtype, sizeOf(shape));
    for (let n = 0; n < batch; n++) {
      lefts.forEach((left, group) => {
        const offset = (n * channels + group * perGroup) * size[0] * size[1];
        const right = packWindows({ data: image, offset, channels: perGroup, size }, geometry, output, columnsPerStrip);
        multiplyPacked(left, right, rows, cells, positions, result, (n * out + group * rows) * positions);
      });
    }
    return [fromLanes(dtype, shape, result)];
  },
};

export interface Conv2dOptions {
  /** Cells between neighbouring windows. Default 1. */
  readonly strides?: PairOption;
  /** Default 0. */
  readonly pads?: PadsOption;
  /** Cells between neighbouring cells of the kernel. Default 1. */
  readonly dilations?: PairOption;
  /** Parts that the channels are split into, each with kernels of its own. Default 1. */
  readonly groups?: number;
  /** Added to every output channel: shape `[out]`. */
  readonly bias?: Operand;
}

/** y plus one number per channel (axis 1 of four). */
export function addBias(y: Tensor, bias: Operand | undefined): Tensor {
  if (bias === undefined) return y;
  const value = operand(bias, y.dtype);
  return add(y, reshape(value, [value.shape[0] ?? 1, 1, 1]));
}

/**
 * Convolution of images as neural networks use it, that is, cross-correlation:
 * `y[n, o, i, j] = sum_{c, a, b} x[n, c, i s + a d - pad, j s + b d - pad] weight[o, c, a, b]`, zero outside.
 * Sums are taken in float64 and rounded once.
 *
 * @param x `[batch, channels, height, width]`; only the batch may be symbolic.
 * @param weight `[out, channels / groups, kernel height, kernel width]`
 * @returns `[batch, out, floor((height + pads - d (kernel - 1) - 1) / stride) + 1, …]`
 * @throws ShapeError when the shapes or groups do not fit, or the window is larger than the padded image.
 */
export function conv2d(x: Operand, weight: Operand, options: Conv2dOptions = {}): Tensor {
  const [image, kernels] = operands(x, weight) as [Tensor, Tensor];
  const strides = pair(options.strides ?? 1);
  const dilations = pair(options.dilations ?? 1);
  const kernel = kernels.shape.slice(2) as readonly number[] as Pair;
  const pads = explicitPads("conv2d", options.pads ?? 0, image.shape.slice(2), kernel, strides, dilations);
  const y = apply(conv2dPrimitive, [image, kernels], {
    strides,
    pads,
    dilations,
    groups: options.groups ?? 1,
  })[0] as Tensor;
  return addBias(y, options.bias);
}
