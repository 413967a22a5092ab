import { type Dim, canonicalDim } from "../tensor/dims.ts";
import { type DType, isDType } from "../tensor/dtype.ts";
import { DTypeError } from "../tensor/errors.ts";
import { checkShape } from "../tensor/shape.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { ValueType } from "../ops/program.ts";

/** What a program is told of an input: dtype, shape (names stand for symbolic dimensions) and perhaps a name. */
export interface TensorSpec extends ValueType {
  readonly name?: string;
}

/**
 * Describes an input of a program. A dimension given as a name is symbolic: one program serves every value.
 *
 * @example trace(predict, spec(["batch", 784]))
 */
export function spec(shape: readonly Dim[], dtype: DType = "float32", name?: string): TensorSpec {
  if (!isDType(dtype))
    throw new DTypeError({ op: "spec", argument: "dtype", expected: "a dtype", found: String(dtype) });
  const canonical = shape.map(canonicalDim);
  checkShape("spec", canonical);
  return { dtype, shape: canonical, ...(name === undefined ? {} : { name }) };
}

/** Is this a description of an input (and not a tensor or a tree)? */
export function isSpec(value: unknown): value is TensorSpec {
  return (
    typeof value === "object" &&
    value !== null &&
    !isTensor(value) &&
    "dtype" in value &&
    isDType(value.dtype) &&
    "shape" in value &&
    Array.isArray(value.shape)
  );
}
