import { producers } from "../../../graph/subgraph.ts";
import type { Graph, GraphNode, ValueType } from "../../../ops/program.ts";
import type { HostTensor } from "../../../tensor/host.ts";
import { Arithmetic } from "./arithmetic.ts";
import type { OnnxLowering } from "./lowering.ts";
import { countReaders } from "./readers.ts";

/** A value moved into a range of two numbers. */
export interface ClipAttributes {
  readonly low: number;
  readonly high: number;
}

/** The name of such a node in a program on its way into a file. */
export const clipOp = "onnx:Clip";

/**
 * The program with one node for each `minimum(maximum(x, low), high)` and `minimum(relu(x), high)` whose bounds are float32
 * numbers and whose inner value nobody else reads: ONNX Runtime joins `Clip` with a convolution, but not `Min`.
 */
export function joinClips(graph: Graph): Graph {
  const readers = countReaders(graph);
  const makers = producers(graph);
  const join = (node: GraphNode): GraphNode => {
    if (node.op !== "minimum") return node;
    const lowered = withBound(graph, node);
    const inner = lowered === undefined ? undefined : makers.get(lowered.value);
    if (lowered === undefined || inner === undefined || readers.get(lowered.value) !== 1) return node;
    const raised =
      inner.op === "maximum" ? withBound(graph, inner) : inner.op === "relu" ? aboveZero(graph, inner) : undefined;
    if (raised === undefined || !(raised.bound <= lowered.bound)) return node;
    return { ...node, op: clipOp, inputs: [raised.value], attributes: { low: raised.bound, high: lowered.bound } };
  };
  // The inner nodes have no reader any more: they are left out with all that is not live.
  return { ...graph, nodes: graph.nodes.map(join) };
}

interface Bounded {
  readonly value: string;
  readonly bound: number;
}

const isSingle = (graph: Graph, name: string | undefined): boolean =>
  (graph.types[name ?? ""] as ValueType).dtype === "float32";

/** An operand that is a number, and the other one, whose shape is that of the result. */
function withBound(graph: Graph, node: GraphNode): Bounded | undefined {
  const [a = "", b = ""] = node.inputs;
  for (const [value, bound] of [
    [a, b],
    [b, a],
  ] as const) {
    const constant: HostTensor | undefined = graph.constants[bound];
    const isNumber = constant !== undefined && constant.rank === 0 && isSingle(graph, bound);
    if (isNumber) return { value, bound: constant.item() };
  }
  return undefined;
}

const aboveZero = (graph: Graph, { inputs: [x = ""] }: GraphNode): Bounded | undefined =>
  isSingle(graph, x) ? { value: x, bound: 0 } : undefined;

/** ONNX `Clip`. */
export const clip: OnnxLowering<ClipAttributes> = (emitter, { inputs: [x = ""], attributes: { low, high } }) => {
  const a = new Arithmetic(emitter, "float32");
  return emitter.emit("Clip", [x, a.value(low), a.value(high)]);
};
