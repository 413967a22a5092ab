import type { Dim } from "../../tensor/dims.ts";
import { evaluateDim } from "../../tensor/dims.ts";
import { tensor } from "../../tensor/create.ts";
import type { DType } from "../../tensor/dtype.ts";
import { fromLanes, newLanes } from "../../tensor/lanes.ts";
import { checkShape, normalizeAxis } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInputs } from "../checks.ts";
import { type Operand, operand } from "../operand.ts";
import type { Primitive } from "../primitive.ts";
import { isSymbolicDim } from "../traced.ts";

/** 0, 1, …, length - 1. */
export const iotaPrimitive: Primitive<{ readonly length: Dim; readonly dtype: DType }> = {
  name: "iota",
  dims: ["length"],
  infer(inputs, { length, dtype }) {
    expectInputs("iota", inputs, 0);
    expectDType("iota", "dtype", dtype, "number");
    checkShape("iota", [length], "length");
    return [{ dtype, shape: [length] }];
  },
  kernel(_inputs, { length, dtype }) {
    const count = evaluateDim(length, {});
    const lanes = newLanes(dtype, count);
    for (let i = 0; i < count; i++) lanes[i] = i;
    return [fromLanes(dtype, [count], lanes)];
  },
};

/** The value of a dimension as a scalar. */
export const dimValuePrimitive: Primitive<{ readonly dim: Dim; readonly dtype: DType }> = {
  name: "dimValue",
  dims: ["dim"],
  infer(inputs, { dim, dtype }) {
    expectInputs("dimValue", inputs, 0);
    expectDType("dimValue", "dtype", dtype, "number");
    checkShape("dimValue", [dim], "dim");
    return [{ dtype, shape: [] }];
  },
  kernel: (_inputs, { dim, dtype }) => [fromLanes(dtype, [], [evaluateDim(dim, {})])],
};

export interface IotaOptions {
  /** Element type. Default int32. */
  readonly dtype?: DType;
}

/**
 * The whole numbers 0, 1, …, length - 1.
 *
 * @param length a dimension; may be symbolic.
 * @example iota(3).toArray() // [0, 1, 2]
 */
export function iota(length: number, options: IotaOptions = {}): Tensor {
  return apply(iotaPrimitive, [], { length, dtype: options.dtype ?? "int32" })[0] as Tensor;
}

/**
 * The length of an axis as a scalar that a program can compute with: a constant where the length is known, its
 * value at run time where it is symbolic.
 *
 * @param axis negative ones count from the end.
 * @throws AxisError for an axis that x does not have.
 */
export function dimSize(x: Operand, axis: number, options: IotaOptions = {}): Tensor {
  const value = operand(x);
  const dtype = options.dtype ?? "int32";
  const dim = value.shape[normalizeAxis("dimSize", axis, value.rank)] as number;
  return isSymbolicDim(dim) ? (apply(dimValuePrimitive, [], { dim, dtype })[0] as Tensor) : tensor(dim, { dtype });
}
