import type { Graph, GraphNode, ValueType } from "../../ops/program.ts";
import type { GraphBuilder } from "../builder.ts";
import { copyGraph, isNode } from "../rewrite.ts";

const sameShape = (a: ValueType, b: ValueType): boolean => a.shape.length === b.shape.length && a.shape.every((dim, i) => dim === b.shape[i]);

/**
 * Removes nodes that change nothing and joins chains that can be one node. Only exact identities: the outputs
 * keep their bits.
 */
export function removeIdentities(graph: Graph): Graph {
  const made = new Map<string, GraphNode>();
  return copyGraph(graph, (node, builder) => {
    const result = identity(node, builder, made);
    const outputs = result ?? builder.addNode(node.op, node.inputs, node.attributes, node.outputs);
    if (result === undefined) made.set(outputs[0] as string, { ...node, outputs });
    return outputs;
  });
}

function identity(node: GraphNode, builder: GraphBuilder, made: ReadonlyMap<string, GraphNode>): readonly string[] | undefined {
  const [name] = node.inputs;
  if (name === undefined) return undefined;
  const input = builder.type(name);
  if (isNode(node, "stopGradient")) return [name];
  if (isNode(node, "cast")) return node.attributes.dtype === input.dtype ? [name] : undefined;
  if (isNode(node, "broadcastTo")) return sameShape(input, { ...input, shape: node.attributes.shape }) ? [name] : undefined;
  if (isNode(node, "reshape")) {
    if (sameShape(input, { ...input, shape: node.attributes.shape })) return [name];
    const before = made.get(name);
    return before !== undefined && isNode(before, "reshape") ? builder.add("reshape", before.inputs, node.attributes) : undefined;
  }
  if (isNode(node, "transpose")) {
    const { permutation } = node.attributes;
    if (permutation.every((axis, i) => axis === i)) return [name];
    const before = made.get(name);
    if (before === undefined || !isNode(before, "transpose")) return undefined;
    const joined = permutation.map((axis) => before.attributes.permutation[axis] as number);
    return joined.every((axis, i) => axis === i) ? [...before.inputs] : builder.add("transpose", before.inputs, { permutation: joined });
  }
  if (isNode(node, "concat")) return node.inputs.length === 1 ? [name] : undefined;
  return undefined;
}
