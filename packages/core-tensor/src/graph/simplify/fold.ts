import type { ConcreteType } from "../../ops/primitive.ts";
import type { Graph, ValueType } from "../../ops/program.ts";
import { byteLength } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { primitiveOf } from "../builder.ts";
import { copyGraph } from "../rewrite.ts";
import { nodeDims } from "../substitute.ts";
import { tools } from "../tools.ts";

/** Nodes that make more bytes than this from smaller inputs stay nodes, so that a program does not carry their result. */
const growthLimit = 16384;

/**
 * Computes what depends on constants only. Broadcasts of constants cost no memory (they repeat one element), so
 * they are folded at any size; other results only when they are small or no larger than what they come from (the
 * codes of quantised weights stay codes).
 */
export function foldConstants(graph: Graph): Graph {
  const constants = new Map<string, HostTensor>(Object.entries(graph.constants));
  return copyGraph(graph, (node, builder) => {
    const inputs = node.inputs.map((name) => constants.get(name));
    if (inputs.includes(undefined) || nodeDims(node).some((dim) => typeof dim === "string")) return undefined;
    const values = inputs as readonly HostTensor[];
    const primitive = primitiveOf(node.op);
    const types = primitive.infer(
      values.map(({ dtype, shape }): ValueType => ({ dtype, shape })),
      node.attributes,
    );
    if (!types.every(isConcrete)) return undefined;
    const before = values.reduce((sum, { dtype, size }) => sum + byteLength(dtype, size), 0);
    const after = types.reduce((sum, { dtype, shape }) => sum + byteLength(dtype, sizeOf(shape)), 0);
    if (node.op !== "broadcastTo" && after > Math.max(before, growthLimit)) return undefined;
    return primitive.kernel(values, node.attributes, types, tools).map((value, i) => {
      const name = builder.constant(value, node.outputs[i] as string);
      constants.set(name, value);
      return name;
    });
  });
}

function isConcrete(type: ValueType): type is ConcreteType {
  return type.shape.every((dim) => typeof dim === "number");
}
