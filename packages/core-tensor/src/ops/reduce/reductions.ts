/**
 * `axes` are one axis or several, counted from the end when negative; without them all axes are reduced, and with
 * an empty list none.
 */
import { normalizeAxes } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { applyOne } from "../applyOne.ts";
import { type Operand, operand } from "../operand.ts";
import type { Primitive } from "../primitive.ts";
import type { ReduceAttributes } from "../vocabulary.ts";
import { reductionPrimitives as records } from "./reductionRecords.ts";

export interface ReduceOptions {
  /** Keep reduced axes with length 1. Default false. */
  readonly keepDims?: boolean;
}

type Axes = number | readonly number[] | undefined;

function reduce(
  record: Primitive<ReduceAttributes>,
  x: Operand,
  axes: Axes,
  options: ReduceOptions | undefined,
): Tensor {
  const value = operand(x);
  const { keepDims = false } = options ?? {};
  return applyOne(record, [value], { axes: normalizeAxes(record.name, axes, value.rank), keepDims });
}

/**
 * Sum over axes; 0 for no elements. Numbers; int32, int8 and uint8 wrap.
 *
 * @example sum(tensor([[1, 2], [3, 4]]), 0) // [4, 6]
 */
export function sum(x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduce(records.sum, x, axes, options);
}

/** Mean over axes; NaN for no elements. Floats. */
export function mean(x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduce(records.mean, x, axes, options);
}

/** Product over axes; 1 for no elements. Numbers; int32, int8 and uint8 wrap. */
export function prod(x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduce(records.prod, x, axes, options);
}

/**
 * Largest element over axes, NaN if one is NaN. Numbers. Equal largest elements share the derivative equally, which is
 * the average of the subgradients that choose one of them.
 *
 * @throws ShapeError where there is no element to choose from.
 */
export function max(x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduce(records.max, x, axes, options);
}

/**
 * Smallest element over axes, NaN if one is NaN. Numbers. Equal smallest elements share the derivative equally.
 *
 * @throws ShapeError where there is no element to choose from.
 */
export function min(x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduce(records.min, x, axes, options);
}

/** Whether some element over axes holds; false for no elements. Bool. */
export function any(x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduce(records.any, x, axes, options);
}

/** Whether every element over axes holds; true for no elements. Bool. */
export function all(x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduce(records.all, x, axes, options);
}
