import { type DType, dtypes, isDType } from "../../tensor/dtype.ts";
import { type Dim, divideDims } from "../../tensor/dims.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, newLanes, readLanes } from "../../tensor/lanes.ts";
import { formatShape, sizeOf } from "../../tensor/shape.ts";
import { expectDType, expectInputs, expectSameDType } from "../checks.ts";
import { roundHalfEven } from "../elementwise/scalars.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import { expectAxis } from "../reduce/axisChecks.ts";
import { axisSplit } from "../reduce/axisSplit.ts";
import type { QuantizeAttributes } from "../vocabulary.ts";

type Inputs<T> = readonly [x: T, scale: T, zeroPoint: T];

const storedDTypes: readonly DType[] = ["int8", "uint8", "int4", "uint4", "int2"];

/** The shape that scale and zero point must have. */
function scaleShape(op: string, shape: readonly Dim[], { axis, blockSize }: QuantizeAttributes): readonly Dim[] {
  if (!Number.isInteger(blockSize) || blockSize < 0) {
    throw new ArgumentError({ op, argument: "blockSize", expected: "a whole number >= 0", found: String(blockSize) });
  }
  if (axis === null) {
    if (blockSize !== 0)
      throw new ArgumentError({
        op,
        argument: "axis",
        expected: `the axis of the blocks of ${blockSize}`,
        found: "none",
      });
    return [];
  }
  expectAxis(op, axis, shape);
  const length = shape[axis] as Dim;
  if (blockSize === 0) return [length];
  const blocks = divideDims(length, blockSize);
  if (blocks === undefined) {
    throw new ArgumentError({
      op,
      argument: "blockSize",
      expected: `a divisor of ${length}, the length of axis ${axis}`,
      found: String(blockSize),
    });
  }
  return shape.map((dim, i) => (i === axis ? blocks : dim));
}

function checkParameter(op: string, argument: string, { shape }: ValueType, expected: readonly Dim[]): void {
  if (formatShape(shape) !== formatShape(expected)) {
    throw new ShapeError({ op, argument, expected: formatShape(expected), found: formatShape(shape) });
  }
}

function checkStored(op: string, argument: string, dtype: DType, allowed: readonly DType[]): void {
  if (!isDType(dtype) || !allowed.includes(dtype)) {
    throw new DTypeError({ op, argument, expected: allowed.join(", "), found: String(dtype) });
  }
}

/** Calls `visit` with runs of elements that share a scale. */
function forEachScale(
  shape: readonly number[],
  { axis, blockSize }: QuantizeAttributes,
  visit: (start: number, length: number, parameter: number) => void,
): void {
  if (axis === null) {
    visit(0, sizeOf(shape), 0);
    return;
  }
  const { outer, length, inner } = axisSplit(shape, axis);
  const blocks = blockSize === 0 ? length : length / blockSize;
  for (let o = 0, start = 0; o < outer; o++) {
    for (let i = 0; i < length; i++, start += inner) {
      if (blockSize === 0) visit(start, inner, i);
      else {
        const first = (o * blocks + Math.floor(i / blockSize)) * inner;
        for (let k = 0; k < inner; k++) visit(start + k, 1, first + k);
      }
    }
  }
}

/**
 * The record of `quantize`. The quotient is an element of the operands' dtype, as in `div` (for the half-width
 * floats: of float32), so that quantize equals its definition written out in ops; NaN counts as 0.
 */
export const quantizeRecord: Primitive<QuantizeAttributes> = {
  name: "quantize",
  infer(inputs, attributes) {
    const [x, scale, zeroPoint] = expectInputs("quantize", inputs, 3) as Inputs<ValueType>;
    expectDType("quantize", "operand", x.dtype, "float");
    expectSameDType("quantize", "scale", scale.dtype, x.dtype);
    checkStored("quantize", "dtype", attributes.dtype, storedDTypes);
    expectSameDType("quantize", "zeroPoint", zeroPoint.dtype, attributes.dtype);
    const shape = scaleShape("quantize", x.shape, attributes);
    checkParameter("quantize", "scale", scale, shape);
    checkParameter("quantize", "zeroPoint", zeroPoint, shape);
    return [{ dtype: attributes.dtype, shape: x.shape }];
  },
  kernel(inputs, attributes, types) {
    const [x, scale, zeroPoint] = inputs as Inputs<HostTensor>;
    const [type] = types as readonly [ConcreteType];
    const { min, max } = dtypes[type.dtype];
    const values = readLanes(x);
    const scales = readLanes(scale);
    const zeros = readLanes(zeroPoint);
    const quotient =
      x.dtype === "float64" ? (a: number, b: number) => a / b : (a: number, b: number) => Math.fround(a / b);
    const out = newLanes(type.dtype, values.length);
    forEachScale(x.shape, attributes, (start, length, parameter) => {
      const divisor = scales[parameter] as number;
      const zero = zeros[parameter] as number;
      for (let i = start; i < start + length; i++) {
        const steps = roundHalfEven(quotient(values[i] as number, divisor));
        out[i] = steps !== steps ? zero : Math.min(Math.max(steps + zero, min), max);
      }
    });
    return [fromLanes(type.dtype, type.shape, out)];
  },
};

/** The record of `dequantize`; computed in doubles, rounded once. */
export const dequantizeRecord: Primitive<QuantizeAttributes> = {
  name: "dequantize",
  infer(inputs, attributes) {
    const [q, scale, zeroPoint] = expectInputs("dequantize", inputs, 3) as Inputs<ValueType>;
    checkStored("dequantize", "operand", q.dtype, [...storedDTypes, "int32"]);
    expectSameDType("dequantize", "zeroPoint", zeroPoint.dtype, q.dtype);
    expectDType("dequantize", "scale", scale.dtype, "float");
    expectSameDType("dequantize", "dtype", attributes.dtype, scale.dtype);
    const shape = scaleShape("dequantize", q.shape, attributes);
    checkParameter("dequantize", "scale", scale, shape);
    checkParameter("dequantize", "zeroPoint", zeroPoint, shape);
    return [{ dtype: scale.dtype, shape: q.shape }];
  },
  kernel(inputs, attributes, types) {
    const [q, scale, zeroPoint] = inputs as Inputs<HostTensor>;
    const [type] = types as readonly [ConcreteType];
    const values = readLanes(q);
    const scales = readLanes(scale);
    const zeros = readLanes(zeroPoint);
    const out = newLanes(type.dtype, values.length);
    forEachScale(q.shape, attributes, (start, length, parameter) => {
      const factor = scales[parameter] as number;
      const zero = zeros[parameter] as number;
      for (let i = start; i < start + length; i++) out[i] = ((values[i] as number) - zero) * factor;
    });
    return [fromLanes(type.dtype, type.shape, out)];
  },
};
