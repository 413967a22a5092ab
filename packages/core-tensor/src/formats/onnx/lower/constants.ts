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

/** The dtype that stands for a value in a file: int8 for int2, which the opsets we write do not have. */
export function fileDType(dtype: DType): DType {
  return dtype === "int2" ? "int8" : dtype;
}

/** ONNX's number for the dtype that stands for a value in a file. */
export function onnxType(dtype: DType): number {
  return onnxTypes[fileDType(dtype)];
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
