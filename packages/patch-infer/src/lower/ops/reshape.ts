import type { GraphNode, NodeOf } from "@parsimony/core-tensor";
import type { Lowering } from "../lowering.ts";
import { type Placed, permuteAxes, placeInGroups, reshapePlaced, rowMajorGroups, shapeOf } from "../placed.ts";

export function reshape(node: NodeOf<"reshape">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const value = at.value(x);
  const shape = at.shape(output);
  at.set(output, reshapePlaced(value, shape) ?? (reshapePlaced(rowMajor(at, value), shape) as Placed));
}

/** The value in the program's own order. */
function rowMajor(at: Lowering, value: Placed): Placed {
  const groups = rowMajorGroups(value.axes.length);
  return placeInGroups(at.arrange(value, groups), shapeOf(value), groups);
}

export function transpose(node: NodeOf<"transpose">, at: Lowering): void {
  const [x] = node.inputs as [string];
  at.set(node.outputs[0] as string, permuteAxes(at.value(x), node.attributes.permutation));
}

/** Everything as it stands. */
export function same(node: GraphNode, at: Lowering): void {
  const [x] = node.inputs as [string];
  at.set(node.outputs[0] as string, at.value(x));
}
