import { readFileSync } from "node:fs";
import fc from "fast-check";
import { onnx } from "onnx-proto";
import { describe, expect, test } from "vitest";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import {
  type Field,
  type MessageName,
  type ModelProto,
  type ScalarKind,
  schema,
} from "../../../src/formats/onnx/schema.ts";
import { linear, models } from "./models.ts";

/** A model with fields that its type does not allow. */
const broken = (fields: object): ModelProto => ({ ...linear, ...fields });

const rowsOf = (message: MessageName): [string, Field][] => Object.entries(schema[message] as Record<string, Field>);

describe("the schema", () => {
  test.each(Object.keys(schema) as MessageName[])("%s: rows in order of distinct field numbers", (message) => {
    const numbers = rowsOf(message).map(([, [number]]) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });
});

test("a model with every field set has the bytes that ONNX's own library writes", () => {
  const file = readFileSync(new URL("fixtures/every_field.json", import.meta.url), "utf8");
  const revive = (_key: string, value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if ("bytes" in value) return Uint8Array.from(value.bytes as number[]);
    return "bigint" in value ? BigInt(value.bigint as string) : value;
  };
  const { fields, base64 } = JSON.parse(file, revive) as { fields: ModelProto; base64: string };
  expect(Buffer.from(encodeModel(fields)).toString("base64")).toBe(base64);
});

/** What onnx-proto, which knows an older schema, can hold: the class that it keeps each message in. */
const classes = {
  ModelProto: onnx.ModelProto,
  OperatorSetIdProto: onnx.OperatorSetIdProto,
  StringStringEntryProto: onnx.StringStringEntryProto,
  GraphProto: onnx.GraphProto,
  NodeProto: onnx.NodeProto,
  AttributeProto: onnx.AttributeProto,
  TensorProto: onnx.TensorProto,
  SparseTensorProto: onnx.SparseTensorProto,
  ValueInfoProto: onnx.ValueInfoProto,
  TypeProto: onnx.TypeProto,
  TensorTypeProto: onnx.TypeProto.Tensor,
  TensorShapeProto: onnx.TensorShapeProto,
  DimensionProto: onnx.TensorShapeProto.Dimension,
  TensorAnnotation: onnx.TensorAnnotation,
  FunctionProto: onnx.FunctionProto,
} satisfies Record<MessageName, unknown>;

const int64 = fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n));
const scalars: Record<ScalarKind, fc.Arbitrary<unknown>> = {
  int32: fc.integer(),
  int64,
  uint64: fc.bigInt(0n, 2n ** 64n - 1n),
  float: fc.float(),
  double: fc.double(),
  string: fc.string({ unit: "grapheme", maxLength: 12 }),
  bytes: fc.uint8Array({ maxLength: 40 }),
};

/** Any message of this kind, nested messages to the given depth; every field may be absent. */
function message(name: MessageName, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [field, [, kind, cardinality = "one"]] of rowsOf(name)) {
    if (!(field in classes[name].prototype)) continue;
    // Of the two members of a oneof only one may be there.
    if (field === "dimValue") continue;
    if (kind in schema && depth === 0) continue;
    const value = kind in schema ? message(kind as MessageName, depth - 1) : scalars[kind as ScalarKind];
    fields[field] = cardinality === "one" ? value : fc.array(value, { minLength: 1, maxLength: 3 });
  }
  return fc.record(fields, { requiredKeys: [] });
}

/** As onnx-proto gives objects: 64-bit integers as decimal texts, byte strings as arrays, no empty lists. */
function plain(value: unknown, kind: ScalarKind | MessageName): unknown {
  if (Array.isArray(value)) return value.map((part) => plain(part, kind));
  if (value instanceof Uint8Array) return [...value];
  if (kind === "int64" || kind === "uint64") return String(value);
  if (!(kind in schema)) return value;
  const rows = schema[kind as MessageName] as Record<string, Field>;
  return Object.fromEntries(
    Object.entries(value as object)
      .filter(([, part]) => !Array.isArray(part) || part.length > 0)
      .map(([field, part]) => [field, plain(part, (rows[field] as Field)[1])]),
  );
}

function decoded(bytes: Uint8Array): unknown {
  return onnx.ModelProto.toObject(onnx.ModelProto.decode(bytes), { longs: String, bytes: Array });
}

describe("onnx-proto reads what was written", () => {
  test.each(Object.entries(models))("%s", (_name, model) => {
    expect(decoded(encodeModel(model))).toEqual(plain(model, "ModelProto"));
  });

  test("any message", () => {
    fc.assert(
      fc.property(message("ModelProto", 3), (model) => {
        expect(decoded(encodeModel(model as object as ModelProto))).toEqual(plain(model, "ModelProto"));
      }),
    );
  });

  test("weights of 100 MB", () => {
    const rawData = new Uint8Array(100_000_000).fill(3);
    const initializer = [{ name: "w", dims: [100_000_000], dataType: 2, rawData }];
    const before = process.memoryUsage().arrayBuffers;
    const bytes = encodeModel({ ...linear, graph: { ...linear.graph, initializer } });
    // One copy of the weights, the result, is all that is held.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(110_000_000);
    const [weights] = onnx.ModelProto.decode(bytes).graph?.initializer ?? [];
    expect(Buffer.compare(weights?.rawData as Uint8Array, rawData)).toBe(0);
  });
});

test("an absent field and an undefined one are the same", () => {
  expect(encodeModel(broken({ docString: undefined }))).toEqual(encodeModel(linear));
});

describe("refused", () => {
  test.each([
    ["ModelProto.producerName: expected a string, got number", { producerName: 3 }],
    ["ModelProto.irVersion: expected a number or bigint, got string", { irVersion: "10" }],
    ["ModelProto.opsetImport: expected an array, got object", { opsetImport: {} }],
    ["ModelProto.graph: expected a GraphProto, got null", { graph: null }],
    ["TensorProto.rawData: expected a Uint8Array, got an array", { graph: { initializer: [{ rawData: [1] }] } }],
    ["AttributeProto.f: expected a number, got bigint", { graph: { node: [{ attribute: [{ f: 1n }] }] } }],
  ])("%s", (message, fields) => {
    expect(() => encodeModel(broken(fields))).toThrow(new TypeError(`encodeModel: ${message}`));
  });

  test.each([
    ["a fraction", { irVersion: 1.5 }],
    ["an integer that a double does not hold exactly", { irVersion: 2 ** 53 }],
    ["an int64 above its range", { irVersion: 2n ** 63n }],
    ["an int32 above its range", { graph: { initializer: [{ dataType: 2 ** 31 }] } }],
    ["a negative uint64", { graph: { initializer: [{ uint64Data: [-1] }] } }],
  ])("%s", (_name, fields) => {
    expect(() => encodeModel(broken(fields))).toThrow(RangeError);
  });

  test("a file beyond 2 GiB, before it is put together", () => {
    const rawData = new Uint8Array(2 ** 30);
    const initializer = [
      { dims: [2 ** 30], dataType: 2, rawData },
      { dims: [2 ** 30], dataType: 2, rawData },
    ];
    expect(() => encodeModel({ ...linear, graph: { ...linear.graph, initializer } })).toThrow(/external data/);
  });
});
