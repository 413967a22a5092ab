/** From numbers to tensors: what the functions of index.ts have in common. */
import { type DType, dtypeNames, dtypes, isDType, isFloat } from "../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors.ts";
import { HostTensor, isHostTensor } from "../host.ts";
import { fromLanes, readLanes } from "../lanes.ts";
import { broadcastShapes, checkShape, formatShape, sizeOf } from "../shape.ts";
import { isTensor, type Tensor } from "../tensor.ts";
import type { Parameter } from "./parameter.ts";
import type { FloatDType } from "./uniform.ts";

/** A distribution's parameter: one number, or a host tensor that broadcasts to the shape that is drawn. */
export type TensorParameter = number | Tensor;

/** Number of elements of the shape to draw. Throws a ShapeError for what is no shape. */
export function drawSize(op: string, shape: readonly number[]): number {
  if (shape.some((dim) => typeof dim !== "number")) {
    throw new ShapeError({ op, argument: "shape", expected: "known dimensions", found: formatShape(shape) });
  }
  checkShape(op, shape);
  return sizeOf(shape);
}

/** Refuses what is no dtype. */
export function checkDType(op: string, dtype: DType): void {
  if (!isDType(dtype)) {
    throw new DTypeError({ op, argument: "dtype", expected: dtypeNames.join(", "), found: String(dtype) });
  }
}

/** Refuses a dtype that holds no fractions. */
export function checkFloatDType(op: string, dtype: FloatDType): void {
  if (!isDType(dtype) || !isFloat(dtype)) {
    throw new DTypeError({ op, argument: "dtype", expected: "a float dtype", found: String(dtype) });
  }
}

/** Refuses a dtype that is not for whole numbers, and a range [min, max) that it cannot hold. */
export function checkIntegerRange(op: string, dtype: DType, min: number, max: number): void {
  if (!isDType(dtype) || dtypes[dtype].kind !== "int") {
    throw new DTypeError({ op, argument: "dtype", expected: "a whole-number dtype", found: String(dtype) });
  }
  const info = dtypes[dtype];
  if (min < info.min || max - 1 > info.max) {
    const expected = `numbers in ${dtype}'s [${info.min}, ${info.max}]`;
    throw new ArgumentError({ op, argument: "min, max", expected, found: `[${min}, ${max})` });
  }
}

/** The numbers of a host tensor. Random draws need numbers at once, so traced and device tensors are refused. */
export function numbersOf(op: string, argument: string, tensor: Tensor): ArrayLike<number> {
  if (!isTensor(tensor) || !isHostTensor(tensor)) {
    const found = isTensor(tensor) ? "a tensor without values at hand (traced, or on a device)" : typeof tensor;
    throw new ArgumentError({ op, argument, expected: "a tensor in this process's memory", found });
  }
  return readLanes(tensor);
}

/** A parameter with one number per element of `shape`. */
export function broadcastParameter(
  op: string,
  argument: string,
  parameter: TensorParameter,
  shape: readonly number[],
): Parameter {
  if (typeof parameter === "number") return parameter;
  const numbers = numbersOf(op, argument, parameter);
  const common = broadcastShapes(op, shape, parameter.shape);
  if (formatShape(common) !== formatShape(shape)) {
    const expected = `a shape that broadcasts to ${formatShape(shape)}`;
    throw new ShapeError({ op, argument, expected, found: formatShape(parameter.shape) });
  }
  if (numbers.length === 1) return numbers[0] as number;
  const dense = fromLanes("float64", parameter.shape, numbers);
  const missing = shape.length - parameter.shape.length;
  const strides = shape.map((_, axis) =>
    axis < missing || parameter.shape[axis - missing] === 1 ? 0 : (dense.strides[axis - missing] as number),
  );
  return readLanes(new HostTensor("float64", shape, dense.storage, { strides, offset: 0 }));
}

/** A tensor of drawn numbers, rounded to `dtype`. */
export function drawn(dtype: DType, shape: readonly number[], values: ArrayLike<number>): HostTensor {
  return fromLanes(dtype, [...shape], values);
}
