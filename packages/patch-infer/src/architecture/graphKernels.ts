import {
  type Graph,
  type GraphNode,
  type NodeOf,
  type OpAttributes,
  copyGraph,
  isNode,
  tensor,
} from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { DepthwiseConv2d, Pair } from "../network/layer.ts";
import type { Network } from "../network/network.ts";
import { resizedKernel } from "./depthwise.ts";

type ConvAttributes = OpAttributes["conv2d"];

/**
 * A graph with the depthwise kernels that its lowered network was given. Depthwise convolutions of graph and network stand in the same
 * order.
 *
 * @param before the network that the graph was lowered to.
 * @param after the same with other kernels.
 * @throws PatchInferError UNSUPPORTED_OP when a kernel that changed is no constant of the graph.
 */
export function graphWithKernels(graph: Graph, before: Network, after: Network): Graph {
  const pairs = before.layers.flatMap((layer, i) => {
    const now = after.layers[i];
    return layer.kind === "depthwiseConv2d" && now?.kind === "depthwiseConv2d" ? [{ layer, now }] : [];
  });
  const nodes = graph.nodes.filter((node) => isDepthwise(graph, node));
  const fits = nodes.length === pairs.length && nodes.every((node, i) => sameKernel(graph, node, pairs[i]?.layer));
  if (!fits)
    throw new PatchInferError("UNSUPPORTED_OP", "the depthwise layers of the network are not those of the graph");
  const changes = new Map(nodes.map((node, i) => [node.outputs[0], pairs[i]] as const));
  return copyGraph(graph, (node, builder) => {
    const change = changes.get(node.outputs[0]);
    if (change === undefined || change.layer === change.now || !isNode(node, "conv2d")) return undefined;
    const [image, weight, ...rest] = node.inputs as [string, string, ...string[]];
    const old = graph.constants[weight];
    if (old === undefined) {
      const text = `the weights of "${change.layer.name}" are computed: fold constants first (simplify)`;
      throw new PatchInferError("UNSUPPORTED_OP", text, { layer: change.layer.name });
    }
    const { kernel } = change.now;
    const weights = tensor(resized(old.dataSync() as Float32Array, change.layer.kernel, kernel), {
      shape: [old.shape[0] as number, 1, ...kernel],
    });
    return builder.add("conv2d", [image, builder.constant(weights), ...rest], moved(node, change), node.outputs);
  });
}

interface Change {
  readonly layer: DepthwiseConv2d;
  readonly now: DepthwiseConv2d;
}

function isDepthwise(graph: Graph, node: GraphNode): boolean {
  if (!isNode(node, "conv2d")) return false;
  const channels = graph.types[node.inputs[0] as string]?.shape[1];
  return node.attributes.groups === channels && node.attributes.groups > 1;
}

function sameKernel(graph: Graph, node: GraphNode, layer: DepthwiseConv2d | undefined): boolean {
  const shape = graph.types[node.inputs[1] as string]?.shape;
  return shape?.[2] === layer?.kernel[0] && shape?.[3] === layer?.kernel[1];
}

/** Attributes whose padding follows the kernel, whatever part of the layer's padding stands in this node. */
function moved(node: NodeOf<"conv2d">, { layer, now }: Change): ConvAttributes {
  const pads = node.attributes.pads.map((pad, i) => {
    const axis = (i % 2) as 0 | 1;
    const [before, after] = i < 2 ? [layer.padBefore, now.padBefore] : [layer.padAfter, now.padAfter];
    return pad + (after[axis] as number) - (before[axis] as number);
  }) as unknown as ConvAttributes["pads"];
  if (pads.every((pad) => pad >= 0)) return { ...node.attributes, pads };
  const text = `the padding of "${layer.name}" is an op of its own: it cannot shrink with the kernel`;
  throw new PatchInferError("UNSUPPORTED_OP", text, { layer: layer.name });
}

/** `[channels, 1, rows, columns]` weights with the centre taps kept, or zeros around them. */
function resized(weights: Float32Array, from: Pair, to: Pair): Float32Array {
  const [before, after] = [from[0] * from[1], to[0] * to[1]];
  const channels = weights.length / before;
  const result = new Float32Array(channels * after);
  for (let channel = 0; channel < channels; channel++) {
    const own = weights.subarray(channel * before, (channel + 1) * before);
    result.set(resizedKernel(own, from, to, 1), channel * after);
  }
  return result;
}
