import { type DType, dtypes } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import type { TensorData } from "../../tensor/tensor.ts";
import type { Tf, TfArray, TfDType, TfTensor } from "./engine.ts";

/**
 * TensorFlow.js has float32, int32 and bool. Our whole numbers are carried as int32, with explicit wrapping where a
 * result could leave the range of its dtype; int64 is limited to the range of int32.
 */
const carriers: Readonly<Partial<Record<DType, TfDType>>> = {
  float32: "float32",
  int32: "int32",
  int64: "int32",
  int8: "int32",
  uint8: "int32",
  int4: "int32",
  uint4: "int32",
  int2: "int32",
  bool: "bool",
};

/** The element type that carries a dtype; `undefined` for those that TensorFlow.js cannot represent. */
export function carrierOf(dtype: DType): TfDType | undefined {
  return carriers[dtype];
}

/** The carrier of a dtype that is known to have one. */
export function carrier(dtype: DType): TfDType {
  return carriers[dtype] ?? "float32";
}

/** Bytes of a tensor as the engine counts them. */
export function carriedBytes(dtype: DType, size: number): number {
  return size * (carrier(dtype) === "bool" ? 1 : 4);
}

/** Does the dtype hold every int32 (so that int32 arithmetic needs no wrapping)? */
export function isWide(dtype: DType): boolean {
  return dtypes[dtype].bits >= 32;
}

/** Index of the first int64 element that int32 cannot hold, or -1. */
export function firstBeyondInt32(value: HostTensor): number {
  if (value.dtype !== "int64") return -1;
  return (value.dataSync() as BigInt64Array).findIndex((element) => element !== BigInt.asIntN(32, element));
}

/** Values as the engine takes them. */
function carriedArray(value: HostTensor): TfArray {
  const data = value.dataSync();
  if (data instanceof BigInt64Array) return Int32Array.from(data, Number);
  switch (carrier(value.dtype)) {
    case "float32":
      return data instanceof Float32Array ? data : Float32Array.from(data);
    case "bool":
      return data instanceof Uint8Array ? data : Uint8Array.from(data);
    default:
      return data instanceof Int32Array ? data : Int32Array.from(data);
  }
}

/** Copies a host tensor to the engine; the caller frees it. */
export function upload(tf: Tf, value: HostTensor): TfTensor {
  return tf.tensor(carriedArray(value), [...value.shape], carrier(value.dtype));
}

/** Whole numbers that a lowering makes up, wrapped to the dtype, as a tensor of its carrier. */
export function numbers(tf: Tf, dtype: DType, shape: readonly number[], values: ArrayLike<number>): TfTensor {
  return upload(tf, fromLanes(dtype, shape, values));
}

/** A tensor of int32, for indices. */
export function indexTensor(tf: Tf, shape: readonly number[], values: ArrayLike<number>): TfTensor {
  return tf.tensor(Int32Array.from(values), [...shape], "int32");
}

/** The values of a carrier as `Tensor.data` gives them for the dtype. */
export function carriedData(dtype: DType, raw: unknown): TensorData {
  const data = raw as TfArray;
  switch (dtype) {
    // The engine's cpu backend keeps whole numbers in place when it casts them to float32.
    case "float32":
      return data instanceof Float32Array ? data : Float32Array.from(data);
    case "int64":
      return BigInt64Array.from(data, (element) => BigInt(element));
    case "uint8":
    case "uint4":
    case "bool":
      return data instanceof Uint8Array ? data : Uint8Array.from(data);
    case "int8":
    case "int4":
    case "int2":
      return Int8Array.from(data);
    default:
      return data instanceof Int32Array ? data : Int32Array.from(data);
  }
}
