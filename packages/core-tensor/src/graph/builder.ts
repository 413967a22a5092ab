import type { OpAttributes, OpName } from "../ops/vocabulary.ts";
import { primitives } from "../ops/primitives.ts";
import type { Attributes, Graph, GraphNode, GraphOutput, ValueType } from "../ops/program.ts";
import type { Primitive } from "../ops/primitive.ts";
import { GraphError } from "../tensor/errors.ts";
import type { HostTensor } from "../tensor/host.ts";

/** The record of an op by name. Throws a GraphError for a name that is none. */
export function primitiveOf(op: string): Primitive<object> {
  const primitive = (primitives as Readonly<Record<string, Primitive<never>>>)[op];
  if (primitive === undefined) throw new GraphError(`unknown op "${op}"`);
  // A record takes the attributes of its own op; nodes are made by `add`, which checked that they belong together.
  return primitive as Primitive<object>;
}

/** Writes a program step by step. Types are inferred as nodes are added, so a builder never holds an ill-typed program. */
export class GraphBuilder {
  readonly #name: string;
  readonly #inputs: string[] = [];
  readonly #outputs: GraphOutput[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #constants: Record<string, HostTensor> = {};
  readonly #types: Record<string, ValueType> = {};
  readonly #counts = new Map<string, number>();
  readonly #reserved: ReadonlySet<string>;

  /** `reserved` names are never chosen by the builder: they are for values that are yet to be added. */
  constructor(name = "graph", reserved: Iterable<string> = []) {
    this.#name = name;
    this.#reserved = new Set(reserved);
  }

  /** Declares a value that comes from outside. Throws a GraphError when the name is taken. */
  input(name: string, type: ValueType): string {
    this.#define(name, type);
    this.#inputs.push(name);
    return name;
  }

  /** A value that is part of the program. */
  constant(value: HostTensor, name?: string): string {
    const own = name ?? this.#fresh("constant");
    this.#define(own, { dtype: value.dtype, shape: value.shape });
    this.#constants[own] = value;
    return own;
  }

  /**
   * Adds a step and gives the names of its outputs, chosen by the builder unless `names` are given.
   *
   * @throws OpError when the inputs do not fit the op; GraphError for names that are taken or unknown.
   */
  add<Name extends OpName>(
    op: Name,
    inputs: readonly string[],
    attributes: OpAttributes[Name],
    names?: readonly string[],
  ): string[] {
    return this.addNode(op, inputs, attributes as Attributes, names);
  }

  /** As `add`, for an op that is known by its record only. */
  addNode(op: string, inputs: readonly string[], attributes: Attributes, names?: readonly string[]): string[] {
    const types = primitiveOf(op).infer(
      inputs.map((name) => this.type(name)),
      attributes,
    );
    const outputs = types.map((type, i) => {
      const name = names?.[i] ?? this.#fresh(op);
      this.#define(name, type);
      return name;
    });
    this.#nodes.push({ op, inputs: [...inputs], outputs, attributes });
    return outputs;
  }

  /** Names a result. */
  output(name: string, value: string): void {
    this.type(value);
    if (this.#outputs.some((output) => output.name === name))
      throw new GraphError(`graph "${this.#name}": two outputs are named "${name}"`);
    this.#outputs.push({ name, value });
  }

  /** The type of a value. Throws a GraphError when there is no such value yet. */
  type(name: string): ValueType {
    const type = this.#types[name];
    if (type === undefined) throw new GraphError(`graph "${this.#name}": no value "${name}" has been defined`);
    return type;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#types, name);
  }

  /** The program so far. The builder can go on afterwards without changing it. */
  build(): Graph {
    return {
      name: this.#name,
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      nodes: [...this.#nodes],
      constants: { ...this.#constants },
      types: { ...this.#types },
    };
  }

  #define(name: string, type: ValueType): void {
    if (this.has(name)) throw new GraphError(`graph "${this.#name}": two values are named "${name}"`);
    this.#types[name] = type;
  }

  #fresh(stem: string): string {
    let count = this.#counts.get(stem) ?? 0;
    while (this.has(`${stem}_${count}`) || this.#reserved.has(`${stem}_${count}`)) count++;
    this.#counts.set(stem, count + 1);
    return `${stem}_${count}`;
  }
}
