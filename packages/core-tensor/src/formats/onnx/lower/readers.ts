import type { Graph } from "../../../ops/program.ts";

/** How often each value of a program is read, as an output too. */
export function countReaders(graph: Graph): Map<string, number> {
  const readers = new Map<string, number>();
  const read = (name: string): unknown => readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const { inputs } of graph.nodes) inputs.forEach(read);
  for (const { value } of graph.outputs) read(value);
  return readers;
}
