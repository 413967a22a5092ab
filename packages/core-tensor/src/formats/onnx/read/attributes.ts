import { type AttributeProto, type GraphProto, type NodeProto, type TensorProto, attributeType } from "../schema.ts";
import { invalid } from "./unsupported.ts";

type Kind = keyof typeof attributeType;

const utf8 = new TextDecoder();
const kindNames = new Map(Object.entries(attributeType).map(([name, number]) => [number as number, name]));

/** A 64-bit integer as a number; large ones stand for "no bound" and are cut to ±(2^53 - 1). */
export function toNumber(value: number | bigint): number {
  if (typeof value === "number") return value;
  return value < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}

/** The attributes of a node by name and type. Without a default an attribute is required. */
export class NodeAttributes {
  readonly #byName = new Map<string, AttributeProto>();

  constructor(node: Pick<NodeProto, "attribute">) {
    for (const attribute of node.attribute ?? []) this.#byName.set(attribute.name, attribute);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  int(name: string, fallback?: number): number {
    return this.#read(name, "INT", ({ i }) => toNumber(i ?? 0), fallback);
  }

  flag(name: string, fallback: boolean): boolean {
    return this.int(name, Number(fallback)) !== 0;
  }

  float(name: string, fallback?: number): number {
    return this.#read(name, "FLOAT", ({ f }) => f ?? 0, fallback);
  }

  text(name: string, fallback?: string): string {
    return this.#read(name, "STRING", ({ s }) => utf8.decode(s), fallback);
  }

  ints(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#read(name, "INTS", ({ ints = [] }) => ints.map(toNumber), fallback);
  }

  floats(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#read(name, "FLOATS", ({ floats = [] }) => floats, fallback);
  }

  texts(name: string, fallback?: readonly string[]): readonly string[] {
    return this.#read(name, "STRINGS", ({ strings = [] }) => strings.map((text) => utf8.decode(text)), fallback);
  }

  tensor(name: string): TensorProto {
    return this.#read(name, "TENSOR", ({ t }) => t ?? invalid(`the attribute "${name}" holds no tensor`));
  }

  graph(name: string): GraphProto {
    return this.#read(name, "GRAPH", ({ g }) => g ?? invalid(`the attribute "${name}" holds no graph`));
  }

  #read<T>(name: string, kind: Kind, value: (attribute: AttributeProto) => T, fallback?: T): T {
    const attribute = this.#byName.get(name);
    if (attribute === undefined) return fallback ?? invalid(`expected the attribute "${name}"`);
    // Files of the first format versions leave the type out.
    if (attribute.type !== 0 && attribute.type !== attributeType[kind]) {
      const found = kindNames.get(attribute.type) ?? String(attribute.type);
      invalid(`attribute "${name}": expected ${kind}, got ${found}`);
    }
    return value(attribute);
  }
}
