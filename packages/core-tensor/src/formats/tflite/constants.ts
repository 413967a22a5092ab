import { fromBytes } from "../../tensor/create.ts";
import { type DType, byteLength } from "../../tensor/dtype.ts";
import { HostTensor } from "../../tensor/host.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { TfliteError } from "./errors.ts";
import type { Flatbuffer, Table } from "./flatbuffer.ts";
import type { Model, TensorInfo } from "./schema.ts";
import { sparsePositions } from "./sparsity.ts";
import { isNibble } from "./types.ts";

/** Bytes that constants may take beyond the file's own: so many times the file, and so many besides. */
const GROWTH = 32;
const ALLOWANCE = 2 ** 20;

/** The constants of a model. Most lie over the file's bytes; sparse, unaligned and 4-bit ones are copies. */
export class Constants {
  readonly #file: Flatbuffer;
  readonly #buffers: readonly Table[];
  #left: number;

  constructor({ file, buffers }: Model) {
    this.#file = file;
    this.#buffers = buffers;
    this.#left = GROWTH * file.bytes.length + ALLOWANCE;
  }

  /** Takes memory for a constant that is not the file's own bytes; small files must not ask for much. */
  reserve(bytes: number, offset: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    const limit = `${GROWTH} times the ${this.#file.bytes.length} bytes of the file`;
    throw new TfliteError("too-large", offset, `constants take more memory than ${limit}`);
  }

  /** The values that the file gives a tensor; undefined where it gives none. */
  read(tensor: TensorInfo, dtype: DType): HostTensor | undefined {
    const bytes = this.#bytes(tensor);
    const { shape, sparsity, offset, index } = tensor;
    const size = sizeOf(shape);
    if (sparsity !== undefined) return this.#densify(tensor, dtype, bytes, sparsity);
    if (bytes.length === 0) return size === 0 ? fromBytes(dtype, shape, bytes) : undefined;
    const expected = isNibble(tensor.type) ? Math.ceil(size / 2) : byteLength(dtype, size);
    if (bytes.length !== expected) {
      const message = `tensor ${index}: expected ${expected} bytes for [${shape.join(", ")}], got ${bytes.length}`;
      throw new TfliteError("invalid-tensor", offset, message);
    }
    return this.#decode(tensor, dtype, shape, bytes);
  }

  #decode({ type, offset, index }: TensorInfo, dtype: DType, shape: readonly number[], bytes: Uint8Array): HostTensor {
    if (isNibble(type)) {
      this.reserve(2 * bytes.length, offset);
      const packed = new HostTensor("int4", shape, bytes);
      return new HostTensor("int8", shape, packed.dataSync() as Int8Array);
    }
    if (dtype === "bool" && bytes.some((byte) => byte > 1)) {
      throw new TfliteError("invalid-tensor", offset, `tensor ${index}: expected 0 and 1 for booleans`);
    }
    // fromBytes copies then.
    if (bytes.byteOffset % byteLength(dtype, 1) !== 0) this.reserve(bytes.length, offset);
    return fromBytes(dtype, shape, bytes);
  }

  #densify(tensor: TensorInfo, dtype: DType, bytes: Uint8Array, sparsity: Table): HostTensor {
    const { shape, offset, index } = tensor;
    const size = sizeOf(shape);
    // The dense values, and a place for each of them on the way.
    this.reserve(size * (byteLength(dtype, 1) + 8), offset);
    const positions = sparsePositions(sparsity, shape);
    const expected = isNibble(tensor.type) ? Math.ceil(positions.length / 2) : byteLength(dtype, positions.length);
    if (bytes.length !== expected) {
      const message = `tensor ${index}: expected ${expected} bytes for ${positions.length} elements, got ${bytes.length}`;
      throw new TfliteError("invalid-sparsity", offset, message);
    }
    const { storage: values } = this.#decode(tensor, dtype, [positions.length], bytes);
    const dense = fromBytes(dtype, shape, new Uint8Array(byteLength(dtype, size)));
    positions.forEach((position, i) => {
      dense.storage[position] = values[i] as never;
    });
    return dense;
  }

  #bytes({ buffer: index, offset }: TensorInfo): Uint8Array {
    const buffer = this.#buffers[index] as Table;
    // Files above 2 GB keep their data behind the flatbuffer; 0 and 1 mean that they do not.
    const begin = buffer.uint64(1);
    if (begin <= 1) return buffer.bytes(0);
    const length = buffer.uint64(2);
    if (begin + length > this.#file.bytes.length) {
      const message = `buffer ${index}: expected it inside the file, got ${length} bytes at ${begin}`;
      throw new TfliteError("out-of-bounds", offset, message);
    }
    return this.#file.bytes.subarray(begin, begin + length);
  }
}
