import { readFileSync } from "node:fs";
import fc from "fast-check";
import { onnx } from "onnx-proto";
import { describe, expect, test } from "vitest";
import { blank } from "../../../src/formats/onnx/blank.ts";
import { MAX_DEPTH, MAX_VALUES, decodeModel, offsetOf } from "../../../src/formats/onnx/decode.ts";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import { OnnxError } from "../../../src/formats/onnx/error.ts";
import {
  type Field,
  type MessageName,
  type ModelProto,
  type ScalarKind,
  schema,
} from "../../../src/formats/onnx/schema.ts";
import { models } from "./models.ts";
import { readPack } from "./pack.ts";
import { delimited, join, key, number, varint } from "./wire.ts";

const rowsOf = (message: MessageName): [string, Field][] => Object.entries(schema[message] as Record<string, Field>);

/** A 64-bit integer as the decoder gives it: a number where it is safe. */
const narrow = (value: bigint): number | bigint =>
  BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value;
const nearLimits = fc
  .tuple(fc.constantFrom(-(2n ** 53n), 2n ** 53n, 2n ** 32n, -(2n ** 32n), 0n), fc.integer({ min: -2, max: 2 }))
  .map(([base, step]) => base + BigInt(step));
const scalars: Record<ScalarKind, fc.Arbitrary<unknown>> = {
  int32: fc.integer(),
  int64: fc.oneof(nearLimits, fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)).map(narrow),
  uint64: fc
    .oneof(
      nearLimits.map((value) => (value < 0n ? -value : value)),
      fc.bigInt(0n, 2n ** 64n - 1n),
    )
    .map(narrow),
  float: fc.float(),
  double: fc.double(),
  string: fc.string({ unit: "grapheme", maxLength: 12 }),
  bytes: fc.uint8Array({ maxLength: 40 }),
};

/** Any message of this kind, nested messages to the given depth, with what our types always have. */
function message(name: MessageName, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  const required = Object.keys(blank[name]());
  for (const [field, [, kind, cardinality = "one"]] of rowsOf(name)) {
    // Of the two members of a oneof only one may be there.
    if (field === "dimValue") continue;
    const always = required.includes(field);
    if (kind in schema && depth === 0) {
      if (always) fields[field] = fc.constant(cardinality === "one" ? blank[kind as MessageName]() : []);
      continue;
    }
    const value = kind in schema ? message(kind as MessageName, depth - 1) : scalars[kind as ScalarKind];
    const minLength = always ? 0 : 1;
    fields[field] = cardinality === "one" ? value : fc.array(value, { minLength, maxLength: 3 });
  }
  return fc.record(fields, { requiredKeys: required });
}

/** Fills in what our types always have; empty lists that need not be there leave no trace in a file. */
function complete(value: unknown, kind: ScalarKind | MessageName): unknown {
  if (Array.isArray(value)) return value.map((part) => complete(part, kind));
  if (!(kind in schema)) return value;
  const rows = schema[kind as MessageName] as Record<string, Field>;
  const entries = Object.entries(value as object)
    .filter(([, part]) => !(Array.isArray(part) && part.length === 0))
    .map(([field, part]) => [field, complete(part, (rows[field] as Field)[1])]);
  return { ...blank[kind as MessageName](), ...Object.fromEntries(entries) };
}

describe("what the encoder wrote comes back", () => {
  test.each(Object.entries(models))("%s", (_name, model) => {
    expect(decodeModel(encodeModel(model))).toEqual(complete(model, "ModelProto"));
  });

  test("any message", () => {
    fc.assert(
      fc.property(message("ModelProto", 3), (model) => {
        expect(decodeModel(encodeModel(model as object as ModelProto))).toEqual(model);
      }),
    );
  });
});

