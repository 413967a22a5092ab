import { ShapeError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, readLanes } from "../../tensor/lanes.ts";
import { formatShape, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInputs, expectSameDType } from "../checks.ts";
import { type Operand, operands } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import type { ConvWeightGradAttributes } from "../vocabulary.ts";
import { checkDivisible } from "./conv2d.ts";
import { multiplyPacked, packLeft, packRight } from "./gemm.ts";
import { packWindows } from "./im2col.ts";
import { checkGeometry, checkGroups, imageDims, windowOutput } from "./window.ts";

/** The adjoint of conv2d in its weight. */
export const conv2dWeightGradPrimitive: Primitive<ConvWeightGradAttributes> = {
  name: "conv2dWeightGrad",
  infer(inputs, { groups, ...geometry }) {
    const op = "conv2dWeightGrad";
    const [x, dy] = expectInputs(op, inputs, 2) as [ValueType, ValueType];
    expectDType(op, "x", x.dtype, "float");
    expectSameDType(op, "dy", dy.dtype, x.dtype);
    const [batch, channels, height, width] = imageDims(op, "x", x);
    const [, out] = imageDims(op, "dy", dy);
    checkGroups(op, groups);
    checkGeometry(op, geometry);
    checkDivisible(op, "input", channels, groups);
    checkDivisible(op, "output", out, groups);
    const wanted = formatShape([batch, out, ...windowOutput(op, [height, width], geometry)]);
    if (formatShape(dy.shape) !== wanted) {
      throw new ShapeError({ op, argument: "dy", expected: `shape ${wanted}`, found: formatShape(dy.shape) });
    }
    return [{ dtype: x.dtype, shape: [out, channels / groups, ...geometry.kernel] }];
  },
  kernel(inputs, { groups, ...geometry }, [type]) {
    const [x, dy] = inputs as [HostTensor, HostTensor];
    const { dtype, shape } = type as ConcreteType;
    const [out, perGroup] = shape as [number, number, number, number];
    const [batch, channels, ...size] = x.shape as [number, number, number, number];
    const output = dy.shape.slice(2) as [number, number];
    const rows = out / groups;
    const cells = sizeOf(shape.slice(1));
    const positions = output[0] * output[1];
    const image = readLanes(x);
    const cotangent = readLanes(dy);
    const result = new Float64Array(sizeOf(shape));
    const part = new Float64Array(rows * cells);
    for (let n = 0; n < batch; n++) {
      for (let group = 0; group < groups; group++) {
        const offset = (n * channels + group * perGroup) * size[0] * size[1];
        const windows = packWindows({ data: image, offset, channels: perGroup, size }, geometry, output, 1);
        const right = packRight({ data: windows, offset: 0, rowStride: cells, columnStride: 1 }, positions, cells);
        const from = (n * out + group * rows) * positions;
        const left = packLeft(
          { data: cotangent, offset: from, rowStride: positions, columnStride: 1 },
          rows,
          positions,
        );
        multiplyPacked(left, right, rows, positions, cells, part, 0);
        const start = group * rows * cells;
        for (let i = 0; i < part.length; i++) (result[start + i] as number) += part[i] as number;
      }
    }
    return [fromLanes(dtype, shape, result)];
  },
};

/**
 * The derivative of `conv2d` in its weight, contracted with the cotangent of its result: the weight-shaped sum
 * over batch and positions of image window times `dy`. Sums are taken in float64 and rounded once.
 *
 * @param x `[batch, channels, height, width]`
 * @param dy of the shape of `conv2d(x, weight, …)`: `[batch, out, height, width]`
 * @param attributes those of the convolution, explicit, with the height and width of its kernel.
 * @returns `[out, channels / groups, kernel height, kernel width]`
 * @throws ShapeError when dy does not have the shape that the convolution gives.
 */
export function conv2dWeightGrad(x: Operand, dy: Operand, attributes: ConvWeightGradAttributes): Tensor {
  return apply(conv2dWeightGradPrimitive, operands(x, dy), attributes)[0] as Tensor;
}
