import type { Dim } from "@parsimony/core-tensor";

/** Axes that a reshape turns into one another; the elements of one such block keep their order. */
export interface ReshapeBlock {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * The blocks of a reshape, as small as the shapes let them be: axes in front and at the end that stay, and between them runs
 * of axes with equal products. Axes of length 1 that come or go belong to no block, and neither does what cannot be told apart.
 */
export function reshapeBlocks(from: readonly Dim[], to: readonly Dim[]): ReshapeBlock[] {
  let head = 0;
  while (head < from.length && head < to.length && from[head] === to[head]) head++;
  let tail = 0;
  while (tail < from.length - head && tail < to.length - head && from.at(-1 - tail) === to.at(-1 - tail)) tail++;
  const same = (i: number, j: number): ReshapeBlock => ({ inputs: [i], outputs: [j] });
  return [
    ...Array.from({ length: head }, (_, i) => same(i, i)),
    ...innerBlocks(axesBetween(from, head, tail), axesBetween(to, head, tail)),
    ...Array.from({ length: tail }, (_, i) => same(from.length - tail + i, to.length - tail + i)),
  ];
}

interface Axis {
  readonly axis: number;
  readonly size: number;
}

/** The axes that a reshape really moves, or nothing when one of them has no known length. */
function axesBetween(shape: readonly Dim[], head: number, tail: number): Axis[] | undefined {
  const axes: Axis[] = [];
  for (let axis = head; axis < shape.length - tail; axis++) {
    const size = shape[axis] as Dim;
    if (typeof size !== "number" || size === 0) return undefined;
    if (size > 1) axes.push({ axis, size });
  }
  return axes;
}

function innerBlocks(from: Axis[] | undefined, to: Axis[] | undefined): ReshapeBlock[] {
  if (from === undefined || to === undefined) return [];
  const blocks: ReshapeBlock[] = [];
  for (let i = 0, j = 0; i < from.length && j < to.length; ) {
    const [firstIn, firstOut] = [i, j];
    let left = (from[i++] as Axis).size;
    let right = (to[j++] as Axis).size;
    while (left !== right) {
      if (left < right) left *= (from[i++] as Axis).size;
      else right *= (to[j++] as Axis).size;
    }
    const axes = (list: Axis[], start: number, end: number): number[] => list.slice(start, end).map(({ axis }) => axis);
    blocks.push({ inputs: axes(from, firstIn, i), outputs: axes(to, firstOut, j) });
  }
  return blocks;
}

/** For every position of the axes taken together, in row-major order, its coordinate along the axis at `place`. */
export function coordinates(sizes: readonly number[], place: number): Int32Array {
  const total = sizes.reduce((product, size) => product * size, 1);
  const inner = sizes.slice(place + 1).reduce((product, size) => product * size, 1);
  const size = sizes[place] as number;
  return Int32Array.from({ length: total }, (_, i) => Math.floor(i / inner) % size);
}
