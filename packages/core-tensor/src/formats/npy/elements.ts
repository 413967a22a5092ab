import { fromBytes } from "../../tensor/create.ts";
import type { DType } from "../../tensor/dtype.ts";
import { HostTensor } from "../../tensor/host.ts";
import { NpyError } from "./error.ts";

/** How elements of one kind lie in a file, and as what they are read. */
export interface ElementType {
  readonly dtype: DType;
  /** Bytes that an element takes in the file. */
  readonly bytes: number;
  /** Turns little-endian elements into those of `dtype`, where they are not these already; never rounds. */
  readonly widen?: (elements: Uint8Array) => Int32Array | BigInt64Array;
}

/**
 * The element types that can be read, by NumPy's code for them without the byte order. Whole numbers of a type that we
 * lack become the next wider one that holds them all; for uint64 there is none.
 */
const elementTypes: Readonly<Record<string, ElementType>> = {
  f8: { dtype: "float64", bytes: 8 },
  f4: { dtype: "float32", bytes: 4 },
  f2: { dtype: "float16", bytes: 2 },
  i8: { dtype: "int64", bytes: 8 },
  i4: { dtype: "int32", bytes: 4 },
  i1: { dtype: "int8", bytes: 1 },
  u1: { dtype: "uint8", bytes: 1 },
  b1: { dtype: "bool", bytes: 1 },
  i2: { dtype: "int32", bytes: 2, widen: (elements) => new Int32Array(new Int16Array(alignedBuffer(elements))) },
  u2: { dtype: "int32", bytes: 2, widen: (elements) => new Int32Array(new Uint16Array(alignedBuffer(elements))) },
  u4: { dtype: "int64", bytes: 4, widen: (elements) => wideIntegers(new Uint32Array(alignedBuffer(elements))) },
};

/** What `np.save` calls bfloat16 of the package ml_dtypes: two bytes of which NumPy itself does not know the meaning. */
const BFLOAT16 = "<V2";

/** Our dtypes as `np.save` calls them on a little-endian machine. NumPy has no packed ones. */
export const descriptors: Readonly<Partial<Record<DType, string>>> = {
  float64: "<f8",
  float32: "<f4",
  float16: "<f2",
  bfloat16: BFLOAT16,
  int64: "<i8",
  int32: "<i4",
  int8: "|i1",
  uint8: "|u1",
  bool: "|b1",
};

/**
 * The element type of a descriptor such as `<f4`, and whether its bytes run from the highest to the lowest. `=` (the
 * writer's own order) and `|` (none) count as little-endian. Undefined for what cannot be read.
 */
export function elementType(descriptor: string): { type: ElementType; bigEndian: boolean } | undefined {
  if (descriptor === BFLOAT16) return { type: { dtype: "bfloat16", bytes: 2 }, bigEndian: false };
  const [order, code] = [descriptor.slice(0, 1), descriptor.slice(1)];
  if (!"<>=|".includes(order) || order === "" || !Object.hasOwn(elementTypes, code)) return undefined;
  return { type: elementTypes[code] as ElementType, bigEndian: order === ">" };
}

/**
 * A tensor over the elements of a file, in a file's order (a copy where they must be changed or moved).
 *
 * @param begin the first of the bytes in the file, for messages.
 */
export function decodeElements(
  { type, bigEndian }: { type: ElementType; bigEndian: boolean },
  shape: readonly number[],
  elements: Uint8Array,
  begin: number,
): HostTensor {
  const bytes = bigEndian && type.bytes > 1 ? reversed(elements, type.bytes) : elements;
  if (type.widen !== undefined) return new HostTensor(type.dtype, shape, type.widen(bytes));
  const wrong = type.dtype === "bool" ? bytes.findIndex((byte) => byte > 1) : -1;
  if (wrong >= 0) {
    throw new NpyError("invalid-value", begin + wrong, `expected 0 or 1 for a boolean, got ${bytes[wrong]}`);
  }
  return fromBytes(type.dtype, shape, bytes);
}

/** A buffer with these bytes alone. */
function alignedBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function wideIntegers(values: Uint32Array): BigInt64Array {
  const result = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = BigInt(values[i] as number);
  return result;
}

/** A copy in which the bytes of each element stand the other way round. */
function reversed(bytes: Uint8Array, width: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += width) {
    for (let i = 0; i < width; i++) result[start + i] = bytes[start + width - 1 - i] as number;
  }
  return result;
}
