import { type TensorLike, tensor } from "../tensor/create.ts";
import { type DType, dtypes } from "../tensor/dtype.ts";
import { DTypeError } from "../tensor/errors.ts";
import { type Tensor, isTensor } from "../tensor/tensor.ts";

/**
 * What an op takes as a value: a tensor, or anything that `tensor` reads. A plain number or boolean adapts to
 * the dtype of the tensor beside it.
 */
export type Operand = TensorLike;

/** An operand as a tensor; plain numbers become scalars of `dtype`. */
export function operand(value: Operand, dtype: DType = "float32"): Tensor {
  if (isTensor(value)) return value;
  if (typeof value === "number") return tensor(value, { dtype });
  return tensor(value);
}

/** The dtype of the first operand that is not a plain number. */
function leadingDType(values: readonly Operand[]): DType {
  const first = values.find((value) => typeof value !== "number");
  return first === undefined ? "float32" : operand(first).dtype;
}

/** Operands of one op: plain numbers take the dtype of the first tensor among them. */
export function operands(...values: readonly Operand[]): Tensor[] {
  const dtype = leadingDType(values);
  return values.map((value) => operand(value, dtype));
}

/**
 * As `operands`, with the op's own words for a plain number that the dtype of the whole numbers beside it does not
 * hold: `mul(pixels, 1 / 255)` must not be 0 everywhere, nor `greater(bytes, -1)` false.
 */
export function matchingOperands(op: string, ...values: readonly Operand[]): Tensor[] {
  const dtype = leadingDType(values);
  const { kind, min, max } = dtypes[dtype];
  for (const value of values) {
    if (typeof value !== "number" || kind !== "int") continue;
    if (Number.isInteger(value) && value >= min && value <= max) continue;
    throw new DTypeError({
      op,
      argument: `the number beside ${dtype}`,
      expected: `a whole number in [${min}, ${max}]`,
      found: `${value}; use cast on the tensor`,
    });
  }
  return operands(...values);
}

/** Is this a leaf of a tree of values: a tensor, or a plain number that stands for a scalar? */
export function isValue(value: unknown): value is Tensor | number {
  return isTensor(value) || typeof value === "number";
}
