import { type Graph, type HostTensor, type ValueType, interpret, subgraph } from "@parsimony/core-tensor";

/**
 * The names of the values that are computed from constants alone, constants included. Values with an axis of unknown length
 * (a constant that is stretched along the batch) are not: how often they repeat depends on the inputs.
 */
export function fixedNames(graph: Graph): ReadonlySet<string> {
  const fixed = new Set(Object.keys(graph.constants));
  const isKnown = (name: string): boolean =>
    (graph.types[name] as ValueType).shape.every((size) => typeof size === "number");
  for (const { inputs, outputs } of graph.nodes) {
    if (inputs.length === 0 || !inputs.every((name) => fixed.has(name)) || !outputs.every(isKnown)) continue;
    for (const name of outputs) fixed.add(name);
  }
  return fixed;
}

/** These values, all computed from constants alone, as the reference computes them. */
export function evaluateFixed(graph: Graph, names: readonly string[]): ReadonlyMap<string, HostTensor> {
  const wanted = [...new Set(names)];
  const results = interpret(subgraph(graph, [], wanted), {});
  return new Map(wanted.map((name) => [name, results[name] as HostTensor]));
}

/**
 * The graph without nodes and constants that no output depends on. Inputs stay.
 */
export function withoutDeadCode(graph: Graph): Graph {
  const live = new Set(graph.outputs.map(({ value }) => value));
  const nodes = [...graph.nodes].reverse().filter((node) => {
    if (!node.outputs.some((name) => live.has(name))) return false;
    for (const name of node.inputs) live.add(name);
    return true;
  });
  nodes.reverse();
  const kept = new Set([...graph.inputs, ...live, ...nodes.flatMap((node) => node.outputs)]);
  const pick = <T>(record: Readonly<Record<string, T>>, names: ReadonlySet<string>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
  return { ...graph, nodes, constants: pick(graph.constants, live), types: pick(graph.types, kept) };
}
