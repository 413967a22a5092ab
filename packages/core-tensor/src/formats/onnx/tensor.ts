import { fromBytes } from "../../tensor/create.ts";
import { type DType, byteLength, dtypes, storageLength } from "../../tensor/dtype.ts";
import { UnsupportedError } from "../../tensor/errors.ts";
import { HostTensor } from "../../tensor/host.ts";
import { offsetOf } from "./decode.ts";
import { OnnxError } from "./error.ts";
import { quote } from "../quote.ts";
import { type ExternalData, externalBytes } from "./external.ts";
import { type Int64, type TensorProto, dataLocation, dataType } from "./schema.ts";

// UINT16, INT16 and UINT32 would fit exactly into int32 and int64. They are refused for now, because a program that
// computes with them would wrap at another place.
const dtypeByElement: ReadonlyMap<number, DType> = new Map([
  [dataType.FLOAT, "float32"],
  [dataType.DOUBLE, "float64"],
  [dataType.FLOAT16, "float16"],
  [dataType.BFLOAT16, "bfloat16"],
  [dataType.INT32, "int32"],
  [dataType.INT64, "int64"],
  [dataType.UINT8, "uint8"],
  [dataType.INT8, "int8"],
  [dataType.BOOL, "bool"],
  [dataType.INT4, "int4"],
  [dataType.UINT4, "uint4"],
  [dataType.INT2, "int2"],
]);

/** Our dtype for an element type of ONNX (one of `dataType`); undefined for those that Tensor does not have. */
export function dtypeOf(elemType: number): DType | undefined {
  return dtypeByElement.get(elemType);
}

/** How ONNX calls an element type: `UINT16`; `element type 99` for a number that stands for none. */
export function elementTypeName(elemType: number): string {
  const entry = Object.entries(dataType).find(([, number]) => number === elemType);
  return entry?.[0] ?? `element type ${elemType}`;
}

/**
 * The dimensions of a constant as numbers.
 *
 * @throws OnnxError for a dimension below zero, or more than 2^53 - 1 elements.
 */
export function tensorShape(proto: TensorProto): number[] {
  let size = 1;
  const shape = proto.dims.map((dim): number => {
    if (dim < 0) throw new OnnxError("invalid-dims", offsetOf(proto), `${labelOf(proto)}: the dimension ${dim}`);
    return typeof dim === "number" ? dim : Infinity;
  });
  // A zero anywhere makes an empty tensor of any size otherwise.
  if (!shape.includes(0)) for (const dim of shape) size *= dim;
  if (size > Number.MAX_SAFE_INTEGER || shape.includes(Infinity)) {
    throw new OnnxError("overflow", offsetOf(proto), `${labelOf(proto)}: more than 2^53 - 1 elements`);
  }
  return shape;
}

/**
 * A constant of a file as a tensor, over the file's bytes (or those of the external data) where these are aligned for
 * the dtype: do not write into them afterwards.
 *
 * @param external the bytes of files beside the model; needed for tensors that live there.
 * @throws OnnxError when sizes, places or values do not fit together; UnsupportedError for element types that Tensor
 *   does not have (see `dtypeOf`).
 */
export function readTensor(proto: TensorProto, external?: ExternalData): HostTensor {
  const label = labelOf(proto);
  const at = offsetOf(proto);
  const dtype = dtypeOf(proto.dataType);
  if (dtype === undefined) {
    throw new UnsupportedError("core-tensor", [`${label}: elements of type ${elementTypeName(proto.dataType)}`]);
  }
  const shape = tensorShape(proto);
  const size = shape.includes(0) ? 0 : shape.reduce((product, dim) => product * dim, 1);
  const filled = dataFields.filter((field) => (proto[field]?.length ?? 0) > 0);
  const outside = proto.dataLocation === dataLocation.EXTERNAL;
  if (filled.length + Number(outside) > 1) {
    const places = [...filled, ...(outside ? ["externalData"] : [])];
    throw new OnnxError("ambiguous-data", at, `${label}: values in ${places.join(" and in ")}`);
  }
  const bytes = byteLength(dtype, size);
  if (outside) return fromRaw(dtype, shape, size, externalBytes(proto, label, bytes, external), label, at);
  const [field] = filled;
  if (field === undefined || field === "rawData") {
    const raw = proto.rawData ?? new Uint8Array(0);
    if (raw.length !== bytes) {
      throw new OnnxError("size-mismatch", at, `${label}: expected ${bytes} bytes, got ${raw.length}`);
    }
    return fromRaw(dtype, shape, size, raw, label, at);
  }
  const expected = typedField(dtype);
  if (field !== expected) {
    const message = `${label}: expected the values of ${elementTypeName(proto.dataType)} in ${expected}, got ${field}`;
    throw new OnnxError("ambiguous-data", at, message);
  }
  return fromTyped(dtype, shape, size, proto[field] ?? [], label, at);
}

