import { FormatError } from "../../tensor/errors.ts";

/**
 * The element types of the safetensors format that fill whole bytes, with the bytes that one element takes.
 * They stand in the order of the reference implementation, which is also (backwards) the order of tensors in a
 * file: https://github.com/huggingface/safetensors, `Dtype` in safetensors/src/tensor.rs.
 */
export const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

export type SafetensorsDType = keyof typeof elementBytes;

/** A tensor as it lies in a file: row-major, little-endian. */
export interface RawTensor {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface RawSafetensors {
  /** By name, in the order of their bytes in the file. */
  readonly tensors: Record<string, RawTensor>;
  /** Free text by key; empty where the file has none. */
  readonly metadata: Record<string, string>;
}

/** Key of the header under which the metadata stand: no tensor can have this name. */
export const METADATA_KEY = "__metadata__";

/** Largest header in bytes that the reference implementation accepts; a longer one is refused unread. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Bytes before the header: its length as an unsigned 64-bit little-endian integer. */
export const LENGTH_BYTES = 8;

/**
 * What can be wrong with a file:
 * - `truncated`: it ends before the header or the tensors do;
 * - `header-too-large`: more than `MAX_HEADER_BYTES`;
 * - `invalid-json`: the header is not JSON in UTF-8, or not of the form that the format prescribes;
 * - `duplicate-key`: an object in the header has a key twice;
 * - `invalid-entry`: a tensor's description lacks a field or has one too many;
 * - `unknown-dtype`: an element type that the format does not have, or that cannot be read here;
 * - `overflow`: a number, or the size of a tensor, above 2^53 - 1;
 * - `size-mismatch`: a tensor's bytes are more or fewer than its dtype and shape say;
 * - `invalid-offsets`: tensors overlap, or there are bytes between them;
 * - `trailing-bytes`: the file goes on after the last tensor;
 * - `invalid-value`: an element that its dtype does not allow (a boolean other than 0 and 1).
 */
export type SafetensorsErrorCode =
  | "truncated"
  | "header-too-large"
  | "invalid-json"
  | "duplicate-key"
  | "invalid-entry"
  | "unknown-dtype"
  | "overflow"
  | "size-mismatch"
  | "invalid-offsets"
  | "trailing-bytes"
  | "invalid-value";

/** A file that is not well-formed safetensors. */
export class SafetensorsError extends FormatError {
  override name = "SafetensorsError";

  constructor(
    readonly code: SafetensorsErrorCode,
    offset: number,
    message: string,
  ) {
    super("safetensors", offset, message);
  }
}

/** Bytes that a tensor takes; Infinity when that is above 2^53 - 1. */
export function tensorBytes(dtype: SafetensorsDType, shape: readonly number[]): number {
  if (shape.includes(0)) return 0;
  let bytes: number = elementBytes[dtype];
  for (const dim of shape) {
    bytes *= dim;
    if (bytes > Number.MAX_SAFE_INTEGER) return Infinity;
  }
  return bytes;
}

/** Is this the name of an element type of the format? */
export function isSafetensorsDType(name: string): name is SafetensorsDType {
  return Object.hasOwn(elementBytes, name);
}

/** Has the text a half of a surrogate pair alone? Such a text has no UTF-8 form. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** A dtype and shape for a message, shortened. */
export function formatType(dtype: string, shape: readonly number[]): string {
  const shown = shape.slice(0, 8).join(", ");
  return `${dtype} [${shape.length > 8 ? `${shown}, …` : shown}]`;
}
