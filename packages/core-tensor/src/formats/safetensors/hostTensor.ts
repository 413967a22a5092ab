import { fromBytes } from "../../tensor/create.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { type SafetensorsDType, SafetensorsError } from "./format.ts";
import { quote } from "../quote.ts";

/** Our dtypes as the format calls them. The packed ones are none of its types. */
export const storedNames: Readonly<Partial<Record<DType, SafetensorsDType>>> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  int32: "I32",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};

const dtypeByName: Readonly<Partial<Record<SafetensorsDType, DType>>> = Object.fromEntries(
  Object.entries(storedNames).map(([dtype, name]) => [name, dtype as DType]),
);

/**
 * Our dtype of a tensor in a file.
 *
 * @param begin its first byte in the file, for messages.
 * @throws SafetensorsError for types that Tensor does not have (U16, U32, U64, I16, F8_…).
 */
export function dtypeOf(name: string, stored: SafetensorsDType, begin: number): DType {
  const dtype = dtypeByName[stored];
  if (dtype === undefined) {
    const known = Object.keys(dtypeByName).join(", ");
    throw new SafetensorsError(
      "unknown-dtype",
      begin,
      `tensor ${quote(name)}: expected one of ${known}, got ${stored}`,
    );
  }
  return dtype;
}

/**
 * A tensor over bytes of a file (a copy where they are not aligned for the dtype).
 *
 * @param begin the first of the bytes in the file, for messages.
 * @throws SafetensorsError for a boolean other than 0 and 1, and for a shape without a size.
 */
export function hostTensor(
  name: string,
  dtype: DType,
  shape: readonly number[],
  bytes: Uint8Array,
  begin: number,
): HostTensor {
  // 0 times the Infinity that the other dimensions of an empty tensor may multiply to.
  if (Number.isNaN(sizeOf(shape))) {
    throw new SafetensorsError("overflow", begin, `tensor ${quote(name)}: dimensions beyond all numbers`);
  }
  const wrong = dtype === "bool" ? bytes.findIndex((byte) => byte > 1) : -1;
  if (wrong >= 0) {
    const message = `tensor ${quote(name)}: expected 0 or 1 for a boolean, got ${bytes[wrong]}`;
    throw new SafetensorsError("invalid-value", begin + wrong, message);
  }
  return fromBytes(dtype, shape, bytes);
}