test("a model with every field set, as ONNX's own library wrote it", () => {
  const file = readFileSync(new URL("fixtures/every_field.json", import.meta.url), "utf8");
  const revive = (_key: string, value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if ("bytes" in value) return Uint8Array.from(value.bytes as number[]);
    return "bigint" in value ? narrow(BigInt(value.bigint as string)) : value;
  };
  const { fields, base64 } = JSON.parse(file, revive) as { fields: ModelProto; base64: string };
  expect(decodeModel(Buffer.from(base64, "base64"))).toEqual(complete(fields, "ModelProto"));
});

/** As onnx-proto gives objects: 64-bit integers as decimal texts, byte strings as arrays, nothing that is empty. */
function plain(value: unknown, kind: ScalarKind | MessageName): unknown {
  if (Array.isArray(value)) return value.map((part) => plain(part, kind));
  if (value instanceof Uint8Array) return [...value];
  if (kind === "int64" || kind === "uint64") return String(value);
  if (!(kind in schema)) return value;
  const rows = schema[kind as MessageName] as Record<string, Field>;
  return Object.fromEntries(
    Object.entries(value as object)
      .filter(([field, part]) => field in rows && !(Array.isArray(part) && part.length === 0))
      .map(([field, part]) => [field, plain(part, (rows[field] as Field)[1])]),
  );
}

test("onnx-proto reads the same from ONNX's own test models", () => {
  for (const { name, model } of readPack("nodes.pack.gz")) {
    const theirs = onnx.ModelProto.toObject(onnx.ModelProto.decode(model), { longs: String, bytes: Array });
    const ours = decodeModel(model);
    expect(plain(complete(plainTypes(theirs), "ModelProto"), "ModelProto"), name).toEqual(plain(ours, "ModelProto"));
  }
});

/** Without the fields that our schema leaves out (types of sequences, for instance). */
function plainTypes(value: unknown, kind: ScalarKind | MessageName = "ModelProto"): unknown {
  if (Array.isArray(value)) return value.map((part) => plainTypes(part, kind));
  if (!(kind in schema) || typeof value !== "object" || value === null) return value;
  const rows = schema[kind as MessageName] as Record<string, Field>;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([field]) => field in rows)
      .map(([field, part]) => [field, plainTypes(part, (rows[field] as Field)[1])]),
  );
}

/** A model whose graph has these bytes. */
const inGraph = (...parts: readonly Uint8Array[]): Uint8Array => delimited(7, ...parts);
/** A model with one initializer of these bytes. */
const inTensor = (...parts: readonly Uint8Array[]): Uint8Array => inGraph(delimited(5, ...parts));
const firstTensor = (bytes: Uint8Array) => decodeModel(bytes).graph.initializer?.[0];
const nothing = complete({}, "ModelProto");

