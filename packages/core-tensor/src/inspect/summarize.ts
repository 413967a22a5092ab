import { expectGraph } from "../graph/expectGraph.ts";
import { substituteGraph } from "../graph/substitute.ts";
import type { Graph, GraphNode, ValueType } from "../ops/program.ts";
import { type Dim, type DimBindings, addDims, dimSymbols, evaluateDim, mulDims } from "../tensor/dims.ts";
import { byteLength } from "../tensor/dtype.ts";
import { bytesOf, lastUses, liveBytes } from "./lifetimes.ts";
import { innerPrograms, ownMacs } from "./macs.ts";

/** A value of a program. */
export interface ValueSummary extends ValueType {
  readonly name: string;
}

/** What one node of a program costs. Amounts are polynomials where dimensions are symbolic. */
export interface LayerSummary {
  /** Position among the nodes of the program, from 0. */
  readonly index: number;
  readonly op: string;
  /** Name of its first result. */
  readonly name: string;
  /** Its results, without those that nothing needs (the positions of a pooling of which only the values are read). */
  readonly outputs: readonly ValueSummary[];
  /** Multiply-accumulates; those of a loop's body times its length. */
  readonly macs: Dim;
  /** Elements and bytes of the constants that it, or a program inside it, is the first to read. */
  readonly parameters: number;
  readonly parameterBytes: number;
  /** Bytes of `outputs`. */
  readonly activationBytes: Dim;
  /** Bytes of all values (not constants) that are needed while it runs: what it reads, makes, and what waits. */
  readonly liveBytes: Dim;
}

/** How often an op occurs, nodes inside of loops included, and what they cost together. */
export interface OperatorSummary {
  readonly op: string;
  readonly count: number;
  readonly macs: Dim;
}

export interface GraphSummary {
  readonly name: string;
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
  /** In the order in which they run. */
  readonly layers: readonly LayerSummary[];
  /** The most frequent first. */
  readonly operators: readonly OperatorSummary[];
  /** Elements and bytes of all constants. */
  readonly parameters: number;
  readonly parameterBytes: number;
  readonly macs: Dim;
  /** Sum over the layers. */
  readonly activationBytes: Dim;
  /** The first layer with the most `liveBytes`, symbols counting as 1; absent in a program without nodes. */
  readonly peak?: { readonly layer: number; readonly bytes: Dim };
  /** The symbols that are left. */
  readonly symbols: readonly string[];
}

export interface SummarizeOptions {
  /** Numbers for symbolic dimensions. Those that are not given stay symbols. */
  readonly dims?: DimBindings;
}

/**
 * What a program costs, layer by layer: multiply-accumulates (one multiplication with its addition is 1; only sums of
 * products count: matmul, conv2d, convTranspose2d, conv2dWeightGrad, also inside of loops), parameters (elements of
 * constants, also of whole numbers), bytes of results, and bytes that are needed at once.
 *
 * @throws ArgumentError for what is no Graph.
 * @example summarize(trace(predict, spec(["batch", 784])), { dims: { batch: 1 } }).macs
 */
export function summarize(graph: Graph, options: SummarizeOptions = {}): GraphSummary {
  expectGraph("summarize", graph);
  const bound = options.dims === undefined ? graph : substituteGraph(graph, options.dims);
  const named = (name: string, as = name): ValueSummary => ({ name: as, ...(bound.types[name] as ValueType) });
  const needed = lastUses(bound);
  const live = liveBytes(bound);
  const counted = new Set<string>();
  const layers = bound.nodes.map((node, index): LayerSummary => {
    const outputs = node.outputs.filter((name) => needed.has(name)).map((name) => named(name));
    const activationBytes = outputs.map(bytesOf).reduce(addDims, 0);
    const name = node.outputs[0] ?? "";
    const costs = { macs: macsOf(node, bound), ...parametersOf(node, bound, counted) };
    return { index, op: node.op, name, outputs, ...costs, activationBytes, liveBytes: live[index] as Dim };
  });
  const constants = allConstants(bound);
  const peak = peakOf(layers);
  return {
    name: bound.name,
    inputs: bound.inputs.map((name) => named(name)),
    outputs: bound.outputs.map(({ name, value }) => named(value, name)),
    layers,
    operators: histogram(bound),
    parameters: constants.reduce((sum, { size }) => sum + size, 0),
    parameterBytes: constants.reduce((sum, { dtype, size }) => sum + byteLength(dtype, size), 0),
    macs: layers.map(({ macs }) => macs).reduce(addDims, 0),
    activationBytes: layers.map((layer) => layer.activationBytes).reduce(addDims, 0),
    ...(peak === undefined ? {} : { peak: { layer: peak.index, bytes: peak.liveBytes } }),
    symbols: symbolsOf(bound),
  };
}

/** The amount with every unknown dimension at 1: good for comparing layers, and for drawing them. */
export function atOnes(amount: Dim): number {
  return evaluateDim(amount, Object.fromEntries(dimSymbols(amount).map((name) => [name, 1])));
}

function macsOf(node: GraphNode, { types }: Graph): Dim {
  const inner = innerPrograms(node).map(({ graph, times }) =>
    mulDims(graph.nodes.map((part) => macsOf(part, graph)).reduce(addDims, 0), times),
  );
  return inner.reduce(addDims, ownMacs(node, types));
}

type Parameters = Pick<LayerSummary, "parameters" | "parameterBytes">;

/** The constants that no earlier node read, and those of the programs inside. */
function parametersOf(node: GraphNode, { constants }: Graph, counted: Set<string>): Parameters {
  const own = [...new Set(node.inputs)].filter((name) => Object.hasOwn(constants, name) && !counted.has(name));
  for (const name of own) counted.add(name);
  const values = [
    ...own.flatMap((name) => constants[name] ?? []),
    ...innerPrograms(node).flatMap(({ graph }) => allConstants(graph)),
  ];
  return {
    parameters: values.reduce((sum, { size }) => sum + size, 0),
    parameterBytes: values.reduce((sum, { dtype, size }) => sum + byteLength(dtype, size), 0),
  };
}

function allConstants(graph: Graph): Graph["constants"][string][] {
  const inner = graph.nodes.flatMap((node) => innerPrograms(node).flatMap((program) => allConstants(program.graph)));
  return [...Object.values(graph.constants), ...inner];
}

function histogram(graph: Graph): OperatorSummary[] {
  const byOp = new Map<string, { count: number; macs: Dim }>();
  const visit = ({ nodes, types }: Graph, times: Dim): void => {
    for (const node of nodes) {
      const entry = byOp.get(node.op) ?? { count: 0, macs: 0 };
      const macs = addDims(entry.macs, mulDims(ownMacs(node, types), times));
      byOp.set(node.op, { count: entry.count + 1, macs });
      for (const inner of innerPrograms(node)) visit(inner.graph, mulDims(inner.times, times));
    }
  };
  visit(graph, 1);
  return [...byOp].map(([op, entry]) => ({ op, ...entry })).sort((a, b) => b.count - a.count || (a.op < b.op ? -1 : 1));
}

function peakOf(layers: readonly LayerSummary[]): LayerSummary | undefined {
  let [peak, most] = [layers[0], -1];
  for (const layer of layers) {
    const bytes = atOnes(layer.liveBytes);
    if (bytes > most) [peak, most] = [layer, bytes];
  }
  return peak;
}

function symbolsOf({ types }: Graph): string[] {
  return [...new Set(Object.values(types).flatMap(({ shape }) => shape.flatMap(dimSymbols)))].sort();
}
