import { OnnxError } from "./error.ts";
import { quote } from "../quote.ts";
import type { StringStringEntryProto, TensorProto } from "./schema.ts";
import { offsetOf } from "./decode.ts";

/**
 * The files beside a model that hold its large tensors: their bytes by location (a relative path with forward
 * slashes, as the model spells it), or a function that gives them. It is asked once per tensor.
 */
export type ExternalData = ((location: string) => Uint8Array | undefined) | Readonly<Record<string, Uint8Array>>;

/**
 * Is this a location that a model may name: a relative path downwards in forward slashes? Not: an empty one, one
 * that starts at a root or a drive, one with `..`, a backslash, a colon or a control character.
 */
export function isSafeLocation(location: string): boolean {
  // biome and readers alike are happier with a class of what is allowed than with control characters in a pattern.
  const plain = [...location].every((char) => char >= " " && char !== "\\" && char !== ":" && char !== "\u007f");
  return plain && location.split("/").every((part) => part !== "" && part !== "..");
}

/**
 * The bytes of a tensor that lie outside of the file (ONNX, "External Data"), as a view.
 *
 * @param label how messages call the tensor.
 * @param size bytes that the tensor takes.
 * @throws OnnxError for a location that is not safe or not given, and for a range beyond the bytes of the location.
 */
export function externalBytes(
  proto: TensorProto,
  label: string,
  size: number,
  external: ExternalData | undefined,
): Uint8Array {
  const at = offsetOf(proto);
  const { location, offset = 0, length = size } = readEntries(proto.externalData ?? [], label, at);
  if (!isSafeLocation(location)) {
    const message = `${label}: expected a relative path below the model's folder, got ${quote(location)}`;
    throw new OnnxError("external-path", at, message);
  }
  if (length !== size) {
    throw new OnnxError("size-mismatch", at, `${label}: expected ${size} bytes of external data, got ${length}`);
  }
  const bytes = find(external, location);
  if (bytes === undefined) {
    throw new OnnxError("external-missing", at, `${label}: its data are in ${quote(location)}, which was not given`);
  }
  if (offset > bytes.length || length > bytes.length - offset) {
    const message = `${label}: bytes ${offset} to ${offset + length} of ${quote(location)}, which has ${bytes.length}`;
    throw new OnnxError("external-range", at, message);
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset + offset, length);
}

function find(external: ExternalData | undefined, location: string): Uint8Array | undefined {
  if (typeof external === "function") return external(location);
  return external !== undefined && Object.hasOwn(external, location) ? external[location] : undefined;
}

interface Range {
  readonly location: string;
  readonly offset?: number;
  readonly length?: number;
}

function readEntries(entries: readonly StringStringEntryProto[], label: string, at: number): Range {
  const texts = new Map<string, string>();
  for (const { key, value } of entries) {
    if (texts.has(key)) throw new OnnxError("external-entry", at, `${label}: two entries ${quote(key)}`);
    texts.set(key, value);
  }
  const location = texts.get("location");
  if (location === undefined) throw new OnnxError("external-entry", at, `${label}: external data without a location`);
  const numbers = (["offset", "length"] as const).flatMap((key) => {
    const text = texts.get(key);
    if (text === undefined) return [];
    const value = Number(text);
    if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) {
      const message = `${label}: ${key}: expected a whole number in [0, 2^53), got ${quote(text)}`;
      throw new OnnxError("external-entry", at, message);
    }
    return [[key, value]];
  });
  return { location, ...Object.fromEntries(numbers) };
}
