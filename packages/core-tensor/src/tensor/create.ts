import { type DType, type Storage, dtypes, isDType, storageLength } from "./dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "./errors.ts";
import { HostTensor, isHostTensor } from "./host.ts";
import { encodeLanes } from "./lanes.ts";
import { checkShape, formatShape, sizeOf } from "./shape.ts";
import { type NestedArray, type Tensor, type TensorData, isTensor } from "./tensor.ts";
import { flattenTree, unflattenTree } from "./tree.ts";

/** A view as scijs ndarray has it. */
export interface NdArrayLike {
  readonly data: TensorData | Uint8ClampedArray | readonly number[];
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/** A tensor as onnxruntime has it. */
export interface OrtTensorLike {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number> | ArrayLike<bigint> | readonly string[];
}

/** A tensor as TensorFlow.js has it. */
export interface TfTensorLike {
  readonly dtype: string;
  readonly shape: readonly number[];
  dataSync(): ArrayLike<number> | readonly string[];
}

/** Everything that `tensor` reads. */
export type TensorLike =
  | Tensor
  | NestedArray<number | boolean | bigint>
  | TensorData
  | Uint8ClampedArray
  | NdArrayLike
  | OrtTensorLike
  | TfTensorLike;

export interface TensorOptions {
  /** Dimensions; for flat data. Default: the data's own, `[length]` for a typed array. */
  readonly shape?: readonly number[];
  /**
   * Element type. Default: the typed array's own, float32 for numbers, bool for booleans, int64 for bigints.
   */
  readonly dtype?: DType;
}

/**
 * A host tensor from nested arrays, typed arrays, an ndarray, a tf.Tensor or an ort.Tensor. Typed arrays of the
 * dtype's own kind are adopted without a copy: do not write into them afterwards.
 *
 * @throws ShapeError when nested arrays are ragged or the data do not fill `shape`;
 *   DTypeError for element types that cannot be represented (strings, for instance).
 * @example tensor([[1, 2], [3, 4]]).shape // [2, 2]
 */
export function tensor(data: TensorLike, options: TensorOptions = {}): HostTensor {
  if (Array.isArray(options)) {
    throw new ArgumentError({ op: "tensor", argument: "options", expected: "{ shape, dtype }", found: "an array" });
  }
  const dtype = options.dtype;
  if (dtype !== undefined && !isDType(dtype)) {
    throw new DTypeError({
      op: "tensor",
      argument: "dtype",
      expected: Object.keys(dtypes).join(", "),
      found: String(dtype),
    });
  }
  const source = readSource(data);
  const shape = options.shape ?? source.shape;
  checkShape("tensor", shape);
  if (sizeOf(shape) !== sizeOf(source.shape)) {
    throw new ShapeError({
      op: "tensor",
      argument: "shape",
      expected: `dimensions of ${sizeOf(source.shape)} elements`,
      found: formatShape(shape),
    });
  }
  const target = dtype ?? source.dtype;
  return new HostTensor(target, [...shape], convert(source, target));
}

/** A tensor's values in this process's memory: the tensor itself when it is there already. */
export async function toHost(value: Tensor): Promise<HostTensor> {
  if (isHostTensor(value)) return value;
  // A traced tensor's data() rejects with the reason.
  return fromTensorData(value.dtype, value.shape, await value.data());
}

/** A tree whose tensors are all in this process's memory. */
export async function toHostTree<T>(tree: T): Promise<T> {
  const { leaves, structure } = flattenTree(tree, isTensor);
  return unflattenTree(structure, await Promise.all(leaves.map(toHost))) as T;
}

/** A host tensor of the values that `data()` gives: the way back, exact for every dtype. */
export function fromTensorData(dtype: DType, shape: readonly number[], data: TensorData): HostTensor {
  return new HostTensor(dtype, shape, convert({ dtype, shape, data }, dtype));
}

/**
 * A host tensor over bytes in the dtype's storage format (little-endian codes; sub-byte integers packed).
 * Copies only when the bytes are not aligned for the storage array.
 */
export function fromBytes(dtype: DType, shape: readonly number[], bytes: Uint8Array): HostTensor {
  const { storage } = dtypes[dtype];
  const length = storageLength(dtype, sizeOf(shape));
  const width = storage.BYTES_PER_ELEMENT;
  if (bytes.byteLength !== length * width) {
    throw new ShapeError({
      op: "fromBytes",
      argument: "bytes",
      expected: `${length * width} bytes for ${dtype} ${formatShape(shape)}`,
      found: String(bytes.byteLength),
    });
  }
  // Not bytes.slice(): for a Node Buffer that is a view.
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return new HostTensor(dtype, [...shape], new storage(aligned.buffer, aligned.byteOffset, length));
}

interface Source {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
}

function convert({ dtype, data }: Source, target: DType): Storage {
  if (data instanceof BigInt64Array && target === "int64") return data;
  if (dtype !== target && dtypes[target].kind === "int") checkWhole(data, target);
  if (target === "int64") return BigInt64Array.from(data as ArrayLike<bigint>, (value) => BigInt(value));
  if (typeof data[0] === "bigint") return encodeLanes(target, Array.from(data as ArrayLike<bigint>, Number));
  return encodeLanes(target, data as ArrayLike<number>);
}

/** Data that the dtype cannot hold are refused, not rounded or wrapped: that is what `cast` is for. */
function checkWhole(data: ArrayLike<number> | ArrayLike<bigint>, dtype: DType): void {
  const { min, max } = dtypes[dtype];
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number | bigint;
    const whole = typeof value === "bigint" || Number.isInteger(value);
    if (whole && value >= min && value <= max) continue;
    throw new ArgumentError({
      op: "tensor",
      argument: `element ${i}`,
      expected: `a whole number in [${min}, ${max}] for ${dtype} (cast converts others)`,
      found: String(value),
    });
  }
}

