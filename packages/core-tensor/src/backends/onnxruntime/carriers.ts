import { carrierDType } from "../../formats/onnx/lowerModel.ts";
import { fromTensorData } from "../../tensor/create.ts";
import type { DType } from "../../tensor/dtype.ts";
import { HostTensor, denseStorage } from "../../tensor/host.ts";
import type { TensorData } from "../../tensor/tensor.ts";

/**
 * A value's elements as onnxruntime takes them: the tensor's own array where it is dense. Element types that its
 * JavaScript interface does not pass (bfloat16, 4 bits and fewer) travel as wider ones, which is exact.
 */
export function toBorder(value: HostTensor): ArrayBufferView {
  return carrierDType(value.dtype) === value.dtype ? denseStorage(value) : value.dataSync();
}

/** A tensor over the array that onnxruntime gave. */
export function fromBorder(dtype: DType, dims: readonly number[], data: ArrayBufferView): HostTensor {
  if (carrierDType(dtype) !== dtype) return fromTensorData(dtype, [...dims], data as TensorData);
  // Where the platform has a Float16Array, that is what float16 comes in; its codes are ours.
  const storage =
    dtype === "float16" ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : (data as TensorData);
  return new HostTensor(dtype, [...dims], storage);
}
