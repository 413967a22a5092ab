import {
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  METADATA_KEY,
  type RawSafetensors,
  type SafetensorsDType,
  SafetensorsError,
  formatType,
  isSafetensorsDType,
  tensorBytes,
} from "./format.ts";
import { quote } from "../quote.ts";
import { JsonCursor } from "./json.ts";

/** Where a tensor lies in a file. */
export interface TensorLayout {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** First byte of the tensor in the file, and the byte after its last one. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsLayout {
  /** In the order of their bytes, which fill the file after the header without gaps. */
  readonly tensors: readonly TensorLayout[];
  readonly metadata: Record<string, string>;
}

/**
 * The tensors of a safetensors file as views of its bytes; nothing is copied.
 *
 * Reads what the reference implementation reads (https://github.com/huggingface/safetensors, "Format"), except that
 * duplicate keys, unknown fields of a tensor and element types below a byte are refused.
 *
 * @throws SafetensorsError for anything else than a well-formed file; no tensor is given out then.
 */
export function parseSafetensors(bytes: Uint8Array): RawSafetensors {
  // A plain Uint8Array also where a Buffer came, whose slice() does not copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { tensors, metadata } = parseLayout(plain, plain.length);
  return {
    tensors: Object.fromEntries(
      tensors.map(({ name, dtype, shape, begin, end }) => [name, { dtype, shape, bytes: plain.subarray(begin, end) }]),
    ),
    metadata,
  };
}

/**
 * What a file holds and where, from its first bytes and its length.
 *
 * @param start the file's first bytes: at least the header.
 * @param fileLength bytes of the whole file.
 * @throws SafetensorsError as `parseSafetensors` does.
 */
export function parseLayout(start: Uint8Array, fileLength: number): SafetensorsLayout {
  const dataStart = headerEnd(start, fileLength);
  if (start.length < dataStart) {
    throw new SafetensorsError("truncated", start.length, `the header ends at byte ${dataStart}`);
  }
  const { entries, metadata } = parseHeader(start, dataStart);
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = entries.map((entry) => ({
    name: entry.name,
    dtype: entry.dtype,
    shape: entry.shape,
    begin: dataStart + entry.begin,
    end: dataStart + entry.end,
  }));
  checkContiguous(tensors, dataStart, fileLength);
  return { tensors, metadata };
}

/** The byte after the header, from the length before it: the file's first 8 bytes. */
export function headerEnd(start: Uint8Array, fileLength: number): number {
  if (start.length < LENGTH_BYTES) {
    throw new SafetensorsError("truncated", start.length, `expected ${LENGTH_BYTES} bytes with the header's length`);
  }
  const view = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES);
  const length = view.getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    const message = `expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${length}`;
    throw new SafetensorsError("header-too-large", 0, message);
  }
  const end = LENGTH_BYTES + Number(length);
  if (end > fileLength) {
    throw new SafetensorsError("truncated", fileLength, `the header ends at byte ${end}`);
  }
  return end;
}

interface Header {
  /** `begin` and `end` count from the end of the header. */
  readonly entries: TensorLayout[];
  readonly metadata: Record<string, string>;
}

function parseHeader(bytes: Uint8Array, end: number): Header {
  const cursor = new JsonCursor(bytes, end, LENGTH_BYTES);
  const entries: TensorLayout[] = [];
  const texts: [string, string][] = [];
  cursor.object((key, offset) => {
    if (key === METADATA_KEY) cursor.object((name) => texts.push([name, cursor.string()]));
    else entries.push(parseEntry(cursor, key, offset));
  });
  cursor.finish();
  // fromEntries defines properties, so that the key "__proto__" is one like any other.
  return { entries, metadata: Object.fromEntries(texts) };
}

function parseEntry(cursor: JsonCursor, name: string, offset: number): TensorLayout {
  const label = `tensor ${quote(name)}`;
  let dtype: SafetensorsDType | undefined;
  let shape: number[] | undefined;
  let range: number[] | undefined;
  cursor.object((field, at) => {
    if (field === "dtype") {
      const found = cursor.string();
      if (!isSafetensorsDType(found)) cursor.fail("unknown-dtype", `${label}: dtype ${quote(found)}`, at);
      dtype = found;
    } else if (field === "shape") {
      shape = cursor.integers();
    } else if (field === "data_offsets") {
      range = cursor.integers();
    } else {
      cursor.fail("invalid-entry", `${label}: unexpected field ${quote(field)}`, at);
    }
  });
  if (dtype === undefined || shape === undefined || range === undefined) {
    return cursor.fail("invalid-entry", `${label}: expected the fields dtype, shape and data_offsets`, offset);
  }
  const [begin, end] = range;
  if (begin === undefined || end === undefined || range.length !== 2) {
    return cursor.fail("invalid-entry", `${label}: expected 2 data_offsets, got ${range.length}`, offset);
  }
  const size = tensorBytes(dtype, shape);
  if (size === Infinity) cursor.fail("overflow", `${label}: more than 2^53 - 1 bytes`, offset);
  if (end - begin !== size) {
    const message = `${label}: expected ${size} bytes for ${formatType(dtype, shape)}, got ${end - begin}`;
    cursor.fail("size-mismatch", message, offset);
  }
  return { name, dtype, shape, begin, end };
}

/** The tensors must follow each other from the header's end to the file's. */
function checkContiguous(tensors: readonly TensorLayout[], dataStart: number, fileLength: number): void {
  let at = dataStart;
  for (const { name, begin, end } of tensors) {
    const label = `tensor ${quote(name)}`;
    if (begin !== at) {
      throw new SafetensorsError("invalid-offsets", begin, `${label}: expected it to start at byte ${at}`);
    }
    if (end > fileLength) {
      throw new SafetensorsError("truncated", fileLength, `${label} ends at byte ${end}`);
    }
    at = end;
  }
  if (at !== fileLength) {
    throw new SafetensorsError("trailing-bytes", at, `${fileLength - at} bytes follow the last tensor`);
  }
}
