import type { Graph, GraphNode, ValueType } from "../../ops/program.ts";
import type { Dim } from "../../tensor/dims.ts";
import type { GraphBuilder } from "../builder.ts";
import { copyGraph, isNode } from "../rewrite.ts";

const sameShape = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);

/**
 * Removes nodes that change nothing and joins chains that can be one node. Only exact identities: the outputs
 * keep their bits.
 */
export function removeIdentities(graph: Graph): Graph {
  const made = new Map<string, GraphNode>();
  return copyGraph(graph, (original, builder) => {
    const node = join(original, made);
    if (isIdentity(node, builder)) return node.inputs;
    const outputs = builder.addNode(node.op, node.inputs, node.attributes, node.outputs);
    made.set(outputs[0] as string, { ...node, outputs });
    return outputs;
  });
}

/** A reshape of a reshape, or a transpose of a transpose, as one node that reads what the first one reads. */
function join(node: GraphNode, made: ReadonlyMap<string, GraphNode>): GraphNode {
  const before = made.get(node.inputs[0] ?? "");
  if (before === undefined) return node;
  if (isNode(node, "reshape") && isNode(before, "reshape")) return { ...node, inputs: before.inputs };
  if (isNode(node, "transpose") && isNode(before, "transpose")) {
    const permutation = node.attributes.permutation.map((axis) => before.attributes.permutation[axis] as number);
    return { ...node, inputs: before.inputs, attributes: { permutation } };
  }
  return node;
}

/** Does the node give its (only) input unchanged? */
function isIdentity(node: GraphNode, builder: GraphBuilder): boolean {
  const [name] = node.inputs;
  if (name === undefined) return false;
  const input: ValueType = builder.type(name);
  if (isNode(node, "stopGradient")) return true;
  if (isNode(node, "cast")) return node.attributes.dtype === input.dtype;
  if (isNode(node, "reshape") || isNode(node, "broadcastTo"))
    return sameShape(input.shape, node.attributes.shape as readonly Dim[]);
  if (isNode(node, "transpose")) return node.attributes.permutation.every((axis, i) => axis === i);
  return isNode(node, "concat") && node.inputs.length === 1;
}
