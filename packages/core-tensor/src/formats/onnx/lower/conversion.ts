import type { OpAttributes, QuantizeAttributes } from "../../../ops/vocabulary.ts";
import { type Dim, divideDims } from "../../../tensor/dims.ts";
import { type DType, dtypes, isFloat } from "../../../tensor/dtype.ts";
import { HostTensor } from "../../../tensor/host.ts";
import { readLanes } from "../../../tensor/lanes.ts";
import { Arithmetic } from "./arithmetic.ts";
import { computedDType } from "./constants.ts";
import type { Emitter } from "./emitter.ts";
import { type LoweringNode, type OnnxLowering, type OnnxLoweringTable, inputType } from "./lowering.ts";
import { broadcastTo, reshape } from "./movement.ts";

const largestInt64 = new HostTensor("int64", [], BigInt64Array.of(2n ** 63n - 1n));

/**
 * Float to whole number as `cast` defines it: towards zero, saturating, NaN to 0. What ONNX `Cast` does outside the
 * range is the machine's choice, so values are brought inside before it.
 */
function saturate(emitter: Emitter, x: string, dtype: DType): string {
  const own = emitter.dtype(x);
  const wide: DType = dtypes[own].bits < 32 ? "float32" : own;
  const a = new Arithmetic(emitter, wide);
  const value = emitter.cast(x, wide);
  const { min, max } = dtypes[dtype];
  const number = a.where(a.isNan(value), 0, value);
  if (dtypes[dtype].bits <= 16 || (dtype === "int32" && wide === "float64")) {
    return emitter.cast(emitter.cast(a.min(a.max(number, min), max), "int32"), dtype);
  }
  // The largest int32 is no float32, nor the largest int64 a float64: the first float above stands for it.
  const above = 2 ** (dtypes[dtype].bits - 1);
  const limit = dtype === "int64" ? emitter.constant(largestInt64) : emitter.scalar(dtype, max);
  const inside = emitter.cast(a.max(a.where(a.less(number, above), number, 0), min), dtype);
  return emitter.emit("Where", [a.less(number, above), inside, limit]);
}

/** Whole number to narrower whole number, modulo 2^bits. */
function narrow(emitter: Emitter, x: string, dtype: DType): string {
  const { bits, min } = dtypes[dtype];
  if (bits >= 8) return emitter.cast(x, dtype);
  const a = new Arithmetic(emitter, "int32");
  const modulo = emitter.emit("Mod", [a.sub(emitter.cast(x, "int32"), min), a.value(2 ** bits)]);
  return emitter.cast(a.add(modulo, min), dtype);
}

const cast: OnnxLowering<OpAttributes["cast"]> = (emitter, node) => {
  const [x = ""] = node.inputs;
  const { dtype } = node.attributes;
  const from = inputType(node).dtype;
  if (from === dtype) return emitter.emit("Identity", [x]);
  const whole = (type: DType): boolean => dtypes[type].kind === "int";
  if (isFloat(from) && whole(dtype)) return saturate(emitter, x, dtype);
  return whole(from) && dtypes[dtype].packed ? narrow(emitter, x, dtype) : emitter.cast(x, dtype);
};

/** Narrow floats as float32: exact, and a quotient then is rounded as the definition says. */
const wideFloat = (dtype: DType): DType => (dtype === "float64" ? "float64" : "float32");

/** A scale or zero point in a shape that broadcasts against x. */
function spread(
  emitter: Emitter,
  parameter: string,
  shape: readonly Dim[],
  { axis, blockSize }: QuantizeAttributes,
): string {
  if (axis === null) return parameter;
  if (blockSize === 0) {
    const column = [shape[axis] as Dim, ...shape.slice(axis + 1).map(() => 1)];
    return column.length === 1 ? parameter : reshape(emitter, parameter, [shape[axis] as Dim], column);
  }
  // [..., blocks, ...] -> [..., blocks, 1, ...] -> [..., blocks, blockSize, ...] -> shape
  const blocks = divideDims(shape[axis] as Dim, blockSize) as Dim;
  const own = shape.map((dim, i) => (i === axis ? blocks : dim));
  const opened = own.toSpliced(axis + 1, 0, 1);
  const repeated = own.toSpliced(axis + 1, 0, blockSize);
  const wide = broadcastTo(emitter, reshape(emitter, parameter, own, opened), opened, repeated);
  return reshape(emitter, wide, repeated, shape);
}

