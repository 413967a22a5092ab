/**
 * The element types, in one table: how a value is stored, how many bits it takes and which numbers it holds.
 * Everything that depends on a dtype asks this table.
 */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int32"
  | "int64"
  | "uint8"
  | "int8"
  | "bool"
  | "int4"
  | "uint4"
  | "int2";

/** The typed arrays that hold elements: codes for float16 and bfloat16, packed bytes for the sub-byte integers. */
export type Storage = Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array | Int8Array;

/** Typed arrays whose elements read as numbers: what kernels loop over. */
export type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array;

/** Makes storage: zeroed, or over a part of a buffer. */
export interface StorageConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): Storage;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Storage;
}

export interface DTypeInfo {
  readonly kind: "float" | "int" | "bool";
  /** Bits an element takes in storage. */
  readonly bits: number;
  /** Constructor of the storage array. */
  readonly storage: StorageConstructor;
  /** Smallest and largest finite value. */
  readonly min: number;
  readonly max: number;
  /** Several elements share a byte; such values can be stored, cast and dequantised, not computed with. */
  readonly packed: boolean;
}

const float = (bits: number, storage: DTypeInfo["storage"], max: number): DTypeInfo => ({
  kind: "float",
  bits,
  storage,
  min: -max,
  max,
  packed: false,
});

const int = (bits: number, storage: DTypeInfo["storage"], min: number, max: number): DTypeInfo => ({
  kind: "int",
  bits,
  storage,
  min,
  max,
  packed: bits < 8,
});

export const dtypes: Readonly<Record<DType, DTypeInfo>> = {
  float32: float(32, Float32Array, 3.4028234663852886e38),
  float64: float(64, Float64Array, Number.MAX_VALUE),
  float16: float(16, Uint16Array, 65504),
  bfloat16: float(16, Uint16Array, 3.3895313892515355e38),
  int32: int(32, Int32Array, -(2 ** 31), 2 ** 31 - 1),
  // The limits of int64 are not doubles; the nearest doubles inside the range are.
  int64: int(64, BigInt64Array, -(2 ** 63), 2 ** 63 - 1024),
  uint8: int(8, Uint8Array, 0, 255),
  int8: int(8, Int8Array, -128, 127),
  bool: { kind: "bool", bits: 8, storage: Uint8Array, min: 0, max: 1, packed: false },
  int4: int(4, Uint8Array, -8, 7),
  uint4: int(4, Uint8Array, 0, 15),
  int2: int(2, Uint8Array, -2, 1),
};

/** Every dtype, in the order of the table. */
export const dtypeNames: readonly DType[] = Object.keys(dtypes) as DType[];

/** Is this string the name of a dtype? */
export function isDType(name: unknown): name is DType {
  return typeof name === "string" && Object.hasOwn(dtypes, name);
}

/** float32, float64, float16 or bfloat16. */
export function isFloat(dtype: DType): boolean {
  return dtypes[dtype].kind === "float";
}

/** A whole-number dtype (bool is none). */
export function isInteger(dtype: DType): boolean {
  return dtypes[dtype].kind === "int";
}

/** Length of the storage array (not of the bytes) for `size` elements. */
export function storageLength(dtype: DType, size: number): number {
  const { packed, bits } = dtypes[dtype];
  return packed ? Math.ceil((size * bits) / 8) : size;
}

/** Bytes that `size` elements take when stored without gaps. */
export function byteLength(dtype: DType, size: number): number {
  return Math.ceil((size * dtypes[dtype].bits) / 8);
}
