import {
  type LayerNormOptions,
  type NormOptions,
  groupNorm as groupNormOp,
  layerNorm as layerNormOp,
  rmsNorm as rmsNormOp,
} from "../ops/index.ts";
import type { FloatDType } from "../tensor/random/index.ts";
import { tensor } from "../tensor/create.ts";
import { checkShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export interface NormParams {
  /** Multiplied after normalising: one number per feature, 1 at the start. */
  readonly scale: Tensor;
  /** Added after that, 0 at the start. */
  readonly bias?: Tensor;
}

export interface InitNormOptions {
  /** Default true. RMS norm has none. */
  readonly bias?: boolean;
  /** Default float32. */
  readonly dtype?: FloatDType;
}

/** Scale 1 and bias 0 for a norm over `length` features or channels. */
export function initNorm(length: number, { bias = true, dtype = "float32" }: InitNormOptions = {}): NormParams {
  const scale = filled("initNorm", length, 1, dtype);
  return bias ? { scale, bias: filled("initNorm", length, 0, dtype) } : { scale };
}

/** A vector with one value everywhere. */
export function filled(op: string, length: number, value: number, dtype: FloatDType): Tensor {
  checkShape(op, [length], "length");
  return tensor(new Float64Array(length).fill(value), { dtype });
}

/** Layer norm over the last axis, or the last axes in the options (Ba, Kiros and Hinton 2016). Default eps 1e-5. */
export function layerNorm({ scale, bias }: NormParams, x: Tensor, options: LayerNormOptions = {}): Tensor {
  return layerNormOp(x, scale, bias, options);
}

/** RMS norm over the last axis, or the last axes given in the options (Zhang and Sennrich 2019). Default eps 1e-6. */
export function rmsNorm({ scale }: NormParams, x: Tensor, options: LayerNormOptions = {}): Tensor {
  return rmsNormOp(x, scale, options);
}

/** Group norm of `[batch, channels, ...]` (Wu and He 2018). Default eps 1e-5. */
export function groupNorm({ scale, bias }: NormParams, x: Tensor, groups: number, options: NormOptions = {}): Tensor {
  return groupNormOp(x, groups, scale, bias, options);
}
