import { type Dim, dimsProduct, divideDims } from "./dims.ts";
import { AxisError, ShapeError } from "./errors.ts";

/** `[2, batch, 3]`, as it is written in messages. */
export function formatShape(shape: readonly unknown[]): string {
  return `[${shape.map(String).join(", ")}]`;
}

/** Number of elements of a shape whose dimensions are all known; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}

/** Row-major strides, in elements. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** Refuses what is no shape: fractions, negative numbers, NaN, or more elements than a double counts exactly. */
export function checkShape(op: string, shape: readonly Dim[], argument = "shape"): void {
  for (const dim of shape) {
    if (typeof dim === "number" && (!Number.isInteger(dim) || dim < 0)) {
      throw new ShapeError({ op, argument, expected: "whole dimensions >= 0", found: formatShape(shape) });
    }
  }
  const size = dimsProduct(shape);
  if (typeof size === "number" && !Number.isSafeInteger(size)) {
    throw new ShapeError({ op, argument, expected: "fewer than 2^53 elements", found: formatShape(shape) });
  }
}

/** An axis counted from the end when negative, as a number in `[0, rank)`. */
export function normalizeAxis(op: string, axis: number, rank: number, argument = "axis"): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const expected = rank === 0 ? "no axis (the value is a scalar)" : `a whole number in [${-rank}, ${rank - 1}]`;
    throw new AxisError({ op, argument, expected, found: String(axis) });
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes in rising order without repeats; `undefined` means all of them. */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  rank: number,
  argument = "axes",
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === "number" ? [axes] : axes;
  const normal = list.map((axis) => normalizeAxis(op, axis, rank, argument));
  if (new Set(normal).size !== normal.length) {
    throw new AxisError({ op, argument, expected: "each axis once", found: formatShape(list) });
  }
  return normal.sort((a, b) => a - b);
}

/**
 * The common shape under NumPy's broadcasting rule: shapes are aligned at their last axis; two dimensions fit
 * when they are equal or one of them is 1.
 */
export function broadcastShapes(op: string, ...shapes: readonly (readonly Dim[])[]): Dim[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<Dim>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const dim = shape[i] as Dim;
      const at = rank - shape.length + i;
      const current = result[at] as Dim;
      if (current === 1) result[at] = dim;
      else if (dim !== 1 && dim !== current) {
        throw new ShapeError({
          op,
          expected: "shapes that broadcast (equal dimensions, or 1, aligned at the last axis)",
          found: shapes.map(formatShape).join(" and "),
        });
      }
    }
  }
  return result;
}

/** Fills in the one dimension that a user may leave open as -1. */
export function resolveReshape(op: string, from: readonly Dim[], to: readonly Dim[]): Dim[] {
  const open = to.indexOf(-1);
  const total = dimsProduct(from);
  if (open < 0) {
    checkShape(op, to);
    if (dimsProduct(to) !== total) {
      throw new ShapeError({
        op,
        argument: "shape",
        expected: `${total} elements, as in ${formatShape(from)}`,
        found: formatShape(to),
      });
    }
    return [...to];
  }
  if (to.lastIndexOf(-1) !== open) {
    throw new ShapeError({ op, argument: "shape", expected: "at most one -1", found: formatShape(to) });
  }
  const rest = to.filter((_, axis) => axis !== open);
  checkShape(op, rest);
  const known = dimsProduct(rest);
  const missing = known === 0 ? undefined : divideDims(total, known);
  if (missing === undefined) {
    throw new ShapeError({
      op,
      argument: "shape",
      expected: `dimensions that divide the ${total} elements of ${formatShape(from)}`,
      found: formatShape(to),
    });
  }
  return to.map((dim, axis) => (axis === open ? missing : dim));
}
