import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { ValueType } from "../program.ts";
import type { Pads2d, Pair } from "../vocabulary.ts";

/** How a window moves over the two spatial axes of an image. */
export interface WindowGeometry {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads2d;
  readonly dilations: Pair;
}

function checkPair(op: string, argument: string, pair: readonly number[], length: number, least: number): void {
  if (pair.length !== length || pair.some((value) => !Number.isInteger(value) || value < least)) {
    throw new ArgumentError({
      op,
      argument,
      expected: `${length} whole numbers >= ${least}`,
      found: formatShape(pair),
    });
  }
}

/** Refuses what is no geometry. */
export function checkGeometry(op: string, { kernel, strides, pads, dilations }: WindowGeometry): void {
  checkPair(op, "kernel", kernel, 2, 1);
  checkPair(op, "strides", strides, 2, 1);
  checkPair(op, "pads", pads, 4, 0);
  checkPair(op, "dilations", dilations, 2, 1);
}

/** Refuses a number of groups that is no whole number >= 1. */
export function checkGroups(op: string, groups: number): void {
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ArgumentError({ op, argument: "groups", expected: "a whole number >= 1", found: String(groups) });
  }
}

/** The dimensions of a value of four axes; all but the first must be known. */
export function imageDims(
  op: string,
  argument: string,
  { shape }: ValueType,
): [first: number | string, number, number, number] {
  if (shape.length !== 4) {
    throw new ShapeError({ op, argument, expected: "four axes", found: formatShape(shape) });
  }
  if (shape.slice(1).some((dim) => typeof dim !== "number")) {
    throw new ShapeError({
      op,
      argument,
      expected: "known dimensions after the first axis; only that one may be symbolic",
      found: formatShape(shape),
    });
  }
  return shape as [number | string, number, number, number];
}

/** The distance between the first and the last cell of a dilated window, plus one. */
export function extent(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/** Height and width of what a window that moves over an image gives. Throws a ShapeError when it does not fit. */
export function windowOutput(
  op: string,
  [height, width]: Pair,
  { kernel, strides, pads, dilations }: WindowGeometry,
): Pair {
  const along = (axis: 0 | 1, size: number): number => {
    const padded = size + pads[axis] + pads[(axis + 2) as 2 | 3];
    const window = extent(kernel[axis], dilations[axis]);
    if (window > padded) {
      const which = axis === 0 ? "height" : "width";
      throw new ShapeError({
        op,
        argument: "kernel",
        expected: `a window of at most ${padded} cells along the padded ${which}`,
        found: String(window),
      });
    }
    return Math.floor((padded - window) / strides[axis]) + 1;
  };
  return [along(0, height), along(1, width)];
}

/** Refuses windows that lie in the padding with all of their cells: pooling has nothing to say about them. */
export function checkWindowsTouch(
  op: string,
  image: Pair,
  output: Pair,
  { kernel, strides, pads, dilations }: WindowGeometry,
): void {
  for (const axis of [0, 1] as const) {
    // Windows that begin inside of the image touch it: those before and the last one are left to look at.
    const before = Math.min(Math.ceil(pads[axis] / strides[axis]), output[axis]);
    for (let i = 0; i <= before; i++) {
      const o = i < before ? i : output[axis] - 1;
      if (o < 0) continue;
      const start = o * strides[axis] - pads[axis];
      // The first cell at or after the image's start.
      const first = start >= 0 ? start : start + Math.ceil(-start / dilations[axis]) * dilations[axis];
      if (first >= image[axis] || first >= start + extent(kernel[axis], dilations[axis])) {
        const expected = "windows that each cover at least one cell of the image";
        throw new ArgumentError({
          op,
          argument: "pads",
          expected,
          found: `${formatShape(pads)}, with window ${o} along axis ${axis + 2} in the padding`,
        });
      }
    }
  }
}
