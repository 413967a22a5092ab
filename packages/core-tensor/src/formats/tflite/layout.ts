import { transpose, reshape } from "../../ops/index.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * A value of the file as the program has it: axis i of `tensor` is axis `axes[i]` of the file's tensor. Files keep
 * images as [batch, height, width, channels] and our ops want [batch, channels, height, width]. So a convolution leaves
 * its result in our order with a note of the file's, operators that can work in any order pass the note on, and
 * elements are moved only where an operator needs the file's order.
 */
export interface Held {
  readonly tensor: Tensor;
  readonly axes: readonly number[];
}

/** The order of our ops on images, in terms of the file's axes. */
export const channelsFirst: readonly number[] = [0, 3, 1, 2];

/** The file's own order. */
export function fileOrder(rank: number): readonly number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

export function isFileOrder(axes: readonly number[]): boolean {
  return axes.every((axis, i) => axis === i);
}

export function sameOrder(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** The shape of the file's tensor. */
export function fileShape({ tensor, axes }: Held): number[] {
  const shape = new Array<number>(axes.length);
  axes.forEach((axis, i) => {
    shape[axis] = tensor.shape[i] as number;
  });
  return shape;
}

/** The order of what is left when axes of the file's tensor are dropped. */
export function withoutAxes(axes: readonly number[], dropped: readonly number[]): number[] {
  const kept = axes.filter((axis) => !dropped.includes(axis));
  return kept.map((axis) => kept.filter((other) => other < axis).length);
}

/** Are the elements of a held value in the file's order, one after the other? Axes of length 1 may stand anywhere. */
export function isFlat({ tensor, axes }: Held): boolean {
  const moving = axes.filter((_, i) => tensor.shape[i] !== 1);
  return moving.every((axis, i) => i === 0 || axis > (moving[i - 1] as number));
}

/** The value in another order. Where only axes of length 1 change place, no element moves. */
export function reorder(held: Held, axes: readonly number[]): Tensor {
  const { tensor } = held;
  if (sameOrder(held.axes, axes)) return tensor;
  const permutation = axes.map((axis) => held.axes.indexOf(axis));
  const moving = permutation.filter((axis) => tensor.shape[axis] !== 1);
  const still = moving.every((axis, i) => i === 0 || axis > (moving[i - 1] as number));
  if (!still) return transpose(tensor, permutation);
  return reshape(
    tensor,
    permutation.map((axis) => tensor.shape[axis] as number),
  );
}

/** The value with axes of length 1 before those of the file's, as broadcasting adds them. */
export function withRank({ tensor, axes }: Held, rank: number): Held {
  const added = rank - axes.length;
  if (added <= 0) return { tensor, axes };
  return {
    tensor: reshape(tensor, [...new Array<number>(added).fill(1), ...tensor.shape]),
    axes: [...fileOrder(added), ...axes.map((axis) => axis + added)],
  };
}
