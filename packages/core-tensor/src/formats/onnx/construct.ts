import {
  type AttributeProto,
  type GraphProto,
  type Int64,
  type StringStringEntryProto,
  type TensorProto,
  type ValueInfoProto,
  attributeType,
} from "./schema.ts";

const utf8 = new TextEncoder();

/** Attributes of each type: `attribute.int("axis", 1)`. The type is never guessed from the value. */
export const attribute: {
  float(name: string, value: number): AttributeProto;
  int(name: string, value: Int64): AttributeProto;
  string(name: string, value: string): AttributeProto;
  tensor(name: string, value: TensorProto): AttributeProto;
  graph(name: string, value: GraphProto): AttributeProto;
  floats(name: string, values: readonly number[]): AttributeProto;
  ints(name: string, values: readonly Int64[]): AttributeProto;
  strings(name: string, values: readonly string[]): AttributeProto;
} = {
  float: (name, f) => ({ name, f, type: attributeType.FLOAT }),
  int: (name, i) => ({ name, i, type: attributeType.INT }),
  string: (name, text) => ({ name, s: utf8.encode(text), type: attributeType.STRING }),
  tensor: (name, t) => ({ name, t, type: attributeType.TENSOR }),
  graph: (name, g) => ({ name, g, type: attributeType.GRAPH }),
  floats: (name, floats) => ({ name, floats, type: attributeType.FLOATS }),
  ints: (name, ints) => ({ name, ints, type: attributeType.INTS }),
  strings: (name, texts) => ({
    name,
    strings: texts.map((text) => utf8.encode(text)),
    type: attributeType.STRINGS,
  }),
};

/**
 * The name and type of a tensor value.
 *
 * @param elemType one of `dataType`.
 * @param shape a number or a symbolic name per axis; leave it out where the rank is unknown.
 */
export function tensorValue(name: string, elemType: number, shape?: readonly (number | string)[]): ValueInfoProto {
  if (shape === undefined) return { name, type: { tensorType: { elemType } } };
  const dim = shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/** A record as the key-value entries that metadata fields hold, in order of the keys. */
export function stringEntries(record: Readonly<Record<string, string>>): readonly StringStringEntryProto[] {
  return Object.keys(record)
    .sort()
    .map((key) => ({ key, value: record[key] as string }));
}
