import { tensor } from "../../tensor/create.ts";
import { type DType, dtypes } from "../../tensor/dtype.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { normalizeAxis, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { applyOne } from "../applyOne.ts";
import { full } from "../movement/index.ts";
import { type Operand, operand, operands } from "../operand.ts";
import { dequantizeRecord, quantizeRecord } from "./quantizeRecords.ts";

export interface QuantizeOptions {
  /**
   * The axis that scales belong to, counted from the end when negative: scale and zero point then have the shape
   * `[length of the axis]`. Default: one scalar for the whole tensor.
   */
  readonly axis?: number;
  /**
   * So many neighbours along the axis share a scale: scale and zero point then have the shape of x with the axis
   * divided by this. Default: every index of the axis has its own.
   */
  readonly blockSize?: number;
}

/** A zero point as a tensor; a plain number serves every scale. */
function zeroPoints(op: string, value: Operand, scale: Tensor, dtype: DType): Tensor {
  if (typeof value !== "number") return operand(value);
  const { min, max, packed } = dtypes[dtype];
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new ArgumentError({
      op,
      argument: "zeroPoint",
      expected: `a whole number in [${min}, ${max}] for ${dtype}`,
      found: String(value),
    });
  }
  // Packed values cannot be broadcast; the others may be as many as a dimension that is not known yet.
  if (!packed) return full(scale.shape, value, { dtype });
  return tensor(new Array<number>(sizeOf(scale.shape)).fill(value), { dtype, shape: scale.shape });
}

/**
 * `saturate(round(x / scale) + zeroPoint)` with halves rounded to even, as int8, uint8, int4, uint4 or int2. x and
 * scale have one float dtype, in which the quotient is taken; the zero point has the dtype of the result (a plain
 * number adapts to `dtype`, int8 by default). NaN gives the zero point.
 *
 * @throws ShapeError when scale or zero point do not fit `axis` and `blockSize`; ArgumentError when `blockSize` does
 *   not divide the axis.
 * @example quantize(tensor([0.24, 10]), 0.1, 3) // int8 [5, 103]
 */
export function quantize(
  x: Operand,
  scale: Operand,
  zeroPoint: Operand,
  options: QuantizeOptions & { readonly dtype?: DType } = {},
): Tensor {
  const [value, divisor] = operands(x, scale) as [Tensor, Tensor];
  const { axis, blockSize = 0 } = options;
  const zeros = zeroPoints("quantize", zeroPoint, divisor, options.dtype ?? "int8");
  return applyOne(quantizeRecord, [value, divisor, zeros], {
    axis: axis === undefined ? null : normalizeAxis("quantize", axis, value.rank),
    blockSize,
    dtype: options.dtype ?? zeros.dtype,
  });
}

/**
 * `(q - zeroPoint) * scale` in the dtype of the scale (float32 for a plain number): the way back from `quantize`.
 * q may also be int32 (a bias); the zero point has its dtype.
 */
export function dequantize(q: Operand, scale: Operand, zeroPoint: Operand = 0, options: QuantizeOptions = {}): Tensor {
  const value = operand(q);
  const factor = operand(scale);
  const { axis, blockSize = 0 } = options;
  const zeros = zeroPoints("dequantize", zeroPoint, factor, value.dtype);
  return applyOne(dequantizeRecord, [value, factor, zeros], {
    axis: axis === undefined ? null : normalizeAxis("dequantize", axis, value.rank),
    blockSize,
    dtype: factor.dtype,
  });
}
