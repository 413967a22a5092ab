import {
  add,
  cast,
  clip,
  dequantize,
  div,
  equal,
  full,
  matmul,
  max,
  maximum,
  min,
  minimum,
  mul,
  neg,
  quantize,
  reshape,
  round,
  sub,
  where,
} from "../../../../ops/index.ts";
import { isSymbolicDim, plainDim } from "../../../../ops/traced.ts";
import { type DType, dtypes } from "../../../../tensor/dtype.ts";
import { fromLanes } from "../../../../tensor/lanes.ts";
import { normalizeAxis, sizeOf } from "../../../../tensor/shape.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";
import { convolve } from "./convolution.ts";

interface Placement {
  readonly scale: Tensor;
  readonly zeroPoint: Tensor;
  readonly options: { readonly axis?: number; readonly blockSize?: number };
}

/**
 * Scale and zero point of an operator with one or both: a scalar (also as one element), a vector along `axis`, or blocks
 * along it (opset 21).
 */
function placement(context: NodeContext, x: Tensor, scale: Tensor, zeroPoint: Tensor): Placement {
  const blockSize = context.attributes.int("block_size", 0);
  const single = scale.rank === 0 || (scale.rank === 1 && plainDim(scale.shape[0]) === 1 && blockSize === 0);
  if (single && !isAxisOfOne(context, x, scale)) {
    return { scale: reshape(scale, []), zeroPoint: reshape(zeroPoint, []), options: {} };
  }
  const axis = normalizeAxis(context.node.opType, context.attributes.int("axis", 1), x.rank);
  return { scale, zeroPoint, options: blockSize > 0 ? { axis, blockSize } : { axis } };
}

/** A vector of one element along an axis of length 1 means the same either way; the axis form keeps round trips exact. */
function isAxisOfOne(context: NodeContext, x: Tensor, scale: Tensor): boolean {
  if (scale.rank !== 1 || !context.attributes.has("axis")) return false;
  const axis = context.attributes.int("axis");
  return plainDim(x.shape.at(axis)) === 1;
}

/** As many zero points as scales. Those of less than 8 bits cannot be broadcast; they stand one by one. */
function zeros(scale: Tensor, dtype: DType): Tensor {
  if (!dtypes[dtype].packed) return full(scale.shape, 0, { dtype });
  const shape = scale.shape.map((dim) => (isSymbolicDim(dim) ? unsupported("scales of an unknown number") : dim));
  return fromLanes(dtype, shape, new Array<number>(sizeOf(shape)).fill(0));
}

const quantizeReader: OperatorReader = (context) => {
  const given = context.tensor(0);
  const scale = context.tensor(1);
  const x = cast(given, scale.dtype);
  const named = context.attributes.int("output_dtype", 0);
  const dtype = context.has(2) ? context.dtype(2) : named === 0 ? "uint8" : context.elementType(named);
  const zeroPoint = context.optional(2) ?? zeros(scale, dtype);
  const own = placement(context, x, scale, zeroPoint);
  return quantize(x, own.scale, own.zeroPoint, { ...own.options, dtype });
};

const dequantizeReader: OperatorReader = (context) => {
  const q = context.tensor(0);
  const scale = context.tensor(1);
  const own = placement(context, q, scale, context.optional(2) ?? zeros(scale, q.dtype));
  return dequantize(q, own.scale, own.zeroPoint, own.options);
};

/** uint8 with a scale taken from the values, whose range is widened to hold 0. */
const dynamicQuantize: OperatorReader = (context) => {
  const x = context.tensor(0);
  const low = minimum(min(x), 0);
  const range = div(sub(maximum(max(x), 0), low), 255);
  const scale = where(equal(range, 0), 1, range);
  const zeroPoint = cast(clip(round(div(neg(low), scale)), 0, 255), "uint8");
  return [quantize(x, scale, zeroPoint, { dtype: "uint8" }), scale, zeroPoint];
};

/** Whole numbers less their zero point, which is one for all or one per row or column (`axis`). */
function shifted(context: NodeContext, index: number, zeroIndex: number, dtype: DType, axis: number): Tensor {
  const x = cast(context.tensor(index), dtype);
  const zero = context.optional(zeroIndex);
  if (zero === undefined) return x;
  const wide = cast(zero, dtype);
  if (zero.rank === 0) return sub(x, wide);
  if (zero.rank > 1) return sub(x, wide);
  const shape = x.shape.map((_, i) => (i === axis || i === axis + x.rank ? (zero.shape[0] as number) : 1));
  return sub(x, reshape(wide, shape));
}

const matmulInteger: OperatorReader = (context) =>
  matmul(shifted(context, 0, 2, "int32", -2), shifted(context, 1, 3, "int32", -1));

/** Sums of products of bytes are exact in float64. */
const convInteger: OperatorReader = (context) =>
  cast(convolve(context, shifted(context, 0, 2, "float64", 1), shifted(context, 1, 3, "float64", 0)), "int32");

/** The real values of a quantised operand: (x, scale, zero point) at three positions; vectors belong to `axis`. */
function real(context: NodeContext, index: number, axis: number): Tensor {
  const [q, scale, zeroPoint] = [context.tensor(index), context.tensor(index + 1), context.tensor(index + 2)];
  return dequantize(q, ...parameters(q, scale, zeroPoint, axis));
}

function parameters(
  x: Tensor,
  scale: Tensor,
  zeroPoint: Tensor,
  axis: number,
): [scale: Tensor, zeroPoint: Tensor, options: { readonly axis?: number }] {
  if (scale.rank === 0 || plainDim(scale.shape[0]) === 1) return [reshape(scale, []), reshape(zeroPoint, []), {}];
  if (scale.rank !== 1) return invalid("expected one scale, or one per row or column");
  const length = plainDim(zeroPoint.shape[0] ?? 1);
  const zero =
    length === plainDim(scale.shape[0]) ? zeroPoint : add(reshape(zeroPoint, [1]), zeros(scale, zeroPoint.dtype));
  return [scale, zero, { axis: axis < 0 ? axis + x.rank : axis }];
}

function quantized(context: NodeContext, y: Tensor, index: number): Tensor {
  const zeroPoint = context.tensor(index + 1);
  const [scale, zero, options] = parameters(y, context.tensor(index), zeroPoint, -2);
  return quantize(y, scale, zero, { ...options, dtype: zeroPoint.dtype });
}

/** As quantize(dequantize(a) dequantize(b)): the form that engines turn into integer kernels. */
const qLinearMatmul: OperatorReader = (context) =>
  quantized(context, matmul(real(context, 0, -2), real(context, 3, -1)), 6);

/** The bias is int32 with the scale of x times that of the weight. */
const qLinearConv: OperatorReader = (context) => {
  const y = convolve(context, real(context, 0, 1), real(context, 3, 0));
  if (!context.has(8)) return quantized(context, y, 6);
  const scale = mul(context.tensor(1), context.tensor(4));
  const bias = context.tensor(8);
  const real64 = mul(cast(bias, "float64"), cast(scale, "float64"));
  const vector = reshape(cast(real64, y.dtype), [...bias.shape, ...y.shape.slice(2).map(() => 1)]);
  return quantized(context, add(y, vector), 6);
};

/** Operators over whole numbers that stand for real ones. */
export const quantization: OperatorTable = {
  QuantizeLinear: quantizeReader,
  DequantizeLinear: dequantizeReader,
  DynamicQuantizeLinear: dynamicQuantize,
  MatMulInteger: matmulInteger,
  ConvInteger: convInteger,
  QLinearMatMul: qLinearMatmul,
  QLinearConv: qLinearConv,
};