describe("what protobuf allows and our encoder does not write", () => {
  test("an empty file is a model without anything", () => {
    expect(decodeModel(new Uint8Array(0))).toEqual(nothing);
  });

  test("lists of numbers, packed or not, in turn", () => {
    const dims = join(delimited(1, varint(2), varint(300)), number(1, -1), delimited(1), number(1, 2n ** 60n));
    expect(firstTensor(inTensor(dims))?.dims).toEqual([2, 300, -1, 2n ** 60n]);
    const floats = join(key(4, 5), [0, 0, 128, 63], delimited(4, [0, 0, 0, 64, 0, 0, 64, 64]));
    expect(firstTensor(inTensor(floats))?.floatData).toEqual([1, 2, 3]);
    const codes = join(number(5, 7), delimited(5, varint(-1), varint(2 ** 31 - 1)));
    expect(firstTensor(inTensor(codes))?.int32Data).toEqual([7, -1, 2 ** 31 - 1]);
  });

  test("numbers of 32 bits that were written in five bytes, and such that do not fit", () => {
    expect(firstTensor(inTensor(number(2, 0xffffffff)))?.dataType).toBe(-1);
    expect(firstTensor(inTensor(number(2, 2 ** 32 + 6)))?.dataType).toBe(6);
    expect(firstTensor(inTensor(join(key(2, 0), [0x86, 0x80, 0x80, 0])))?.dataType).toBe(6);
  });

  test("the last of several values, and messages in parts", () => {
    expect(decodeModel(join(number(1, 3), number(1, 8))).irVersion).toBe(8);
    const graph = decodeModel(
      join(inGraph(delimited(2, "a"), delimited(1)), number(1, 8), inGraph(delimited(2, "b"))),
    ).graph;
    expect(graph).toEqual({ ...blank.GraphProto(), name: "b", node: [blank.NodeProto()] });
    expect(offsetOf(graph)).toBe(2);
  });

  test("of a dimension's number and name the later one", () => {
    const shape = (...parts: readonly Uint8Array[]): Uint8Array =>
      inGraph(delimited(11, delimited(2, delimited(1, delimited(2, delimited(1, ...parts))))));
    const dimension = (bytes: Uint8Array) => decodeModel(bytes).graph.input[0]?.type?.tensorType?.shape?.dim[0];
    expect(dimension(shape(number(1, 3), delimited(2, "n")))).toEqual({ dimParam: "n" });
    expect(dimension(shape(delimited(2, "n"), number(1, 3)))).toEqual({ dimValue: 3 });
    expect(dimension(shape())).toEqual({});
  });

  test("fields that ONNX does not have", () => {
    const unknown = join(
      number(99, 2n ** 64n - 1n),
      key(99, 1),
      new Uint8Array(8),
      delimited(99, "anything"),
      key(99, 5),
      new Uint8Array(4),
      join(key(98, 3), number(1, 5), key(97, 3), delimited(2, "x"), key(97, 4), key(98, 4)),
    );
    expect(decodeModel(join(unknown, number(1, 8), unknown)).irVersion).toBe(8);
    expect(decodeModel(join(inGraph(unknown), unknown))).toEqual(nothing);
  });
});

test("byte strings are views of the input, plain ones also of a Buffer", () => {
  const file = Buffer.from(join(new Uint8Array(5), inTensor(delimited(9, [1, 2, 3])))).subarray(5);
  const raw = firstTensor(file)?.rawData as Uint8Array;
  expect(raw).toEqual(Uint8Array.of(1, 2, 3));
  expect(Buffer.isBuffer(raw)).toBe(false);
  expect([raw.buffer, raw.byteOffset]).toEqual([file.buffer, file.byteOffset + file.length - 3]);
});

test("a message knows where it began", () => {
  const model = decodeModel(inTensor(delimited(8, "w")));
  expect(offsetOf(model.graph.initializer?.[0] as object)).toBe(4);
  expect([offsetOf(model), offsetOf(model.graph), offsetOf({})]).toEqual([0, 2, 0]);
});

/** What decoding throws. */
function refusal(bytes: Uint8Array): [code: string, offset: number] {
  try {
    decodeModel(bytes);
  } catch (error) {
    if (error instanceof OnnxError) return [error.code, error.offset];
    throw error;
  }
  return ["accepted", -1];
}

/** Messages inside each other: model, graph, node, attribute, graph, … */
function nested(depth: number): Uint8Array {
  let content = new Uint8Array(0);
  for (let level = depth - 1; level >= 0; level--) {
    content = delimited(
      level === 0 ? 7 : ([6, 1, 5] as const)[(level % 3) as 0 | 1 | 2],
      content,
    ) as Uint8Array<ArrayBuffer>;
  }
  return content;
}
const groups = (depth: number): Uint8Array =>
  join(
    new Uint8Array(2 * depth).map((_, i) => [0xf3, 0x7f][i % 2] as number),
    new Uint8Array(2 * depth).map((_, i) => [0xf4, 0x7f][i % 2] as number),
  );

