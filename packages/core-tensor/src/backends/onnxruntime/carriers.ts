import { carrierDType } from "../../formats/onnx/lowerModel.ts";
import { fromTensorData } from "../../tensor/create.ts";
import type { DType, Storage } from "../../tensor/dtype.ts";
import { HostTensor, denseStorage } from "../../tensor/host.ts";
import type { TensorData } from "../../tensor/tensor.ts";

/**
 * A value's elements as onnxruntime takes them: the tensor's own array where it is dense. Element types that its
 * JavaScript interface does not pass (bfloat16, 4 bits and fewer, on some platforms float16) travel as wider ones, which is
 * exact.
 */
export function toBorder(value: HostTensor): ArrayBufferView {
  return carrierDType(value.dtype) === value.dtype ? denseStorage(value) : value.dataSync();
}

/** A tensor over the array that onnxruntime gave. */
export function fromBorder(dtype: DType, dims: readonly number[], data: ArrayBufferView): HostTensor {
  if (carrierDType(dtype) !== dtype) return fromTensorData(dtype, [...dims], data as TensorData);
  return new HostTensor(dtype, [...dims], data as Storage);
}
