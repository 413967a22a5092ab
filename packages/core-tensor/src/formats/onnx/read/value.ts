import { typeOf } from "../../../ops/apply.ts";
import type { ValueType } from "../../../ops/program.ts";
import type { Dim } from "../../../tensor/dims.ts";
import type { DType } from "../../../tensor/dtype.ts";
import { type HostTensor, isHostTensor } from "../../../tensor/host.ts";
import { type Tensor, isTensor } from "../../../tensor/tensor.ts";

/**
 * Whole numbers that are known when a model is read, up to the symbols of its dimensions: what `Shape` gives, and what
 * models compute from it. At least one element is symbolic; where all are numbers a constant takes its place.
 */
export class KnownDims {
  constructor(
    readonly dtype: DType,
    readonly shape: readonly number[],
    /** In row-major order. */
    readonly elements: readonly Dim[],
  ) {}
}

/** What a name of the file stands for: a constant, known dimensions, or a value of the program. */
export type Value = Tensor | KnownDims;

export function isKnownDims(value: Value): value is KnownDims {
  return value instanceof KnownDims;
}

export function isConstant(value: Value): value is HostTensor {
  return isTensor(value) && isHostTensor(value);
}

/** Is every element of the value known, up to symbols? */
export function isKnown(value: Value): value is HostTensor | KnownDims {
  return isKnownDims(value) || isConstant(value);
}

export function typeOfValue(value: Value): ValueType {
  return isKnownDims(value) ? { dtype: value.dtype, shape: value.shape } : typeOf(value);
}
