import type { Graph, ValueType } from "../ops/program.ts";
import { type Dim, addDims, dimsProduct, divideDims, mulDims, subDims } from "../tensor/dims.ts";
import { byteLength, dtypes } from "../tensor/dtype.ts";

/** Bytes that a value takes when stored without gaps. */
export function bytesOf({ dtype, shape }: ValueType): Dim {
  const size = dimsProduct(shape);
  if (typeof size === "number") return byteLength(dtype, size);
  const { bits } = dtypes[dtype];
  // A number of half bytes that is not known to be even has no polynomial; a byte each is the safe side.
  return bits >= 8 ? mulDims(size, bits / 8) : (divideDims(mulDims(size, bits), 8) ?? size);
}

/**
 * Bytes of all values, other than constants, that are needed while each node runs: what it reads and makes, and what
 * was made (or handed in) before and is read after it. Outputs of the program stay until the end. Every value counts
 * with memory of its own, also where an engine would reuse its input's (`reshape`, `relu` in place); results that nothing
 * reads count nowhere, and the inside of loops is not looked at.
 */
export function liveBytes(graph: Graph): Dim[] {
  const lastUse = lastUses(graph);
  const dying = new Map<number, Dim>();
  let live: Dim = 0;
  const begin = (name: string): void => {
    const end = lastUse.get(name);
    if (end === undefined) return;
    const bytes = bytesOf(graph.types[name] as ValueType);
    live = addDims(live, bytes);
    dying.set(end, addDims(dying.get(end) ?? 0, bytes));
  };
  graph.inputs.forEach(begin);
  return graph.nodes.map(({ outputs }, at) => {
    outputs.forEach(begin);
    const now = live;
    live = subDims(live, dying.get(at) ?? 0);
    return now;
  });
}

/** The index of the last node that needs each value; the number of nodes for what the program gives out. */
export function lastUses({ nodes, outputs }: Graph): Map<string, number> {
  const uses = new Map<string, number>();
  nodes.forEach(({ inputs }, at) => {
    for (const name of inputs) uses.set(name, at);
  });
  for (const { value } of outputs) uses.set(value, nodes.length);
  return uses;
}
