import type { NdArray, TypedArray as NdTypedArray } from "ndarray";
import type { DType } from "./dtype.ts";
import { DeviceError } from "./errors.ts";
import { type NestedArray, Tensor, type TensorData, residence } from "./tensor.ts";

/** What a backend keeps for a value of its own: how to read it and how to let it go. */
export interface DeviceHandle {
  /** The name of the backend that owns the value. */
  readonly backend: string;
  read(): Promise<TensorData>;
  release(): void;
}

/** A tensor whose values are where a backend computed them. `data()` fetches them, `dispose()` frees them. */
export class DeviceTensor<Handle extends DeviceHandle = DeviceHandle> extends Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  #handle: Handle | undefined;
  readonly #backend: string;

  constructor(dtype: DType, shape: readonly number[], handle: Handle) {
    super("device");
    this.dtype = dtype;
    this.shape = shape;
    this.#handle = handle;
    this.#backend = handle.backend;
  }

  /** The backend's own value. Throws a DeviceError after `dispose`. */
  get handle(): Handle {
    if (this.#handle === undefined) {
      throw new DeviceError(`a tensor on "${this.#backend}" was used after it was disposed of`);
    }
    return this.#handle;
  }

  async data(): Promise<TensorData> {
    return this.handle.read();
  }

  dataSync(): TensorData {
    throw this.#notHere("dataSync");
  }

  toArray(): NestedArray<number | boolean> {
    throw this.#notHere("toArray");
  }

  view(): NdArray<NdTypedArray | number[]> {
    throw this.#notHere("view");
  }

  item(): number {
    throw this.#notHere("item");
  }

  dispose(): void {
    this.#handle?.release();
    this.#handle = undefined;
  }

  #notHere(method: string): DeviceError {
    return new DeviceError(
      `${method}: this tensor is on "${this.#backend}"; use await tensor.data(), or await toHost(tensor) for a host tensor`,
    );
  }
}

/** Is this a tensor that a backend holds? */
export function isDeviceTensor(value: Tensor): value is DeviceTensor {
  return residence(value) === "device";
}
