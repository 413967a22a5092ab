import type { NodeOf } from "@parsimony/core-tensor";
import { dimsOf } from "../draft.ts";
import { type Lowering, refuse } from "../lowering.ts";
import { type AxisGroups, type Placed, reshapePlaced, shapeOf } from "../placed.ts";
import { everyPlace, pickAxis } from "./resize.ts";
import { groupOf, separateOne } from "./separate.ts";
import { cut } from "./slice.ts";

/** Positions of one axis picked by known indices. */
function pick(at: Lowering, value: Placed, axis: number, places: readonly number[], output: string): void {
  const [start = 0, next = start + 1] = places;
  const step = next - start;
  if (step > 0 && places.every((place, i) => place === start + i * step)) {
    cut(at, value, [{ axis, start, step, count: places.length }], output);
    return;
  }
  const shape = shapeOf(value).map((size, i) => (i === axis ? places.length : size));
  const own = separateOne(at, value, axis);
  // Resampling works along height and width: channels are seen as the columns of an image with one channel.
  const settled: AxisGroups = groupOf(own, axis) === 2 ? [[...own[0], ...own[1]], own[2], []] : own;
  const input = at.arrange(value, settled);
  const [height, width] = dimsOf(at.draft.map(input));
  const isRows = groupOf(settled, axis) === 0;
  at.make(
    output,
    {
      kind: "resize2d",
      mode: "nearest",
      rows: isRows ? pickAxis(places) : everyPlace(height),
      columns: isRows ? everyPlace(width) : pickAxis(places),
    },
    [input],
    settled,
    shape,
  );
}

export function gather(node: NodeOf<"gather">, at: Lowering): void {
  const [x, indices] = node.inputs as [string, string];
  const [output] = node.outputs as [string];
  const { axis } = node.attributes;
  const constant = at.constant(indices) ?? refuse("picks by numbers that are computed while the program runs");
  const places = Array.from(constant.value.dataSync() as ArrayLike<number | bigint>, Number);
  const rank = constant.value.shape.length;
  const picked = rank === 1 ? output : `${output}:picked`;
  pick(at, at.value(x), axis, places, picked);
  if (rank === 1) return;
  at.set(output, reshapePlaced(at.value(picked), at.shape(output)) ?? refuse("picks in an order that is no view"));
}

export function reverse(node: NodeOf<"reverse">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const shape = at.shape(x);
  const axes = node.attributes.axes.filter((axis) => (shape[axis] as number) > 1);
  at.set(output, at.value(x));
  axes.forEach((axis, i) => {
    const size = shape[axis] as number;
    const places = Array.from({ length: size }, (_, place) => size - 1 - place);
    pick(at, at.value(output), axis, places, i === axes.length - 1 ? output : `${output}:${i}`);
    at.set(output, at.value(i === axes.length - 1 ? output : `${output}:${i}`));
  });
}
