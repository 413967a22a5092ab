import { tensor } from "../../tensor/create.ts";
import type { DType } from "../../tensor/dtype.ts";
import { ArgumentError, DTypeError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { readLanes } from "../../tensor/lanes.ts";
import { type Tensor, isTensor } from "../../tensor/tensor.ts";
import type { Operand } from "../operand.ts";

/** Indices as a tensor: plain numbers and nested arrays of them become int32. */
export function indexOperand(value: Operand): Tensor {
  if (isTensor(value)) return value;
  return typeof value === "number" || Array.isArray(value) ? tensor(value, { dtype: "int32" }) : tensor(value);
}

/** Refuses dtypes that are not taken as indices. */
export function expectIndices(op: string, dtype: DType): void {
  if (dtype !== "int32" && dtype !== "int64") {
    throw new DTypeError({ op, argument: "indices", expected: "int32 or int64", found: `${dtype}; use cast` });
  }
}

/** The indices as plain numbers, after a check that they lie in `[0, length)`. */
export function readIndices(op: string, indices: HostTensor, length: number): ArrayLike<number> {
  const lanes = readLanes(indices);
  for (let i = 0; i < lanes.length; i++) {
    const index = lanes[i] as number;
    if (!(index >= 0 && index < length)) {
      throw new ArgumentError({
        op,
        argument: `indices, element ${i}`,
        expected: `an index in [0, ${length})`,
        found: String(index),
      });
    }
  }
  return lanes;
}
