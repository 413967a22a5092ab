import { type DType, dtypes } from "../../../tensor/dtype.ts";
import { type HostTensor, denseStorage } from "../../../tensor/host.ts";
import { type TensorProto, dataType } from "../schema.ts";

const onnxTypes: Readonly<Record<DType, number>> = {
  float32: dataType.FLOAT,
  float64: dataType.DOUBLE,
  float16: dataType.FLOAT16,
  bfloat16: dataType.BFLOAT16,
  int32: dataType.INT32,
  int64: dataType.INT64,
  uint8: dataType.UINT8,
  int8: dataType.INT8,
  bool: dataType.BOOL,
  int4: dataType.INT4,
  uint4: dataType.UINT4,
  int2: dataType.INT2,
};

/** The dtype of a constant, input or output in a file: int8 for int2, which the opsets that we write do not have. */
export function storedDType(dtype: DType): DType {
  return dtype === "int2" ? "int8" : dtype;
}

/**
 * The dtype of a value that a node makes: a byte for the packed ones. ONNX Runtime (1.30) plans memory as if a 4-bit
 * value took a byte per element, and later writes a byte tensor of the same shape over the end of its buffer; constants,
 * which have their own memory, keep 4 bits.
 */
export function computedDType(dtype: DType): DType {
  if (!dtypes[dtype].packed) return dtype;
  return dtypes[dtype].min < 0 ? "int8" : "uint8";
}

/** ONNX's number for a dtype. */
export function onnxType(dtype: DType): number {
  return onnxTypes[storedDType(dtype)];
}

/** A constant as ONNX keeps it: little-endian bytes in row-major order. Adopts the storage where it is dense. */
export function tensorProto(value: HostTensor): TensorProto {
  const storage = value.dtype === "int2" ? (value.dataSync() as Int8Array) : denseStorage(value);
  return {
    dims: [...value.shape],
    dataType: onnxType(value.dtype),
    rawData: new Uint8Array(storage.buffer, storage.byteOffset, storage.byteLength),
  };
}

/** Is every element of this tensor the same one in memory (a scalar that was broadcast)? */
export function isSplat(value: HostTensor): boolean {
  return (
    value.size > 1 &&
    !dtypes[value.dtype].packed &&
    value.strides.every((stride, axis) => stride === 0 || value.shape[axis] === 1)
  );
}