const dataFields = [
  "rawData",
  "floatData",
  "int32Data",
  "int64Data",
  "doubleData",
  "uint64Data",
  "stringData",
] as const;

type TypedField = "floatData" | "int32Data" | "int64Data" | "doubleData";

/** Where a file keeps the values of a dtype when not in raw bytes. */
function typedField(dtype: DType): TypedField {
  switch (dtype) {
    case "float32":
      return "floatData";
    case "float64":
      return "doubleData";
    case "int64":
      return "int64Data";
    default:
      return "int32Data";
  }
}

function fromRaw(
  dtype: DType,
  shape: readonly number[],
  size: number,
  bytes: Uint8Array,
  label: string,
  at: number,
): HostTensor {
  if (dtype === "bool") checkBooleans(bytes, label, at);
  // ONNX packs small elements as we do, the first in the lowest bits, but does not say what the unused bits are.
  return fromBytes(dtype, shape, dtypes[dtype].packed ? clearUnused(dtype, size, bytes) : bytes);
}

function fromTyped(
  dtype: DType,
  shape: readonly number[],
  size: number,
  values: readonly Int64[],
  label: string,
  at: number,
): HostTensor {
  const length = storageLength(dtype, size);
  if (values.length !== length) {
    throw new OnnxError("size-mismatch", at, `${label}: expected ${length} numbers, got ${values.length}`);
  }
  const [min, max] = storedRange(dtype);
  const storage = new dtypes[dtype].storage(length);
  for (let i = 0; i < length; i++) {
    const value = values[i] as number | bigint;
    if (value < min || value > max) {
      const message = `${label}: element ${i}: expected a number in [${min}, ${max}], got ${value}`;
      throw new OnnxError("invalid-value", at, message);
    }
    storage[i] = (dtype === "int64" ? BigInt(value) : value) as never;
  }
  if (!dtypes[dtype].packed) return new HostTensor(dtype, shape, storage);
  return new HostTensor(dtype, shape, clearUnused(dtype, size, storage as Uint8Array));
}

/** The numbers that a typed field may hold: values, or the codes of 16-bit floats and bytes of packed elements. */
function storedRange(dtype: DType): readonly [number, number] {
  const { packed, kind, bits, min, max } = dtypes[dtype];
  if (packed) return [0, 255];
  if (kind === "float") return bits === 16 ? [0, 0xffff] : [-Infinity, Infinity];
  return dtype === "int64" ? [-Infinity, Infinity] : [min, max];
}

function checkBooleans(bytes: Uint8Array, label: string, at: number): void {
  const wrong = bytes.findIndex((byte) => byte > 1);
  if (wrong < 0) return;
  const message = `${label}: element ${wrong}: expected 0 or 1 for a boolean, got ${bytes[wrong]}`;
  throw new OnnxError("invalid-value", at, message);
}

/** Packed bytes whose unused high bits are zero, as Tensor has them. */
function clearUnused(dtype: DType, size: number, bytes: Uint8Array): Uint8Array {
  const used = (size * dtypes[dtype].bits) % 8;
  const last = bytes.length - 1;
  if (used === 0 || (bytes[last] as number) >> used === 0) return bytes;
  const copy = new Uint8Array(bytes);
  copy[last] = (copy[last] as number) & ((1 << used) - 1);
  return copy;
}

function labelOf(proto: TensorProto): string {
  return proto.name === undefined || proto.name === "" ? "a constant" : `constant ${quote(proto.name)}`;
}