const ortTypes: Readonly<Record<string, DType>> = {
  float32: "float32",
  float64: "float64",
  float16: "float16",
  int32: "int32",
  int64: "int64",
  uint8: "uint8",
  int8: "int8",
  bool: "bool",
};

const tfTypes: Readonly<Record<string, DType>> = { float32: "float32", int32: "int32", bool: "bool" };

function readSource(data: TensorLike): Source {
  if (isTensor(data)) return { dtype: data.dtype, shape: data.shape, data: data.dataSync() };
  if (ArrayBuffer.isView(data)) return { dtype: typedArrayDType(data), shape: [data.length], data };
  if (typeof data === "object" && data !== null && !Array.isArray(data)) return readForeign(data as object);
  return readNested(data as NestedArray<number | boolean | bigint>);
}

/** What stands in an array of values. */
function kindOf(value: unknown): string {
  if (isTensor(value)) return "a tensor inside an array (use stack or concat)";
  return value === null ? "null" : typeof value;
}

function readForeign(value: object): Source {
  if ("stride" in value && "offset" in value) return readNdarray(value as NdArrayLike);
  if ("dims" in value && "type" in value && "data" in value) {
    const { type, dims, data } = value as OrtTensorLike;
    const dtype = foreignDType(ortTypes, type, "onnxruntime");
    // onnxruntime hands float16 out as codes in a Uint16Array where the platform has no Float16Array.
    if (dtype === "float16" && data instanceof Uint16Array) {
      return { dtype, shape: dims, data: new HostTensor("float16", dims, data).dataSync() };
    }
    return { dtype, shape: dims, data: data as ArrayLike<number> };
  }
  if ("dataSync" in value && "shape" in value && "dtype" in value) {
    const { dtype, shape, dataSync } = value as TfTensorLike;
    return {
      dtype: foreignDType(tfTypes, dtype, "TensorFlow.js"),
      shape,
      data: dataSync.call(value) as ArrayLike<number>,
    };
  }
  throw new ArgumentError({
    op: "tensor",
    argument: "data",
    expected: "nested arrays, a typed array, an ndarray, a tf.Tensor or an ort.Tensor",
    found:
      value instanceof Promise
        ? "a Promise; await it"
        : `an object with the fields ${Object.keys(value).slice(0, 8).join(", ")}`,
  });
}

function foreignDType(table: Readonly<Record<string, DType>>, name: string, engine: string): DType {
  const dtype = table[name];
  if (dtype === undefined) {
    throw new DTypeError({
      op: "tensor",
      argument: `dtype of the ${engine} tensor`,
      expected: Object.keys(table).join(", "),
      found: name,
    });
  }
  return dtype;
}

function readNdarray(array: NdArrayLike): Source {
  const storage = Array.isArray(array.data) ? Float32Array.from(array.data) : array.data;
  const view = storage as TensorData;
  const dtype = typedArrayDType(view);
  const layout = { strides: [...array.stride], offset: array.offset };
  return { dtype, shape: [...array.shape], data: new HostTensor(dtype, [...array.shape], view, layout).dataSync() };
}

function typedArrayDType(array: ArrayBufferView): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof BigInt64Array) return "int64";
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return "uint8";
  if (array instanceof Int8Array) return "int8";
  throw new DTypeError({
    op: "tensor",
    argument: "data",
    expected: "Float32Array, Float64Array, Int32Array, BigInt64Array, Uint8Array, Uint8ClampedArray or Int8Array",
    found: array.constructor.name,
  });
}

function readNested(data: NestedArray<number | boolean | bigint>): Source {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level); level = level[0] as NestedArray<number | boolean | bigint>) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const values: (number | bigint)[] = [];
  const kinds = new Set<string>();
  const visit = (part: NestedArray<number | boolean | bigint>, axis: number): void => {
    if (Array.isArray(part) !== axis < shape.length || (Array.isArray(part) && part.length !== shape[axis])) {
      throw new ShapeError({
        op: "tensor",
        argument: "data",
        expected: `arrays of equal length at every level (${formatShape(shape)} from the first branch)`,
        found: Array.isArray(part) ? `an array of ${part.length} at level ${axis}` : `${typeof part} at level ${axis}`,
      });
    }
    if (Array.isArray(part)) for (const child of part) visit(child, axis + 1);
    else {
      kinds.add(kindOf(part));
      values.push(typeof part === "boolean" ? Number(part) : (part as number | bigint));
    }
  };
  visit(data, 0);
  const [kind] = kinds;
  if (kinds.size > 1 || (kind !== undefined && kind !== "number" && kind !== "boolean" && kind !== "bigint")) {
    throw new DTypeError({
      op: "tensor",
      argument: "data",
      expected: "numbers, booleans or bigints of one kind",
      found: [...kinds].join(" and "),
    });
  }
  const dtype = kind === "boolean" ? "bool" : kind === "bigint" ? "int64" : "float32";
  return { dtype, shape, data: values as number[] };
}
