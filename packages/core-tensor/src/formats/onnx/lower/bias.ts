import { reshape } from "../../../ops/movement/index.ts";
import { producers } from "../../../graph/subgraph.ts";
import type { Graph, GraphNode, ValueType } from "../../../ops/program.ts";
import type { ConvAttributes } from "../../../ops/vocabulary.ts";
import type { Dim } from "../../../tensor/dims.ts";
import type { HostTensor } from "../../../tensor/host.ts";
import { geometry } from "./convolution.ts";
import type { OnnxLowering } from "./lowering.ts";
import { countReaders } from "./readers.ts";

/** The name of a convolution with a bias in a program on its way into a file. */
export const biasedConvOp = "onnx:Conv";

/**
 * The program with one node for each `add(conv2d(x, weight), bias)` with a number per channel, where nobody else reads the
 * convolution: ONNX Runtime makes an integer kernel of a quantised convolution only when the bias is an input of it.
 */
export function joinBiases(graph: Graph): Graph {
  const readers = countReaders(graph);
  const makers = producers(graph);
  const vectors = new Map<string, HostTensor>();
  const join = (node: GraphNode): GraphNode => {
    if (node.op !== "add") return node;
    const [a = "", b = ""] = node.inputs;
    for (const [sum, bias] of [[a, b] as const, [b, a] as const]) {
      const conv = makers.get(sum);
      if (conv?.op !== "conv2d" || readers.get(sum) !== 1 || !isNarrow(graph, sum)) continue;
      const vector = perChannel(graph, bias, shapeOf(graph, sum)[1] as Dim, makers, vectors);
      if (vector === undefined) continue;
      return { ...node, op: biasedConvOp, inputs: [...conv.inputs, vector], attributes: conv.attributes };
    }
    return node;
  };
  const nodes = graph.nodes.map(join);
  const added = [...vectors].map(([name, { dtype, shape }]): [string, ValueType] => [name, { dtype, shape }]);
  return {
    ...graph,
    nodes,
    constants: { ...graph.constants, ...Object.fromEntries(vectors) },
    types: { ...graph.types, ...Object.fromEntries(added) },
  };
}

const shapeOf = (graph: Graph, name: string): readonly Dim[] => (graph.types[name] as ValueType).shape;

/** The types that ONNX Runtime convolves. */
const isNarrow = (graph: Graph, name: string): boolean =>
  ["float32", "float16"].includes((graph.types[name] as ValueType).dtype);

/** The vector behind a value of shape `[channels, 1, 1]`: what was reshaped to it, or the constant itself as a vector. */
function perChannel(
  graph: Graph,
  name: string,
  channels: Dim,
  makers: ReadonlyMap<string, GraphNode>,
  vectors: Map<string, HostTensor>,
): string | undefined {
  const shape = shapeOf(graph, name);
  const wanted = [
    [channels, 1, 1],
    [1, channels, 1, 1],
  ].map((dims) => dims.join());
  if (!wanted.includes(shape.join())) return undefined;
  const constant = graph.constants[name];
  if (constant !== undefined) {
    const own = `${name}/vector`;
    if (Object.hasOwn(graph.types, own)) return undefined;
    vectors.set(own, reshape(constant, [constant.size]) as HostTensor);
    return own;
  }
  const maker = makers.get(name);
  const source = maker?.op === "reshape" ? maker.inputs[0] : undefined;
  return source !== undefined && shapeOf(graph, source).join() === String(channels) ? source : undefined;
}

/** ONNX `Conv` with its third input. */
export const biasedConv: OnnxLowering<ConvAttributes> = (emitter, { inputs, attributes }) =>
  emitter.emit("Conv", inputs, geometry(attributes));
