import { type Graph, type GraphNode, type ValueType, isNode } from "@parsimony/core-tensor";

/** Floating point operations of a program in its matrix products and convolutions (two for a product and its sum). */
export function graphFlops(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + nodeFlops(graph, node), 0);
}

function nodeFlops(graph: Graph, node: GraphNode): number {
  const shape = (name: string | undefined): readonly number[] =>
    (graph.types[name as string] as ValueType).shape as readonly number[];
  const size = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);
  const [x, y] = node.inputs;
  if (isNode(node, "scan")) return (node.attributes.length as number) * graphFlops(node.attributes.body);
  if (isNode(node, "matmul")) return 2 * size(shape(node.outputs[0])) * (shape(x).at(-1) as number);
  if (isNode(node, "conv2d")) return 2 * size(shape(node.outputs[0])) * size(shape(y).slice(1));
  // The adjoints do the products of the convolution that they belong to.
  if (isNode(node, "convTranspose2d")) return 2 * size(shape(x)) * size(shape(y).slice(1));
  if (isNode(node, "conv2dWeightGrad")) return 2 * size(shape(y)) * size(shape(node.outputs[0]).slice(1));
  return 0;
}
