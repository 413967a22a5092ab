import type { Graph, ValueType } from "../ops/program.ts";
import { GraphError } from "../tensor/errors.ts";
import type { HostTensor } from "../tensor/host.ts";

/**
 * The program with other names for some of its values. The names of outputs (which stand apart from those of values)
 * and the programs among the attributes stay as they are.
 *
 * @throws GraphError when two values would bear one name.
 */
export function renameValues(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const rename = (name: string): string => names.get(name) ?? name;
  const taken = new Set<string>();
  for (const name of Object.keys(graph.types)) {
    if (taken.has(rename(name))) {
      throw new GraphError(`renameValues: graph "${graph.name}": two values would be named "${rename(name)}"`);
    }
    taken.add(rename(name));
  }
  const renameKeys = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [rename(name), value]));
  return {
    name: graph.name,
    inputs: graph.inputs.map(rename),
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: rename(value) })),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
    constants: renameKeys<HostTensor>(graph.constants),
    types: renameKeys<ValueType>(graph.types),
  };
}
