import { BackwardWriter, type WireType, wireType } from "./protobuf.ts";
import { type Field, type MessageName, type Messages, type ModelProto, type ScalarKind, schema } from "./schema.ts";

/** Protobuf readers keep lengths in 32-bit signed integers. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * The bytes of an `.onnx` file. Fields stand in order of their numbers and every field that is given is written,
 * so equal models give equal bytes. `rawData` is copied once, straight into the result.
 *
 * @throws TypeError when a field holds a value of the wrong kind; RangeError when an integer does not fit its field
 *   or the file would exceed 2 GiB - 1 bytes (keep large weights as external data then).
 */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const writer = new BackwardWriter();
  writeMessage(writer, "ModelProto", model);
  if (writer.length > MAX_BYTES) {
    throw new RangeError(
      `encodeModel: expected a file of at most ${MAX_BYTES} bytes, got ${writer.length}; ` +
        "give large tensors as external data (dataLocation, externalData)",
    );
  }
  return writer.finish();
}

/** Everything of a message from its last field to its first, without a length. */
function writeMessage<M extends MessageName>(writer: BackwardWriter, name: M, message: Messages[M]): void {
  const values = message as Readonly<Record<string, unknown>>;
  for (const [field, row] of fieldsFromLast.get(name) ?? []) {
    const value = values[field];
    if (value !== undefined) writeField(writer, `${name}.${field}`, row, value);
  }
}

function writeField(writer: BackwardWriter, path: string, row: Field, value: unknown): void {
  const [number, kind, cardinality = "one"] = row;
  if (cardinality === "one") {
    writeValue(writer, path, kind, value);
    writer.key(number, framing(kind));
    return;
  }
  if (!Array.isArray(value)) throw wrongKind(path, "an array", value);
  const end = writer.length;
  for (let i = value.length - 1; i >= 0; i--) {
    writeValue(writer, path, kind, value[i]);
    if (cardinality === "repeated") writer.key(number, framing(kind));
  }
  if (cardinality === "packed" && value.length > 0) {
    writer.lengthPrefix(end);
    writer.key(number, wireType.lengthDelimited);
  }
}

function writeValue(writer: BackwardWriter, path: string, kind: ScalarKind | MessageName, value: unknown): void {
  switch (kind) {
    case "int32":
      writer.varint(integerIn(path, value, -(2n ** 31n), 2n ** 31n - 1n));
      break;
    case "int64":
      writer.varint(integerIn(path, value, -(2n ** 63n), 2n ** 63n - 1n));
      break;
    case "uint64":
      writer.varint(integerIn(path, value, 0n, 2n ** 64n - 1n));
      break;
    case "float":
      writer.float(numeric(path, value));
      break;
    case "double":
      writer.double(numeric(path, value));
      break;
    default: {
      const end = writer.length;
      writeDelimited(writer, path, kind, value);
      writer.lengthPrefix(end);
    }
  }
}

function writeDelimited(
  writer: BackwardWriter,
  path: string,
  kind: "string" | "bytes" | MessageName,
  value: unknown,
): void {
  if (kind === "string") {
    if (typeof value !== "string") throw wrongKind(path, "a string", value);
    writer.text(value);
  } else if (kind === "bytes") {
    if (!(value instanceof Uint8Array)) throw wrongKind(path, "a Uint8Array", value);
    writer.bytes(value);
  } else {
    if (typeof value !== "object" || value === null) throw wrongKind(path, `a ${kind}`, value);
    writeMessage(writer, kind, value as Messages[typeof kind]);
  }
}

function framing(kind: ScalarKind | MessageName): WireType {
  switch (kind) {
    case "int32":
    case "int64":
    case "uint64":
      return wireType.varint;
    case "float":
      return wireType.fixed32;
    case "double":
      return wireType.fixed64;
    default:
      return wireType.lengthDelimited;
  }
}

function integerIn(path: string, value: unknown, min: bigint, max: bigint): number | bigint {
  const whole = typeof value === "bigint" || Number.isSafeInteger(value);
  if (!whole && typeof value !== "number") throw wrongKind(path, "a number or bigint", value);
  const integer = value as number | bigint;
  if (!whole || integer < min || integer > max) {
    throw new RangeError(`encodeModel: ${path}: expected a whole number in [${min}, ${max}], got ${integer}`);
  }
  return integer;
}

function numeric(path: string, value: unknown): number {
  if (typeof value !== "number") throw wrongKind(path, "a number", value);
  return value;
}

function wrongKind(path: string, expected: string, value: unknown): TypeError {
  const found = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
  return new TypeError(`encodeModel: ${path}: expected ${expected}, got ${found}`);
}

/** The rows of each message with the highest field number first. */
const fieldsFromLast: ReadonlyMap<string, readonly (readonly [string, Field])[]> = new Map(
  Object.entries(schema).map(([name, rows]) => [
    name,
    Object.entries(rows as Readonly<Record<string, Field>>).sort(([, a], [, b]) => b[0] - a[0]),
  ]),
);
