import type { Graph, GraphNode, ValueType } from "../../../ops/program.ts";
import type { HostTensor } from "../../../tensor/host.ts";
import { Arithmetic } from "./arithmetic.ts";
import type { OnnxLowering } from "./lowering.ts";

/** A value moved into a range of two numbers. */
export interface ClipAttributes {
  readonly low: number;
  readonly high: number;
}

/**
 * Programs with `minimum(maximum(x, low), high)` and `minimum(relu(x), high)` as one node "clip" each, where the bounds are
 * float32 numbers and nobody else reads the inner value: ONNX Runtime joins `Clip` with a convolution, but not `Min`.
 */
export function findClips(graph: Graph): ReadonlyMap<GraphNode, GraphNode> {
  const readers = new Map<string, number>();
  const read = (name: string): void => void readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const { inputs } of graph.nodes) inputs.forEach(read);
  for (const { value } of graph.outputs) read(value);
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const clips = new Map<GraphNode, GraphNode>();
  for (const node of graph.nodes) {
    const outer = node.op === "minimum" ? withBound(graph, node) : undefined;
    const inner = outer === undefined ? undefined : makers.get(outer.value);
    if (outer === undefined || inner === undefined || readers.get(outer.value) !== 1) continue;
    const raised = inner.op === "maximum" ? withBound(graph, inner) : inner.op === "relu" ? floorOf(graph, inner) : undefined;
    if (raised === undefined) continue;
    clips.set(node, { ...node, op: "clip", inputs: [raised.value], attributes: { low: raised.bound, high: outer.bound } });
  }
  return clips;
}

interface Bounded {
  readonly value: string;
  readonly bound: number;
}

const isSingle = (graph: Graph, name: string | undefined): boolean => (graph.types[name ?? ""] as ValueType).dtype === "float32";

/** An operand that is a number, and the other one, whose shape is that of the result. */
function withBound(graph: Graph, node: GraphNode): Bounded | undefined {
  const [a = "", b = ""] = node.inputs;
  for (const [value, bound] of [[a, b], [b, a]] as const) {
    const constant: HostTensor | undefined = graph.constants[bound];
    const isNumber = constant !== undefined && constant.rank === 0 && isSingle(graph, bound);
    if (isNumber && !Number.isNaN(constant.item())) return { value, bound: constant.item() };
  }
  return undefined;
}

const floorOf = (graph: Graph, { inputs: [x = ""] }: GraphNode): Bounded | undefined => (isSingle(graph, x) ? { value: x, bound: 0 } : undefined);

/** ONNX `Clip`. */
export const clip: OnnxLowering<ClipAttributes> = (emitter, { inputs: [x = ""], attributes: { low, high } }) => {
  const a = new Arithmetic(emitter, "float32");
  return emitter.emit("Clip", [x, a.value(low), a.value(high)]);
};
