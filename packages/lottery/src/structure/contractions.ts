import { type Graph, type GraphNode, type ValueType, isNode } from "@parsimony/core-tensor";

/**
 * A sum of products over a common axis, with the weights on one side: `y[.., o, ..] = sum over i of x[.., i, ..] w[i, o]`.
 * Axes are those of the three values.
 */
export interface Contraction {
  readonly node: GraphNode;
  /** Places of x and w among the node's inputs. */
  readonly data: number;
  readonly weight: number;
  /** The axis of x that is summed over, and the one of w that meets it. */
  readonly dataAxis: number;
  readonly weightIn: number;
  /** The axis of w that becomes an axis of y. */
  readonly weightOut: number;
  readonly outputAxis: number;
  /** Parts that a convolution is split into, each with weights of its own; 1 otherwise. */
  readonly groups: number;
}

/**
 * How a node sums over products, when it does. `isFixed` tells which values do not depend on the inputs of the program: one of
 * the factors has to be such a value, the weights.
 */
export function contractionOf(
  node: GraphNode,
  types: Graph["types"],
  isFixed: (name: string) => boolean,
): Contraction | undefined {
  const rank = (place: number): number => (types[node.inputs[place] as string] as ValueType).shape.length;
  if (isNode(node, "matmul")) {
    const output = (types[node.outputs[0] as string] as ValueType).shape.length;
    const [a, b] = [rank(0), rank(1)];
    if (isFixed(node.inputs[1] as string)) {
      const axes = { dataAxis: a - 1, weightIn: b - 2, weightOut: b - 1, outputAxis: output - 1 };
      return { node, data: 0, weight: 1, ...axes, groups: 1 };
    }
    if (!isFixed(node.inputs[0] as string)) return undefined;
    const axes = { dataAxis: b - 2, weightIn: a - 1, weightOut: a - 2, outputAxis: output - 2 };
    return { node, data: 1, weight: 0, ...axes, groups: 1 };
  }
  if (!isFixed(node.inputs[1] as string)) return undefined;
  const sides = { node, data: 0, weight: 1, dataAxis: 1, outputAxis: 1 };
  if (isNode(node, "conv2d")) {
    const { groups } = node.attributes;
    // One channel per group: nothing is summed over channels, see `flows.ts`.
    if (groups > 1 && (types[node.inputs[1] as string] as ValueType).shape[1] === 1) return undefined;
    return { ...sides, weightIn: 1, weightOut: 0, groups };
  }
  if (isNode(node, "convTranspose2d") && node.attributes.groups === 1) {
    return { ...sides, weightIn: 0, weightOut: 1, groups: 1 };
  }
  return undefined;
}
