import type { Graph, GraphNode } from "../../ops/program.ts";
import { denseStorage, type HostTensor } from "../../tensor/host.ts";
import { copyGraph } from "../rewrite.ts";
import { isGraph } from "../substitute.ts";

/** Constants of at most this many elements are compared by value. */
const comparedSize = 64;

/** Computes what is computed twice only once. Ops have no effects, so equal op, inputs and attributes mean equal outputs. */
export function shareCommonSubexpressions(graph: Graph): Graph {
  const seen = new Map<string, readonly string[]>();
  const canonical = new Map<string, string>();
  const byValue = new Map<string, string>();
  for (const [name, value] of Object.entries(graph.constants)) {
    const key = constantKey(value);
    const first = key === undefined ? undefined : byValue.get(key);
    if (first !== undefined) canonical.set(name, first);
    else if (key !== undefined) byValue.set(key, name);
  }
  return copyGraph(graph, (node, builder) => {
    const inputs = node.inputs.map((name) => canonical.get(name) ?? name);
    // A node that holds a program is not compared: its constants may be anything.
    const key = Object.values(node.attributes).some(isGraph) ? undefined : nodeKey(node, inputs);
    const earlier = key === undefined ? undefined : seen.get(key);
    if (earlier !== undefined) return earlier;
    const outputs = builder.addNode(node.op, inputs, node.attributes, node.outputs);
    if (key !== undefined) seen.set(key, outputs);
    return outputs;
  });
}

function nodeKey({ op, attributes }: GraphNode, inputs: readonly string[]): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([op, inputs, sorted], distinctNumber);
}

/** JSON writes infinities and NaN as null and -0 as 0; here they must stay apart. */
function distinctNumber(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return { number: Object.is(value, -0) ? "-0" : String(value) };
}

function constantKey(value: HostTensor): string | undefined {
  if (value.size > comparedSize) return undefined;
  const codes = denseStorage(value);
  const bytes = new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
  return `${value.dtype}|${value.shape.join()}|${bytes.join()}`;
}
