import { type ElementType, elementType } from "./elements.ts";
import { NpyError } from "./error.ts";
import { quote } from "../quote.ts";
import { LiteralCursor } from "./literal.ts";

/** `\x93NUMPY` */
export const MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Longest header that is read: NumPy's own limit, far above what arrays without fields need. */
export const MAX_HEADER_BYTES = 10_000;

/** Most dimensions that NumPy has. */
export const MAX_RANK = 64;

/** Bytes from which the size of any readable file follows: magic, version, length of the header, header. */
export const MAX_PREFIX_BYTES: number = MAGIC.length + 2 + 4 + MAX_HEADER_BYTES;

export interface NpyHeader {
  readonly elements: { readonly type: ElementType; readonly bigEndian: boolean };
  readonly shape: readonly number[];
  /** Does the first index run fastest? */
  readonly fortranOrder: boolean;
  /** First byte of the elements. */
  readonly begin: number;
  /** The byte after the last element, where the file ends. */
  readonly end: number;
}

/**
 * What an npy file says about itself. The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @param bytes the file's beginning: `MAX_PREFIX_BYTES` are enough.
 * @throws NpyError for anything else than a well-formed header of an array that can be read.
 */
export function parseHeader(bytes: Uint8Array): NpyHeader {
  const { start, begin } = headerRange(bytes);
  const fields: { descr?: string; fortran?: boolean; shape?: number[] } = {};
  const places: Record<string, number> = {};
  const cursor = new LiteralCursor(bytes, begin, start);
  cursor.dictionary((key, offset) => {
    if (Object.hasOwn(places, key)) cursor.fail("invalid-header", `the key ${quote(key)} appears twice`, offset);
    if (key === "descr") {
      if (cursor.startsList())
        cursor.fail("unsupported-dtype", "arrays of records (structured types) cannot be read", offset);
      fields.descr = cursor.string();
    } else if (key === "fortran_order") {
      fields.fortran = cursor.boolean();
    } else if (key === "shape") {
      fields.shape = cursor.integers(MAX_RANK);
    } else {
      cursor.fail("invalid-header", `unexpected key ${quote(key)}`, offset);
    }
    places[key] = offset;
  });
  cursor.finish();
  const { descr, fortran, shape } = fields;
  if (descr === undefined || fortran === undefined || shape === undefined) {
    throw new NpyError("invalid-header", start, "expected the keys descr, fortran_order and shape");
  }
  const elements = elementType(descr);
  if (elements === undefined) {
    const expected = "floats up to 64 bits, integers up to 64 bits but uint64, booleans, or bfloat16 as <V2";
    throw new NpyError("unsupported-dtype", places["descr"] ?? start, `expected ${expected}, got ${quote(descr)}`);
  }
  return {
    elements,
    shape,
    fortranOrder: fortran,
    begin,
    end: begin + byteCount(shape, elements.type.bytes, places["shape"] ?? start),
  };
}

/** Where the header's text starts, and the elements after it. */
function headerRange(bytes: Uint8Array): { start: number; begin: number } {
  const magic = MAGIC.findIndex((byte, i) => bytes[i] !== byte);
  if (magic >= 0 && magic < bytes.length) throw new NpyError("not-npy", magic, "expected the bytes 93 4E 55 4D 50 59");
  const [major, minor] = [bytes[6], bytes[7]];
  if (major === undefined || minor === undefined) {
    throw new NpyError("truncated", bytes.length, "expected magic bytes and a version");
  }
  if (major < 1 || major > 3 || minor !== 0) {
    throw new NpyError("unsupported-version", 6, `expected version 1.0, 2.0 or 3.0, got ${major}.${minor}`);
  }
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) throw new NpyError("truncated", bytes.length, "expected the length of the header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES) {
    const message = `expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${length}`;
    throw new NpyError("header-too-large", 8, message);
  }
  const begin = start + length;
  if (begin > bytes.length) throw new NpyError("truncated", bytes.length, `the header ends at byte ${begin}`);
  return { start, begin };
}

/** As NumPy, counts without dimensions of 0: an empty array whose others multiply beyond all numbers is refused too. */
function byteCount(shape: readonly number[], elementBytes: number, offset: number): number {
  let bytes = elementBytes;
  for (const dim of shape) {
    if (dim !== 0) bytes *= dim;
    if (bytes > Number.MAX_SAFE_INTEGER) throw new NpyError("overflow", offset, "more than 2^53 - 1 bytes");
  }
  return shape.includes(0) ? 0 : bytes;
}
