import type { Graph, HostTensor, ValueType } from "@parsimony/core-tensor";
import { withoutDeadCode } from "./fixedValues.ts";

/**
 * The program without what no output needs, and with every small constant (one axis at most) read in one place only: a vector of
 * zeros that is the bias of two layers would tie their units together. Copies are named after the original.
 */
export function prepare(graph: Graph): Graph {
  const live = withoutDeadCode(graph);
  const constants: Record<string, HostTensor> = { ...live.constants };
  const types: Record<string, ValueType> = { ...live.types };
  const seen = new Set<string>(live.outputs.map(({ value }) => value));
  const copy = (name: string): string => {
    const value = Object.hasOwn(constants, name) ? (constants[name] as HostTensor) : undefined;
    if (value === undefined || value.rank !== 1) return name;
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    let count = 1;
    while (Object.hasOwn(types, `${name}_${count}`)) count++;
    constants[`${name}_${count}`] = value;
    types[`${name}_${count}`] = types[name] as ValueType;
    seen.add(`${name}_${count}`);
    return `${name}_${count}`;
  };
  const nodes = live.nodes.map((node) => ({ ...node, inputs: node.inputs.map(copy) }));
  return { ...live, nodes, constants, types };
}
