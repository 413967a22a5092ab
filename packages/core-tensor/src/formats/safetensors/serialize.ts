import {
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  METADATA_KEY,
  type RawTensor,
  elementBytes,
  formatType,
  hasLoneSurrogate,
  isSafetensorsDType,
  tensorBytes,
} from "./format.ts";
import { quote } from "../quote.ts";

/** The header is filled up with spaces to a multiple of this, so that the tensors start aligned. */
const ALIGNMENT = 8;

export interface SerializeSafetensorsOptions {
  /** Free text by key, kept beside the tensors. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of a safetensors file. Equal tensors and metadata give equal bytes, whatever the order of the keys:
 * tensors stand as the reference implementation puts them (widest dtype first, then by name), metadata by key.
 *
 * @throws TypeError for a dtype that the format does not have and for metadata that are not texts; RangeError when
 *   `bytes` do not fit dtype and shape, for the name `__metadata__`, for names and texts with a lone surrogate,
 *   and for a header above 100 MB.
 */
export function serializeSafetensors(
  tensors: Readonly<Record<string, RawTensor>>,
  options: SerializeSafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors);
  for (const [name, tensor] of entries) checkTensor(name, tensor);
  entries.sort(([a, left], [b, right]) => rank(right) - rank(left) || compareCodePoints(a, b));

  const header = headerBytes(entries, Object.entries(options.metadata ?? {}));
  const dataBytes = entries.reduce((sum, [, { bytes }]) => sum + bytes.length, 0);
  const file = new Uint8Array(LENGTH_BYTES + header.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, LENGTH_BYTES);
  let at = LENGTH_BYTES + header.length;
  for (const [, { bytes }] of entries) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

function headerBytes(
  tensors: readonly (readonly [string, RawTensor])[],
  metadata: readonly [string, string][],
): Uint8Array {
  const parts: string[] = [];
  if (metadata.length > 0) {
    const texts = metadata
      .toSorted(([a], [b]) => compareCodePoints(a, b))
      .map(([key, text]) => {
        checkText(`metadata key ${quote(key)}`, key);
        checkText(`metadata of ${quote(key)}`, text);
        return `${JSON.stringify(key)}:${JSON.stringify(text)}`;
      });
    parts.push(`"${METADATA_KEY}":{${texts.join(",")}}`);
  }
  let begin = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    const end = begin + bytes.length;
    parts.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
    begin = end;
  }
  const json = new TextEncoder().encode(`{${parts.join(",")}}`);
  const padded = new Uint8Array(Math.ceil(json.length / ALIGNMENT) * ALIGNMENT).fill(" ".charCodeAt(0));
  padded.set(json);
  if (padded.length > MAX_HEADER_BYTES) {
    throw new RangeError(
      `serializeSafetensors: expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${padded.length}`,
    );
  }
  return padded;
}

function checkTensor(name: string, { dtype, shape, bytes }: RawTensor): void {
  const label = `serializeSafetensors: tensor ${quote(name)}`;
  checkText(`tensor name ${quote(name)}`, name);
  if (name === METADATA_KEY) throw new RangeError(`${label}: expected another name, this one is the metadata's`);
  if (!isSafetensorsDType(dtype)) {
    throw new TypeError(`${label}: expected one of ${Object.keys(elementBytes).join(", ")}, got ${String(dtype)}`);
  }
  const expected = shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0) ? tensorBytes(dtype, shape) : Infinity;
  if (bytes.length !== expected) {
    const found = `${bytes.length} bytes for ${formatType(dtype, shape)}`;
    throw new RangeError(`${label}: expected as many bytes as its dtype and shape say, got ${found}`);
  }
}

function checkText(label: string, text: string): void {
  if (typeof text !== "string") {
    throw new TypeError(`serializeSafetensors: ${label}: expected a text, got ${typeof text}`);
  }
  if (hasLoneSurrogate(text)) {
    throw new RangeError(`serializeSafetensors: ${label}: expected a text that UTF-8 can hold, got a lone surrogate`);
  }
}

const dtypeOrder = Object.keys(elementBytes);

function rank(tensor: RawTensor): number {
  return dtypeOrder.indexOf(tensor.dtype);
}

/** Order of the UTF-8 bytes, which differs from the order of UTF-16 units beyond U+FFFF. */
function compareCodePoints(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a.codePointAt(i) as number) - (b.codePointAt(i) as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
