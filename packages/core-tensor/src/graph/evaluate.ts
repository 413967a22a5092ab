import { apply, typeOf } from "../ops/apply.ts";
import type { Tools } from "../ops/primitive.ts";
import type { Attributes, Graph, GraphNode } from "../ops/program.ts";
import { liveDim } from "../ops/dimensions.ts";
import { type SymbolicDim, isSymbolicDim } from "../ops/traced.ts";
import type { Dim } from "../tensor/dims.ts";
import { GraphError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { unifyTypes } from "./binding.ts";
import { primitiveOf } from "./builder.ts";
import { isSymbolicGraph, substituteGraph } from "./substitute.ts";

export interface EvaluateOptions {
  /** Sees every value once, under its name in the graph, in the order in which they are made. */
  readonly onValue?: (name: string, value: Tensor) => void;
  /** May carry out a node in another way; `undefined` leaves it as it is. */
  readonly replace?: (node: GraphNode, inputs: readonly Tensor[]) => readonly Tensor[] | undefined;
}

/**
 * Runs a program on values: at once on host tensors; on traced values its nodes are recorded anew, which puts
 * the program inside the one that is being traced.
 */
export function evaluateGraph(
  graph: Graph,
  inputs: readonly Tensor[],
  tools: Tools,
  options: EvaluateOptions = {},
): Tensor[] {
  const dims = unifyTypes(graph, inputs.map(typeOf));
  const program = isSymbolicGraph(graph) ? substituteGraph(graph, dims) : graph;
  const symbol = inputs.flatMap((input): unknown[] => [...input.shape]).find(isSymbolicDim);
  const values = new Map<string, Tensor>();
  const define = (name: string, value: Tensor): void => {
    values.set(name, value);
    options.onValue?.(name, value);
  };
  const read = (name: string): Tensor => {
    const value = values.get(name);
    if (value === undefined)
      throw new GraphError(`graph "${graph.name}": the value "${name}" is used before it is made`);
    return value;
  };
  program.inputs.forEach((name, i) => define(name, inputs[i] as Tensor));
  for (const [name, value] of Object.entries(program.constants)) define(name, value);
  const lastReader = lastReaders(program);
  program.nodes.forEach((node, at) => {
    const args = node.inputs.map(read);
    const outputs =
      options.replace?.(node, args) ?? apply(primitiveOf(node.op), args, liveAttributes(node, symbol), tools);
    if (outputs.length !== node.outputs.length) {
      throw new GraphError(
        `graph "${graph.name}": "${node.op}" makes ${node.outputs.length} values, its replacement ${outputs.length}`,
      );
    }
    node.outputs.forEach((name, i) => define(name, outputs[i] as Tensor));
    // Values that nobody reads any more may be collected while the program goes on.
    for (const name of [...node.inputs, ...node.outputs]) if ((lastReader.get(name) ?? -1) <= at) values.delete(name);
  });
  return program.outputs.map(({ value }) => read(value));
}

/** For each value the index of the last node that reads it; values that are outputs are read at the end. */
function lastReaders(graph: Graph): Map<string, number> {
  const last = new Map<string, number>();
  graph.nodes.forEach((node, at) => node.inputs.forEach((name) => last.set(name, at)));
  for (const { value } of graph.outputs) last.set(value, graph.nodes.length);
  return last;
}

/** Symbolic dimensions among the attributes with the recorder that can give them a value. */
function liveAttributes(node: GraphNode, symbol: SymbolicDim | undefined): Attributes {
  const keys = (primitiveOf(node.op).dims ?? []) as readonly string[];
  if (symbol === undefined || keys.length === 0) return node.attributes;
  const live = (dim: Dim): Dim => liveDim(dim, symbol);
  return Object.fromEntries(
    Object.entries(node.attributes).map(([key, value]) => {
      if (!keys.includes(key)) return [key, value];
      return [key, Array.isArray(value) ? (value as readonly Dim[]).map(live) : live(value as Dim)];
    }),
  );
}
