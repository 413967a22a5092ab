import { tensor } from "../../tensor/create.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Operand, operand } from "../operand.ts";
import { broadcastTo } from "./broadcastTo.ts";

export interface FullOptions {
  /** Element type. Default: bool for a boolean, float32 otherwise. */
  readonly dtype?: DType;
}

/**
 * A tensor with one value everywhere. It takes the memory of one element; symbolic dimensions are allowed.
 *
 * @example full([2, 2], 7).toArray() // [[7, 7], [7, 7]]
 */
export function full(shape: readonly number[], value: number | boolean, options: FullOptions = {}): Tensor {
  const dtype = options.dtype ?? (typeof value === "boolean" ? "bool" : "float32");
  return broadcastTo(tensor(Number(value), { dtype }), shape);
}

/** Zeros of a shape; see `full`. */
export function zeros(shape: readonly number[], options: FullOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** Ones of a shape; see `full`. */
export function ones(shape: readonly number[], options: FullOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** One value everywhere, in the shape and dtype of another tensor (or in `options.dtype`). */
export function fullLike(x: Operand, value: number | boolean, options: FullOptions = {}): Tensor {
  const like = operand(x);
  return full(like.shape, value, { dtype: options.dtype ?? like.dtype });
}

/** Zeros in the shape and dtype of another tensor (or in `options.dtype`). */
export function zerosLike(x: Operand, options: FullOptions = {}): Tensor {
  return fullLike(x, 0, options);
}

/** Ones in the shape and dtype of another tensor (or in `options.dtype`). */
export function onesLike(x: Operand, options: FullOptions = {}): Tensor {
  return fullLike(x, 1, options);
}
