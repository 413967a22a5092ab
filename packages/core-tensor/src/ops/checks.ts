import type { DType } from "../tensor/dtype.ts";
import { dtypes } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError } from "../tensor/errors.ts";
import type { ValueType } from "./program.ts";

/** The inputs of an op, refused unless there are exactly `count` of them. */
export function expectInputs(op: string, inputs: readonly ValueType[], count: number): readonly ValueType[] {
  if (inputs.length !== count) {
    throw new ArgumentError({ op, argument: "inputs", expected: `${count} of them`, found: String(inputs.length) });
  }
  return inputs;
}

/** The only input of an op. */
export function expectInput(op: string, inputs: readonly ValueType[]): ValueType {
  return expectInputs(op, inputs, 1)[0] as ValueType;
}

/**
 * Kinds of element that an op may take: floats; numbers (floats and whole numbers); numbers and bool; bool alone.
 * Packed dtypes are in none of them: they are stored, cast and dequantised only.
 */
export type DTypeGroup = "float" | "number" | "any" | "bool";

const groups: Readonly<Record<DTypeGroup, { readonly kinds: readonly string[]; readonly name: string }>> = {
  float: { kinds: ["float"], name: "float32, float64, float16 or bfloat16" },
  number: { kinds: ["float", "int"], name: "floats or whole numbers of 8 bits and more" },
  any: { kinds: ["float", "int", "bool"], name: "any dtype of 8 bits and more" },
  bool: { kinds: ["bool"], name: "bool" },
};

/** Throws a DTypeError that suggests `cast` when the op does not take this dtype. */
export function expectDType(op: string, argument: string, dtype: DType, group: DTypeGroup): void {
  const { kind, packed } = dtypes[dtype];
  const { kinds, name } = groups[group];
  if (packed || !kinds.includes(kind)) {
    throw new DTypeError({ op, argument, expected: name, found: `${dtype}; use cast` });
  }
}

/** Throws a DTypeError when an operand's dtype is not `expected`, the dtype of the operands beside it. */
export function expectSameDType(op: string, argument: string, dtype: DType, expected: DType): void {
  if (dtype !== expected) throw new DTypeError({ op, argument, expected, found: `${dtype}; use cast` });
}
