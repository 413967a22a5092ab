/** Axes are counted from the end when negative; where one is optional it is the last. */
import { normalizeAxis } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { applyOne } from "../applyOne.ts";
import { type Operand, operand } from "../operand.ts";
import type { Primitive } from "../primitive.ts";
import type { ArgAttributes, AxisAttributes } from "../vocabulary.ts";
import { argMaxRecord, argMinRecord } from "./argExtreme.ts";
import { cumsumRecord, logSoftmaxRecord, softmaxRecord } from "./lineOps.ts";
import { sortRecord, topKRecord } from "./ordering.ts";

export interface ArgOptions {
  /** Keep the axis with length 1. Default false. */
  readonly keepDims?: boolean;
}

export interface TopKOptions {
  /** Default -1. */
  readonly axis?: number;
  /** The largest elements (default) or the smallest. */
  readonly largest?: boolean;
}

export interface SortOptions {
  /** From the largest to the smallest. Default false. */
  readonly descending?: boolean;
}

export interface CumsumOptions {
  /** Element i is the sum of those before it, without itself. Default false. */
  readonly exclusive?: boolean;
  /** Sum from the end. Default false. */
  readonly reverse?: boolean;
}

/** Elements in order, and where along the axis each was (int32). */
export interface Ordered {
  readonly values: Tensor;
  readonly indices: Tensor;
}

function arg(record: Primitive<ArgAttributes>, x: Operand, axis: number, options: ArgOptions | undefined): Tensor {
  const value = operand(x);
  const { keepDims = false } = options ?? {};
  return applyOne(record, [value], { axis: normalizeAxis(record.name, axis, value.rank), keepDims });
}

/** Position (int32) of the largest element along an axis, the first of equals; NaN counts as the largest. Numbers. */
export function argMax(x: Operand, axis = -1, options?: ArgOptions): Tensor {
  return arg(argMaxRecord, x, axis, options);
}

/** Position (int32) of the smallest element along an axis, the first of equals; NaN counts as the smallest. Numbers. */
export function argMin(x: Operand, axis = -1, options?: ArgOptions): Tensor {
  return arg(argMinRecord, x, axis, options);
}

/**
 * The k largest (or smallest) elements along an axis, best first, ties by lower index. NaN counts as the largest.
 * Numbers.
 *
 * @throws ArgumentError when k is no whole number between 0 and the length of the axis.
 * @example topK(tensor([3, 1, 4]), 2) // values [4, 3], indices [2, 0]
 */
export function topK(x: Operand, k: number, options: TopKOptions = {}): Ordered {
  const { axis = -1, largest = true } = options;
  const value = operand(x);
  const attributes = { axis: normalizeAxis("topK", axis, value.rank), k, largest };
  const [values, indices] = apply(topKRecord, [value], attributes) as [Tensor, Tensor];
  return { values, indices };
}

/**
 * The elements along an axis in rising (or falling) order; equal ones stay in their order. NaN stands above every
 * number: last when rising, first when falling. Numbers.
 */
export function sort(x: Operand, axis = -1, options: SortOptions = {}): Ordered {
  const { descending = false } = options;
  const value = operand(x);
  const attributes = { axis: normalizeAxis("sort", axis, value.rank), descending };
  const [values, indices] = apply(sortRecord, [value], attributes) as [Tensor, Tensor];
  return { values, indices };
}

/** Running sums along an axis. Numbers; int32, int8 and uint8 wrap. */
export function cumsum(x: Operand, axis = -1, options: CumsumOptions = {}): Tensor {
  const { exclusive = false, reverse = false } = options;
  const value = operand(x);
  return applyOne(cumsumRecord, [value], { axis: normalizeAxis("cumsum", axis, value.rank), exclusive, reverse });
}

function normalized(record: Primitive<AxisAttributes>, x: Operand, axis: number): Tensor {
  const value = operand(x);
  return applyOne(record, [value], { axis: normalizeAxis(record.name, axis, value.rank) });
}

/** `exp(x) / sum exp(x)` along an axis, without overflow. Floats. */
export function softmax(x: Operand, axis = -1): Tensor {
  return normalized(softmaxRecord, x, axis);
}

/** `log(softmax(x))` along an axis, without the loss of computing it so. Floats. */
export function logSoftmax(x: Operand, axis = -1): Tensor {
  return normalized(logSoftmaxRecord, x, axis);
}
