import { type DeviceHandle, DeviceTensor, isDeviceTensor } from "../../tensor/device.ts";
import type { DType } from "../../tensor/dtype.ts";
import { DeviceError } from "../../tensor/errors.ts";
import type { Tensor, TensorData } from "../../tensor/tensor.ts";
import { carriedBytes, carriedData } from "./carriers.ts";
import type { TfTensor } from "./engine.ts";

/** A tensor of the engine that a user holds. */
class TfHandle implements DeviceHandle {
  readonly backend = "tfjs";
  constructor(
    readonly residents: Residents,
    readonly tensor: TfTensor,
    readonly dtype: DType,
  ) {}

  async read(): Promise<TensorData> {
    this.check();
    return carriedData(this.dtype, await this.tensor.data());
  }

  /** Throws when the backend has freed the tensor. */
  check(): void {
    if (!this.residents.holds(this))
      throw new DeviceError(`a tensor on "tfjs" was used after its backend was disposed of`);
  }

  release(): void {
    if (this.residents.forget(this)) this.tensor.dispose();
  }
}

/** The device tensors that one backend has given out. */
export class Residents {
  readonly #handles = new Set<TfHandle>();

  /** Our tensor for one of the engine, which must be kept; it is freed with ours. */
  adopt(dtype: DType, tensor: TfTensor): DeviceTensor {
    const handle = new TfHandle(this, tensor, dtype);
    this.#handles.add(handle);
    return new DeviceTensor(dtype, [...tensor.shape], handle);
  }

  /** The engine's tensor of one of ours, `undefined` for a value that lives elsewhere. Throws after `dispose`. */
  own(value: Tensor): TfTensor | undefined {
    if (!isDeviceTensor(value)) return undefined;
    const { handle } = value;
    if (!(handle instanceof TfHandle) || handle.residents !== this) return undefined;
    handle.check();
    return handle.tensor;
  }

  holds(handle: TfHandle): boolean {
    return this.#handles.has(handle);
  }

  /** Takes a handle from the list; false when it was not there. */
  forget(handle: TfHandle): boolean {
    return this.#handles.delete(handle);
  }

  get count(): number {
    return this.#handles.size;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { dtype, tensor } of this.#handles) bytes += carriedBytes(dtype, tensor.size);
    return bytes;
  }

  /** Frees all of them. */
  clear(): void {
    for (const handle of [...this.#handles]) handle.release();
  }
}