describe("refused", () => {
  const long = (count: number, last: number): number[] => [...new Array<number>(count).fill(0xff), last];
  const cases: Readonly<Record<string, readonly [Uint8Array, code: string, offset: number]>> = {
    "a length beyond the file": [join(key(2, 2), [5], "abcd"), "truncated", 1],
    "a length of 2^64 - 1": [join(key(7, 2), varint(-1)), "truncated", 1],
    "a length beyond the message": [join(inGraph(join(key(2, 2), [5], "abcd")), "rest"), "truncated", 3],
    "a number without an end": [join(key(1, 0), [0x80]), "truncated", 1],
    "a message as a number": [join(delimited(7, key(1, 0)), number(1, 1)), "wrong-wire-type", 2],
    "a key without a value": [inTensor(key(2, 0)), "truncated", 5],
    "half a float": [inTensor(join(key(4, 5), [0, 0])), "truncated", 5],
    "packed floats with a rest": [inTensor(delimited(4, [0, 0, 0, 0, 0, 0])), "truncated", 10],
    "packed doubles with a rest": [inTensor(delimited(10, [0, 0, 0, 0])), "truncated", 6],
    "packed numbers, the last without an end": [inTensor(delimited(7, [1, 0x80])), "truncated", 7],
    "an unknown field beyond the end": [join(key(99, 1), [0]), "truncated", 2],
    "a group without an end": [join(key(99, 3), number(1, 1)), "truncated", 4],
    "eleven bytes of a number": [join(key(1, 0), long(10, 0)), "malformed", 1],
    "a number of 65 bits": [join(key(1, 0), long(9, 2)), "malformed", 1],
    "the field number 0": [Uint8Array.of(0, 0), "malformed", 0],
    "a field number of 30 bits": [varint(2 ** 32), "malformed", 0],
    "wire type 6": [key(99, 6), "malformed", 0],
    "wire type 7": [key(99, 7), "malformed", 0],
    "an end without a group": [key(99, 4), "malformed", 0],
    "the end of another group": [join(key(99, 3), key(98, 4)), "malformed", 2],
    "a text as a number": [number(2, 1), "wrong-wire-type", 0],
    "a number as a text": [join(number(1, 3), delimited(1, "a")), "wrong-wire-type", 2],
    "a number as a float": [join(key(1, 5), [0, 0, 0, 0]), "wrong-wire-type", 0],
    "a message as a group": [join(key(7, 3), key(7, 4)), "wrong-wire-type", 0],
    "a text in Latin-1": [delimited(2, [0x61, 0xe9]), "invalid-utf8", 2],
    "half of a surrogate pair": [delimited(2, [0xed, 0xa0, 0x80]), "invalid-utf8", 2],
    "a zero in two bytes": [delimited(2, [0xc0, 0x80]), "invalid-utf8", 2],
    "groups beyond the depth": [groups(MAX_DEPTH + 1), "too-deep", 200],
    "messages beyond the depth": [nested(MAX_DEPTH + 1), "too-deep", expect.any(Number) as number],
  };
  test.each(Object.entries(cases))("%s", (_name, [bytes, code, offset]) => {
    expect(refusal(bytes)).toEqual([code, offset]);
  });

  test("not yet: messages and groups of the greatest depth", () => {
    expect(refusal(nested(MAX_DEPTH))[0]).toBe("accepted");
    expect(refusal(groups(MAX_DEPTH))[0]).toBe("accepted");
  });

  test("more numbers than fit, before they are read", () => {
    const data = new Uint8Array(MAX_VALUES + 1);
    const head = join(key(5, 2), varint(data.length));
    const file = new Uint8Array(6 + 6 + head.length + data.length);
    // Lengths in six bytes each, so that they need not be computed.
    const long = (field: number, length: number): Uint8Array =>
      join(
        key(field, 2),
        [...varint(length)].map((byte) => byte | 128),
        [0],
      ).slice(0, 6);
    const tensor = head.length + data.length;
    file.set(long(7, tensor + 6), 0);
    file.set(long(5, tensor), 6);
    file.set(head, 12);
    expect(refusal(file)).toEqual(["too-large", 12 + head.length]);
  });
});

test("every file that was cut is read or refused, never anything else", () => {
  for (const model of Object.values(models)) {
    const bytes = encodeModel(model);
    for (let length = 0; length < bytes.length; length++) refusal(bytes.slice(0, length));
  }
});
