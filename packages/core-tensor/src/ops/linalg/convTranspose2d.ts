import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, readLanes } from "../../tensor/lanes.ts";
import { formatShape, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInputs, expectSameDType } from "../checks.ts";
import { type Operand, operands } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import type { ConvTransposeAttributes, Pads2d } from "../vocabulary.ts";
import { addBias } from "./conv2d.ts";
import { multiplyPacked, packLeft, packRight } from "./gemm.ts";
import { addWindows } from "./im2col.ts";
import { checkGeometry, checkGroups, extent, imageDims } from "./window.ts";
import { type PairOption, pair } from "./windowOptions.ts";

/** The adjoint of conv2d in its image: every input cell stamps a scaled kernel onto the output. */
export const convTranspose2dPrimitive: Primitive<ConvTransposeAttributes> = {
  name: "convTranspose2d",
  infer(inputs, { groups, outputPadding, ...window }) {
    const op = "convTranspose2d";
    const [x, weight] = expectInputs(op, inputs, 2) as [ValueType, ValueType];
    expectDType(op, "x", x.dtype, "float");
    expectSameDType(op, "weight", weight.dtype, x.dtype);
    const [batch, channels, ...size] = imageDims(op, "x", x);
    const [rows, perGroup, ...kernel] = imageDims(op, "weight", weight);
    checkGroups(op, groups);
    checkGeometry(op, { ...window, kernel });
    if (rows !== channels || channels % groups !== 0) {
      const expected = `[${channels}, out / groups, height, width], and groups that divide ${channels}`;
      throw new ShapeError({
        op,
        argument: "weight",
        expected,
        found: `${formatShape(weight.shape)} in ${groups} groups`,
      });
    }
    const output = ([0, 1] as const).map((axis) => {
      const added = outputPadding[axis];
      const limit = Math.max(window.strides[axis], window.dilations[axis]);
      if (!Number.isInteger(added) || added < 0 || added >= limit) {
        throw new ArgumentError({
          op,
          argument: "outputPadding",
          expected: `a whole number in [0, ${limit})`,
          found: String(added),
        });
      }
      const pads = window.pads[axis] + window.pads[(axis + 2) as 2 | 3];
      const length =
        (size[axis] - 1) * window.strides[axis] - pads + extent(kernel[axis], window.dilations[axis]) + added;
      if (length < 0)
        throw new ShapeError({
          op,
          argument: "pads",
          expected: "pads that leave an output",
          found: formatShape(window.pads),
        });
      return length;
    });
    return [{ dtype: x.dtype, shape: [batch, perGroup * groups, ...output] }];
  },
  kernel(inputs, { groups, outputPadding: _, ...window }, [type]) {
    const [x, weight] = inputs as [HostTensor, HostTensor];
    const { dtype, shape } = type as ConcreteType;
    const [batch, out, ...output] = shape as [number, number, number, number];
    const [, channels, ...size] = x.shape as [number, number, number, number];
    const [, perGroup, ...kernel] = weight.shape as [number, number, number, number];
    const depth = channels / groups;
    const cells = perGroup * kernel[0] * kernel[1];
    const positions = size[0] * size[1];
    const weights = readLanes(weight);
    const image = readLanes(x);
    const lefts = Array.from({ length: groups }, (_, group) =>
      packLeft({ data: weights, offset: group * depth * cells, rowStride: 1, columnStride: cells }, cells, depth),
    );
    const result = new Float64Array(sizeOf(shape));
    const columns = new Float64Array(cells * positions);
    for (let n = 0; n < batch; n++) {
      lefts.forEach((left, group) => {
        const offset = (n * channels + group * depth) * positions;
        const right = packRight({ data: image, offset, rowStride: positions, columnStride: 1 }, depth, positions);
        multiplyPacked(left, right, cells, depth, positions, columns, 0);
        const start = (n * out + group * perGroup) * output[0] * output[1];
        addWindows(result, start, perGroup, output, columns, { ...window, kernel }, size);
      });
    }
    return [fromLanes(dtype, shape, result)];
  },
};

export interface ConvTranspose2dOptions {
  /** Output cells between the stamps of neighbouring input cells. Default 1. */
  readonly strides?: PairOption;
  /** Cells cut from the output: a number for all sides or `[top, left, bottom, right]`. Default 0. */
  readonly pads?: number | Pads2d;
  /** Cells between neighbouring cells of the kernel. Default 1. */
  readonly dilations?: PairOption;
  /** Parts that the channels are split into, each with kernels of its own. Default 1. */
  readonly groups?: number;
  /** Rows and columns added at the bottom and right, each below max(stride, dilation). Default 0. */
  readonly outputPadding?: PairOption;
  /** Added to every output channel: shape `[out]`. */
  readonly bias?: Operand;
}

/**
 * Transposed convolution: the adjoint of `conv2d` in its image, used to enlarge images. Sums are taken in
 * float64 and rounded once.
 *
 * @param x `[batch, channels, height, width]`; only the batch may be symbolic.
 * @param weight `[channels, out / groups, kernel height, kernel width]`
 * @returns `[batch, out, (height - 1) stride - pads + d (kernel - 1) + 1 + outputPadding, …]`
 * @throws ShapeError when the shapes or groups do not fit; ArgumentError for an output padding that is too large.
 */
export function convTranspose2d(x: Operand, weight: Operand, options: ConvTranspose2dOptions = {}): Tensor {
  const inputs = operands(x, weight);
  const pads = options.pads ?? 0;
  const y = apply(convTranspose2dPrimitive, inputs, {
    strides: pair(options.strides ?? 1),
    pads: typeof pads === "number" ? [pads, pads, pads, pads] : pads,
    dilations: pair(options.dilations ?? 1),
    groups: options.groups ?? 1,
    outputPadding: pair(options.outputPadding ?? 0),
  })[0] as Tensor;
  return addBias(y, options.bias);
}
