import {
  type Graph,
  type GraphNode,
  type HostTensor,
  type ValueType,
  interpret,
  subgraph,
} from "@parsimony/core-tensor";

/** A constant as codes: `scale * (code - zeroPoint)`. */
export interface StoredCodes {
  readonly codes: HostTensor;
  readonly scales: Float32Array;
  readonly zeroPoints: readonly number[];
  /** The axis that scales belong to; null for one scale. */
  readonly axis: number | null;
}

/** A value that is known before the program runs. */
export interface Constant {
  readonly value: HostTensor;
  /** Where the program has it as codes. */
  readonly stored?: StoredCodes;
}

/** Values that depend on nothing from outside. Computed when they are asked for. */
export class Constants {
  readonly #known = new Map<string, Constant>();
  readonly #makers = new Map<string, GraphNode>();
  readonly #graph: Graph;

  /** @param stored values of the program that are inputs of `graph` but known. */
  constructor(graph: Graph, stored: ReadonlyMap<string, Constant>) {
    this.#graph = graph;
    for (const [name, value] of Object.entries(graph.constants)) this.#known.set(name, { value });
    for (const [name, constant] of stored) this.#known.set(name, constant);
    for (const node of graph.nodes) {
      if (!node.inputs.every((name) => this.has(name))) continue;
      for (const name of node.outputs) this.#makers.set(name, node);
    }
  }

  has(name: string): boolean {
    return this.#known.has(name) || this.#makers.has(name);
  }

  get(name: string): Constant | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const maker = this.#makers.get(name);
    if (maker === undefined) return undefined;
    const inputs = maker.inputs.map((input) => this.get(input) as Constant);
    const values = run(maker, this.#graph, inputs);
    maker.outputs.forEach((output, i) => {
      const value = values[i] as HostTensor;
      const stored = i === 0 ? moved(maker, this.#graph, inputs) : undefined;
      this.#known.set(output, { value, ...(stored === undefined ? {} : { stored }) });
    });
    return this.#known.get(name);
  }
}

function run(node: GraphNode, { types }: Graph, inputs: readonly Constant[]): HostTensor[] {
  const names = [...new Set(node.inputs)];
  const known = Object.fromEntries(node.inputs.map((name, i) => [name, (inputs[i] as Constant).value]));
  const program: Graph = {
    name: "constant",
    inputs: names,
    outputs: node.outputs.map((name) => ({ name, value: name })),
    nodes: [node],
    constants: {},
    types: Object.fromEntries([...names, ...node.outputs].map((name) => [name, types[name] as ValueType])),
  };
  const results = interpret(program, known);
  return node.outputs.map((name) => results[name] as HostTensor);
}

/** Codes go through what only moves them. */
function moved(node: GraphNode, graph: Graph, [input]: readonly Constant[]): StoredCodes | undefined {
  const stored = input?.stored;
  if (stored === undefined || (node.op !== "transpose" && node.op !== "reshape")) return undefined;
  const [name] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const { dtype } = stored.codes;
  const typed = (value: string): [string, ValueType] => [value, { ...(graph.types[value] as ValueType), dtype }];
  const program: Graph = { ...graph, types: Object.fromEntries([typed(name), typed(output)]) };
  const [codes] = run(node, program, [{ value: stored.codes }]) as [HostTensor];
  if (stored.axis === null) return { ...stored, codes };
  const axis =
    node.op === "transpose"
      ? (node.attributes["permutation"] as readonly number[]).indexOf(stored.axis)
      : sameAxis(stored.codes.shape, codes.shape, stored.axis);
  return axis < 0 ? undefined : { ...stored, codes, axis };
}

/** The axis of a new shape that counts what an axis of the old one counts; -1 if none does. */
function sameAxis(from: readonly number[], to: readonly number[], axis: number): number {
  const before = (shape: readonly number[], at: number): number => shape.slice(0, at).reduce((a, b) => a * b, 1);
  return to.findIndex((size, i) => size === from[axis] && before(to, i) === before(from, axis));
}

/** The values of a program that depend on constants only. */
export function constantValues(graph: Graph): ReadonlySet<string> {
  const known = new Set(Object.keys(graph.constants));
  for (const node of graph.nodes) {
    if (node.inputs.every((name) => known.has(name))) for (const name of node.outputs) known.add(name);
  }
  return known;
}

/** Values of a program that depend on constants only, computed. */
export function evaluateConstants(graph: Graph, names: readonly string[]): HostTensor[] {
  const results = interpret(subgraph(graph, [], names), {});
  return names.map((name) => results[name] as HostTensor);
}
