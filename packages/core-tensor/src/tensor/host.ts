import makeNdarray, { type NdArray, type TypedArray as NdTypedArray } from "ndarray";
import { decodeBfloat16 } from "./bfloat16.ts";
import { type DType, type Storage, dtypes, storageLength } from "./dtype.ts";
import { ArgumentError } from "./errors.ts";
import { decodeFloat16 } from "./float16.ts";
import { unpack } from "./packed.ts";
import { formatShape, rowMajorStrides, sizeOf } from "./shape.ts";
import { type NestedArray, Tensor, type TensorData, residence } from "./tensor.ts";

/** Where the elements of a host tensor lie in its storage. Packed dtypes are always dense from the start. */
export interface Layout {
  /** Elements between neighbours along each axis; 0 repeats one element (a broadcast), negative runs backwards. */
  readonly strides: readonly number[];
  /** Index of element [0, …, 0]. */
  readonly offset: number;
}

/** A tensor in this process's memory: typed-array storage seen through strides. */
export class HostTensor extends Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** The array that holds the elements: codes for float16 and bfloat16, bytes for packed dtypes. */
  readonly storage: Storage;

  constructor(dtype: DType, shape: readonly number[], storage: Storage, layout?: Layout) {
    super("host");
    this.dtype = dtype;
    this.shape = shape;
    this.storage = storage;
    this.strides = layout?.strides ?? rowMajorStrides(shape);
    this.offset = layout?.offset ?? 0;
  }

  override get size(): number {
    return sizeOf(this.shape);
  }

  dataSync(): TensorData {
    return decodeStorage(this.dtype, denseStorage(this), this.size);
  }

  async data(): Promise<TensorData> {
    return this.dataSync();
  }

  toArray(): NestedArray<number | boolean> {
    const values = this.dataSync();
    const convert =
      this.dtype === "bool"
        ? (value: number | bigint): boolean => value !== 0
        : (value: number | bigint): number => safeNumber(value);
    let at = 0;
    const nest = (axis: number): NestedArray<number | boolean> =>
      axis === this.rank
        ? convert(values[at++] as number | bigint)
        : Array.from({ length: this.shape[axis] as number }, () => nest(axis + 1));
    return nest(0);
  }

  view(): NdArray<NdTypedArray | number[]> {
    // Codes and packed bytes are no numbers: such values are decoded, and the ndarray is over the copy.
    const direct =
      this.storage.BYTES_PER_ELEMENT * 8 === dtypes[this.dtype].bits && !(this.storage instanceof Uint16Array);
    return direct
      ? makeNdarray(this.storage as NdTypedArray, [...this.shape], [...this.strides], this.offset)
      : makeNdarray(this.dataSync() as NdTypedArray, [...this.shape]);
  }

  item(): number {
    if (this.size !== 1) {
      throw new ArgumentError({
        op: "item",
        expected: "a tensor with one element",
        found: `shape ${formatShape(this.shape)}`,
      });
    }
    return safeNumber(this.dataSync()[0] as number | bigint);
  }

  dispose(): void {}
}

/** Is this a tensor whose values are at hand? */
export function isHostTensor(value: Tensor): value is HostTensor {
  return residence(value) === "host";
}

function safeNumber(value: number | bigint): number {
  if (typeof value === "number") return value;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(
      `int64 value ${value}: expected one within ±(2^53 - 1) to give as a number; data() keeps it exact`,
    );
  }
  return number;
}

/** Are the elements in row-major order without gaps (wherever they start)? */
export function isDense(tensor: HostTensor): boolean {
  let expected = 1;
  for (let axis = tensor.rank - 1; axis >= 0; axis--) {
    const dim = tensor.shape[axis] as number;
    if (dim === 0) return true;
    if (dim !== 1 && tensor.strides[axis] !== expected) return false;
    expected *= dim;
  }
  return true;
}

/** The storage in row-major order with exactly the tensor's elements: the tensor's own array where it is that. */
export function denseStorage(tensor: HostTensor): Storage {
  const { storage, offset, size, dtype } = tensor;
  const length = storageLength(dtype, size);
  if (isDense(tensor)) {
    return offset === 0 && storage.length === length ? storage : (storage.subarray(offset, offset + length) as Storage);
  }
  const copy = new dtypes[dtype].storage(length);
  gatherStrided(copy, storage, tensor.shape, tensor.strides, offset);
  return copy;
}

/** Copies strided elements to a dense array: the innermost axis in a flat loop, the outer ones by an odometer. */
function gatherStrided(
  target: Storage,
  source: Storage,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): void {
  const last = shape.length - 1;
  const inner = shape[last] as number;
  const step = strides[last] as number;
  const counter = new Array<number>(last).fill(0);
  let from = offset;
  for (let to = 0; to < target.length; ) {
    for (let i = 0, at = from; i < inner; i++, at += step) target[to++] = source[at] as never;
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis] as number;
      if (++(counter[axis] as number) < (shape[axis] as number)) break;
      from -= (strides[axis] as number) * (shape[axis] as number);
      counter[axis] = 0;
    }
  }
}

/** Storage codes to values. */
export function decodeStorage(dtype: DType, storage: Storage, size: number): TensorData {
  switch (dtype) {
    case "float16":
      return decodeFloat16(storage as Uint16Array);
    case "bfloat16":
      return decodeBfloat16(storage as Uint16Array);
    case "int4":
    case "uint4":
    case "int2":
      return unpack(storage as Uint8Array, dtype, size);
    default:
      return storage as TensorData;
  }
}
