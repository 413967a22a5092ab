import { blank } from "./blank.ts";
import { OnnxError } from "./error.ts";
import { wireType } from "./protobuf.ts";
import { type Field, type MessageName, type ModelProto, type ScalarKind, schema } from "./schema.ts";
import { WireReader } from "./wireReader.ts";

/** Messages inside messages: as many as the public implementations of protobuf allow unless told otherwise. */
export const MAX_DEPTH = 100;
/**
 * Messages and byte strings in one file. An empty message takes 2 bytes of a file and a hundred times that in memory;
 * a model with 100,000 nodes has about a million.
 */
export const MAX_MESSAGES: number = 2 ** 22;
/** Numbers and texts in the lists of one file. What is larger belongs into `rawData`, which is not unpacked. */
export const MAX_VALUES: number = 2 ** 26;

const GROUP_START = 3;
const GROUP_END = 4;

/**
 * The content of an `.onnx` file. `rawData` and other byte strings are views of `bytes`: do not write into them.
 *
 * Reads what the public description of protobuf prescribes: fields in any order, the last one of a single field
 * (single messages are merged), lists packed or not, unknown fields skipped. Stricter are only: a known field framed as
 * another kind, and texts that are not UTF-8, are refused. Fields that are absent in the file are absent in the
 * result or, where our types always have them, empty or zero. The time is proportional to the length of the file.
 *
 * @throws OnnxError with the code and the byte.
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  const state: State = { reader: new WireReader(bytes), messages: 0, values: 0 };
  const model = blank.ModelProto();
  readMessage(state, "ModelProto", model as Content, 0);
  return model;
}

/** The byte at which a message that `decodeModel` gave begins; 0 for other objects. */
export function offsetOf(message: object): number {
  return (message as { readonly [offsetKey]?: number })[offsetKey] ?? 0;
}

const offsetKey: unique symbol = Symbol("offset");

/** Not enumerable, so that messages are equal to those written by hand. (A WeakMap took minutes for millions.) */
function noteOffset(message: object, offset: number): void {
  Object.defineProperty(message, offsetKey, { value: offset });
}

interface State {
  readonly reader: WireReader;
  messages: number;
  values: number;
}

type Content = Record<string, unknown>;

/** Reads fields into a message, which may have some already, up to the reader's limit. */
function readMessage(state: State, name: MessageName, message: Content, depth: number): void {
  const { reader } = state;
  const rows = rowsByNumber[name];
  while (reader.at < reader.limit) {
    const start = reader.at;
    const key = reader.key();
    const framing = key & 7;
    const row = rows.get(key >>> 3);
    if (row === undefined) {
      skipValue(reader, key, start, depth);
      continue;
    }
    const { field, kind, list, alternative } = row;
    const packed = list && framing === wireType.lengthDelimited && row.framing !== wireType.lengthDelimited;
    if (framing !== row.framing && !packed) {
      const complaint = `${name}.${field}: expected wire type ${row.framing}, got ${framing}`;
      throw new OnnxError("wrong-wire-type", start, complaint);
    }
    if (list) {
      message[field] ??= [];
      const values = message[field] as unknown[];
      if (packed) readPacked(state, kind as NumberKind, values);
      else {
        if (isNumberKind(kind) || kind === "string") countValues(state, 1);
        values.push(readValue(state, kind, undefined, depth));
      }
    } else {
      if (alternative !== undefined) delete message[alternative];
      message[field] = readValue(state, kind, message[field], depth);
    }
  }
}

function readValue(state: State, kind: ScalarKind | MessageName, earlier: unknown, depth: number): unknown {
  const { reader } = state;
  if (isNumberKind(kind)) return readNumber(reader, kind);
  if (kind === "string") return reader.text();
  countMessage(state);
  if (kind === "bytes") return reader.bytes();
  const start = reader.at;
  if (depth >= MAX_DEPTH) {
    throw new OnnxError("too-deep", start, `expected at most ${MAX_DEPTH} messages inside each other`);
  }
  const length = reader.length();
  const message = (earlier ?? blank[kind]()) as Content;
  if (!Object.hasOwn(message, offsetKey)) noteOffset(message, reader.at);
  const outer = reader.limit;
  reader.limit = reader.at + length;
  readMessage(state, kind, message, depth + 1);
  reader.limit = outer;
  return message;
}

type NumberKind = Exclude<ScalarKind, "string" | "bytes">;