/**
 * Attributes of the ONNX pair; blocks came with opset 21. A scale of shape [1] is one for the whole tensor: ONNX Runtime
 * refuses a size of blocks beside it.
 */
function parameters(emitter: Emitter, node: LoweringNode<QuantizeAttributes>): Record<string, number> {
  const { axis, blockSize } = node.attributes;
  const { shape } = inputType(node, 1);
  if (shape.length === 1 && shape[0] === 1) return {};
  if (blockSize > 0) emitter.require(21, "quantisation in blocks");
  return { ...(axis === null ? {} : { axis }), ...(blockSize > 0 ? { block_size: blockSize } : {}) };
}

const quantize: OnnxLowering<QuantizeAttributes> = (emitter, node) => {
  const [x = "", scale = "", zeroPoint = ""] = node.inputs;
  const { attributes } = node;
  const { dtype } = attributes;
  const wide = wideFloat(emitter.dtype(x));
  const [value, divisor] = [emitter.cast(x, wide), emitter.cast(scale, wide)];
  const { min, max, packed } = dtypes[dtype];
  if (wide === "float32") {
    const byte = computedDType(dtype);
    const [q] = emitter.node(
      "QuantizeLinear",
      [value, divisor, emitter.cast(zeroPoint, byte)],
      parameters(emitter, node),
      [byte],
    ) as [string];
    // Saturating to a byte first changes nothing in what the narrower range saturates to.
    const b = new Arithmetic(emitter, byte);
    return packed ? b.min(b.max(q, min), max) : q;
  }
  const a = new Arithmetic(emitter, wide);
  const { shape } = inputType(node);
  const zero = emitter.cast(spread(emitter, zeroPoint, shape, attributes), wide);
  const steps = a.round(a.div(value, spread(emitter, divisor, shape, attributes)));
  const shifted = a.add(a.where(a.isNan(steps), 0, steps), zero);
  return emitter.cast(emitter.cast(a.min(a.max(shifted, min), max), "int32"), dtype);
};

const isZero = (value: HostTensor | undefined): boolean =>
  value !== undefined && readLanes(value).every((x) => x === 0);

const dequantize: OnnxLowering<QuantizeAttributes> = (emitter, node) => {
  const [q = "", scale = "", zeroPoint = ""] = node.inputs;
  const { attributes } = node;
  const from = inputType(node).dtype;
  const own = emitter.dtype(scale);
  const wide = wideFloat(own);
  const factor = emitter.cast(scale, wide);
  if (wide === "float32" && from === "int32" && isZero(node.constants[2])) {
    // The bias of a quantised convolution. ONNX has no zero point for int32.
    const [value] = emitter.node("DequantizeLinear", [q, factor], parameters(emitter, node), [wide]) as [string];
    return emitter.cast(value, own);
  }
  if (wide === "float32" && from !== "int32") {
    // Constants may stand for 4 bits, but only both together.
    const alike = emitter.dtype(q) === emitter.dtype(zeroPoint);
    const [stored, zero] = alike ? [q, zeroPoint] : [emitter.cast(q, from), emitter.cast(zeroPoint, from)];
    const [value] = emitter.node("DequantizeLinear", [stored, factor, zero], parameters(emitter, node), [wide]) as [
      string,
    ];
    return emitter.cast(value, own);
  }
  // int32 has no zero point in ONNX (other than 0), and float64 no operator: the definition, in float64, where both are exact.
  const a = new Arithmetic(emitter, "float64");
  const { shape } = inputType(node);
  const spreadCast = (value: string): string => emitter.cast(spread(emitter, value, shape, attributes), "float64");
  return emitter.cast(a.mul(a.sub(emitter.cast(q, "float64"), spreadCast(zeroPoint)), spreadCast(factor)), own);
};

export type ConversionOps = Pick<OpAttributes, "cast" | "quantize" | "dequantize">;

/** Ops that change the element type. */
export const conversion: OnnxLoweringTable<ConversionOps> = { cast, quantize, dequantize };
