import type { Graph, GraphNode, ValueType } from "../ops/program.ts";
import { GraphError } from "../tensor/errors.ts";

/** For each value the node that makes it; inputs and constants have none. */
export function producers(graph: Graph): Map<string, GraphNode> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((name): [string, GraphNode] => [name, node])));
}

/** For each value the nodes that read it, in order. */
export function consumers(graph: Graph): Map<string, GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const name of new Set(node.inputs)) {
      const list = readers.get(name);
      if (list === undefined) readers.set(name, [node]);
      else list.push(node);
    }
  }
  return readers;
}

/**
 * The part of a program that computes some values from some others. The given values become its inputs; names
 * stay as they are, so results can be compared with those of the whole.
 *
 * @throws GraphError when a wanted value needs an input of the whole program that is not among `inputs`.
 */
export function subgraph(graph: Graph, inputs: readonly string[], outputs: readonly string[]): Graph {
  for (const name of [...inputs, ...outputs]) {
    if (!Object.hasOwn(graph.types, name))
      throw new GraphError(`subgraph: graph "${graph.name}" has no value "${name}"`);
  }
  const given = new Set(inputs);
  const needed = new Set<string>();
  const makers = producers(graph);
  const pending = [...outputs];
  while (pending.length > 0) {
    const name = pending.pop() as string;
    if (needed.has(name)) continue;
    needed.add(name);
    if (given.has(name)) continue;
    const maker = makers.get(name);
    if (maker !== undefined) pending.push(...maker.inputs);
    else if (!Object.hasOwn(graph.constants, name)) {
      throw new GraphError(
        `subgraph: "${outputs.join(", ")}" depends on the input "${name}", which is not among ${inputs.join(", ") || "the (no) given inputs"}`,
      );
    }
  }
  const nodes = graph.nodes.filter((node) => node.outputs.some((name) => needed.has(name) && !given.has(name)));
  const kept = new Set([...inputs, ...needed, ...nodes.flatMap((node) => node.outputs)]);
  return {
    name: graph.name,
    inputs: [...inputs],
    outputs: outputs.map((name) => ({ name, value: name })),
    nodes,
    constants: Object.fromEntries(
      Object.entries(graph.constants).filter(([name]) => needed.has(name) && !given.has(name)),
    ),
    types: Object.fromEntries([...kept].map((name) => [name, graph.types[name] as ValueType])),
  };
}
