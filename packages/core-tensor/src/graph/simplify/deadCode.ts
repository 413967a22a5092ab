import type { Graph, GraphNode } from "../../ops/program.ts";

/** Drops nodes and constants that no output depends on. Inputs stay: they are the program's signature. */
export function removeDeadCode(graph: Graph): Graph {
  const live = new Set(graph.outputs.map(({ value }) => value));
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => live.has(name))) continue;
    nodes.push(node);
    for (const name of node.inputs) live.add(name);
  }
  nodes.reverse();
  const kept = new Set([...graph.inputs, ...live, ...nodes.flatMap((node) => node.outputs)]);
  const pick = <T>(record: Readonly<Record<string, T>>, names: ReadonlySet<string>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
  return { ...graph, nodes, constants: pick(graph.constants, live), types: pick(graph.types, kept) };
}