function isNumberKind(kind: ScalarKind | MessageName): kind is NumberKind {
  return kind === "int64" || kind === "int32" || kind === "float" || kind === "double" || kind === "uint64";
}

function readNumber(reader: WireReader, kind: NumberKind): number | bigint {
  switch (kind) {
    case "int32":
      return reader.int32();
    case "int64":
      return reader.int64();
    case "uint64":
      return reader.uint64();
    case "float":
      return reader.float();
    case "double":
      return reader.double();
  }
}

/** Several numbers behind one length. They are counted before they are read. */
function readPacked(state: State, kind: NumberKind, values: unknown[]): void {
  const { reader } = state;
  const length = reader.length();
  const outer = reader.limit;
  reader.limit = reader.at + length;
  const width = kind === "float" ? 4 : 8;
  countValues(state, isVarint(kind) ? reader.countVarints(length) : Math.floor(length / width));
  while (reader.at < reader.limit) values.push(readNumber(reader, kind));
  reader.limit = outer;
}

function countMessage(state: State): void {
  if (++state.messages > MAX_MESSAGES) {
    throw new OnnxError("too-large", state.reader.at, `expected at most ${MAX_MESSAGES} messages in a file`);
  }
}

function countValues(state: State, count: number): void {
  state.values += count;
  if (state.values > MAX_VALUES) {
    const message = `expected at most ${MAX_VALUES} numbers and texts in lists (rawData holds more)`;
    throw new OnnxError("too-large", state.reader.at, message);
  }
}

/** Goes over the value of a field that ONNX, or our part of it, does not have. */
function skipValue(reader: WireReader, firstKey: number, start: number, depth: number): void {
  // Groups, a framing that nobody writes any more, nest like messages. Their numbers are kept to match the ends.
  const groups: number[] = [];
  let key = firstKey;
  for (let at = start; ; at = reader.at, key = reader.key()) {
    const framing = key & 7;
    const number = key >>> 3;
    if (framing === GROUP_START) {
      groups.push(number);
      if (depth + groups.length > MAX_DEPTH) {
        throw new OnnxError("too-deep", at, `expected at most ${MAX_DEPTH} messages inside each other`);
      }
    } else if (framing === GROUP_END) {
      const open = groups.pop();
      if (open !== number) throw new OnnxError("malformed", at, `group ${number} ends where it is not open`);
    } else skipPlain(reader, framing, at);
    if (groups.length === 0) return;
    if (reader.at === reader.limit) {
      throw new OnnxError("truncated", reader.at, `group ${groups.at(-1)} does not end in its message`);
    }
  }
}

function skipPlain(reader: WireReader, framing: number, start: number): void {
  switch (framing) {
    case wireType.varint:
      reader.skipVarint();
      break;
    case wireType.fixed64:
      reader.skip(8);
      break;
    case wireType.lengthDelimited:
      reader.skip(reader.length());
      break;
    case wireType.fixed32:
      reader.skip(4);
      break;
    default:
      throw new OnnxError("malformed", start, `expected a wire type in [0, 5], got ${framing}`);
  }
}

interface Row {
  readonly field: string;
  readonly kind: ScalarKind | MessageName;
  readonly list: boolean;
  /** The wire type of one value. */
  readonly framing: number;
  /** The field of which only this one or that one holds (`oneof`): the later in the file. */
  readonly alternative: string | undefined;
}

const alternatives: Readonly<Record<string, string>> = { dimValue: "dimParam", dimParam: "dimValue" };

function isVarint(kind: ScalarKind | MessageName): boolean {
  return kind === "int32" || kind === "int64" || kind === "uint64";
}

function framingOf(kind: ScalarKind | MessageName): number {
  if (isVarint(kind)) return wireType.varint;
  if (kind === "float") return wireType.fixed32;
  return kind === "double" ? wireType.fixed64 : wireType.lengthDelimited;
}

function rowsOf(fields: Readonly<Record<string, Field>>): ReadonlyMap<number, Row> {
  return new Map(
    Object.entries(fields).map(([field, [number, kind, cardinality = "one"]]) => [
      number,
      { field, kind, list: cardinality !== "one", framing: framingOf(kind), alternative: alternatives[field] },
    ]),
  );
}

const rowsByNumber = Object.fromEntries(
  Object.entries(schema).map(([name, fields]) => [name, rowsOf(fields as Readonly<Record<string, Field>>)]),
) as Readonly<Record<MessageName, ReadonlyMap<number, Row>>>;
