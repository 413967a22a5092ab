import type { NodeOf } from "@parsimony/core-tensor";
import { dimsOf } from "../draft.ts";
import { type Lowering, refuse } from "../lowering.ts";
import {
  type AxisGroups,
  type Placed,
  imageGroups,
  placeInGroups,
  product,
  rowMajorGroups,
  shapeOf,
} from "../placed.ts";
import { onesConvolution } from "./convolution.ts";
import { everyPlace, pickAxis } from "./resize.ts";

/** A value with more axes of length 1 before its own, as broadcasting adds them. */
export function withRank(value: Placed, rank: number): Placed {
  const added = Math.max(0, rank - value.axes.length);
  return { ...value, axes: [...Array.from({ length: added }, () => []), ...value.axes] };
}

/**
 * A value repeated along axes of length 1: along height and width by picking cells, along channels by a convolution with
 * ones. Both keep the bits of every cell.
 *
 * @param name of the value that is made.
 */
export function broadcast(at: Lowering, given: Placed, shape: readonly number[], name: string): Placed {
  const value = withRank(given, shape.length);
  const from = shapeOf(value);
  if (from.every((size, axis) => size === shape[axis])) return value;
  const groups: AxisGroups = shape.length === 4 ? imageGroups : rowMajorGroups(shape.length);
  const length = (sizes: readonly number[], group: 0 | 1 | 2): number =>
    product(groups[group].map((axis) => sizes[axis] as number));
  for (const group of [0, 1, 2] as const) {
    const [before, after] = [length(from, group), length(shape, group)];
    if (before !== after && before !== 1) refuse(`repeats a part of ${before} along an axis of ${after}`);
  }
  const { draft } = at;
  let map = at.arrange(value, groups);
  const [height, width, channels] = dimsOf(draft.map(map));
  const wanted = [length(shape, 0), length(shape, 1), length(shape, 2)] as const;
  if (channels !== wanted[2]) {
    if (draft.map(map).type === "int8") refuse("repeats codes along channels");
    map = draft.add(onesConvolution(1, wanted[2]), [map], `${name}:channels`, [height, width, wanted[2]]);
  }
  if (height !== wanted[0] || width !== wanted[1]) {
    const axis = (now: number, then: number): ReturnType<typeof pickAxis> =>
      now === then ? everyPlace(then) : pickAxis(new Int32Array(then));
    map = draft.add(
      { kind: "resize2d", mode: "nearest", rows: axis(height, wanted[0]), columns: axis(width, wanted[1]) },
      [map],
      `${name}:cells`,
      wanted,
    );
  }
  return placeInGroups(map, shape, groups);
}

export function broadcastTo(node: NodeOf<"broadcastTo">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output] = node.outputs as [string];
  at.set(output, broadcast(at, at.value(x), at.shape(output), output));
}
