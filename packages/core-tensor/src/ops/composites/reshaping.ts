import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape, normalizeAxes, normalizeAxis } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { addDims, divideDims, mulDims } from "../dimensions.ts";
import { broadcastTo, concat, reshape, slice, transpose } from "../movement/index.ts";
import { type Operand, operand, operands } from "../operand.ts";

/**
 * x with new axes of length 1, which stand at `axes` of the result (negative ones count from its end).
 *
 * @example expandDims([1, 2], 0).shape // [1, 2]
 */
export function expandDims(x: Operand, axes: number | readonly number[]): Tensor {
  const value = operand(x);
  const count = typeof axes === "number" ? 1 : axes.length;
  const added = new Set(normalizeAxes("expandDims", axes, value.rank + count));
  const old = value.shape[Symbol.iterator]();
  const shape = Array.from({ length: value.rank + count }, (_, axis) =>
    added.has(axis) ? 1 : (old.next().value as number),
  );
  return reshape(value, shape);
}

/**
 * x without axes of length 1.
 *
 * @param axes which; default: every axis of length 1.
 * @throws ShapeError when a named axis has another length.
 */
export function squeeze(x: Operand, axes?: number | readonly number[]): Tensor {
  const value = operand(x);
  const dropped =
    axes === undefined
      ? value.shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []))
      : normalizeAxes("squeeze", axes, value.rank);
  if (dropped.some((axis) => value.shape[axis] !== 1)) {
    throw new ShapeError({
      op: "squeeze",
      argument: "axes",
      expected: `axes of length 1 of ${formatShape(value.shape)}`,
      found: formatShape(dropped),
    });
  }
  return reshape(
    value,
    value.shape.filter((_, axis) => !dropped.includes(axis)),
  );
}

/**
 * x with the axes `start` to `end` as one. With the defaults all axes become one.
 *
 * @param start first of the joined axes; negative ones count from the end. Default 0.
 * @param end last of them. Default -1.
 * @example flatten(images, 1).shape // [batch, channels * height * width]
 */
export function flatten(x: Operand, start = 0, end = -1): Tensor {
  const value = operand(x);
  if (value.rank === 0) return reshape(value, [1]);
  const first = normalizeAxis("flatten", start, value.rank, "start");
  const last = normalizeAxis("flatten", end, value.rank, "end");
  if (last < first)
    throw new ArgumentError({ op: "flatten", argument: "end", expected: `an axis >= ${first}`, found: String(last) });
  const joined = mulDims(...value.shape.slice(first, last + 1));
  return reshape(value, [...value.shape.slice(0, first), joined, ...value.shape.slice(last + 1)]);
}

/** x with two axes exchanged; negative ones count from the end. */
export function swapAxes(x: Operand, first: number, second: number): Tensor {
  const value = operand(x);
  const a = normalizeAxis("swapAxes", first, value.rank, "first");
  const b = normalizeAxis("swapAxes", second, value.rank, "second");
  return transpose(
    value,
    value.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}

/**
 * Values of one shape side by side along a new axis.
 *
 * @param axis where the new axis stands in the result; negative ones count from the end. Default 0.
 * @throws ArgumentError for no values; ShapeError when shapes differ.
 * @example stack([[1, 2], [3, 4]], 1).toArray() // [[1, 3], [2, 4]]
 */
export function stack(values: readonly Operand[], axis = 0): Tensor {
  const [first, ...rest] = operands(...values);
  if (first === undefined)
    throw new ArgumentError({ op: "stack", argument: "values", expected: "at least one value", found: "none" });
  const at = normalizeAxis("stack", axis, first.rank + 1);
  rest.forEach((value, i) => {
    if (formatShape(value.shape) !== formatShape(first.shape)) {
      throw new ShapeError({
        op: "stack",
        argument: `value ${i + 1}`,
        expected: formatShape(first.shape),
        found: formatShape(value.shape),
      });
    }
  });
  return concat(
    [first, ...rest].map((value) => expandDims(value, at)),
    at,
  );
}

/**
 * x cut along an axis: into a number of equal parts, or into parts of given lengths.
 *
 * @param parts number of parts, or their lengths, which sum to the length of the axis.
 * @param axis negative ones count from the end. Default 0.
 * @throws ArgumentError when the axis cannot be cut so.
 */
export function split(x: Operand, parts: number | readonly number[], axis = 0): Tensor[] {
  const value = operand(x);
  const at = normalizeAxis("split", axis, value.rank);
  const dim = value.shape[at] as number;
  if (typeof parts === "number" && !(Number.isInteger(parts) && parts >= 1)) {
    throw new ArgumentError({ op: "split", argument: "parts", expected: "a whole number >= 1", found: String(parts) });
  }
  const lengths = typeof parts === "number" ? new Array<number>(parts).fill(divideDims(dim, parts)) : parts;
  const bounds = [0];
  for (const length of lengths) bounds.push(addDims(bounds.at(-1) as number, length));
  if (String(bounds.at(-1)) !== String(dim)) {
    throw new ArgumentError({
      op: "split",
      argument: "parts",
      expected: `lengths that sum to ${dim}`,
      found: formatShape(lengths),
    });
  }
  const along = (bound: number): (number | null)[] => value.shape.map((_, other) => (other === at ? bound : null));
  return lengths.map((_, i) => slice(value, along(bounds[i] as number), along(bounds[i + 1] as number)));
}

/**
 * x repeated as a whole along its axes.
 *
 * @param repeats how often, for the last axes of x; more of them than axes add leading axes.
 * @example tile([1, 2], [2]).toArray() // [1, 2, 1, 2]
 */
export function tile(x: Operand, repeats: readonly number[]): Tensor {
  const value = operand(x);
  const rank = Math.max(value.rank, repeats.length);
  const dims = [...new Array<number>(rank - value.rank).fill(1), ...value.shape];
  const counts = [...new Array<number>(rank - repeats.length).fill(1), ...repeats];
  const apart = reshape(
    value,
    dims.flatMap((dim) => [1, dim]),
  );
  const repeated = broadcastTo(
    apart,
    dims.flatMap((dim, axis) => [counts[axis] as number, dim]),
  );
  return reshape(
    repeated,
    dims.map((dim, axis) => mulDims(counts[axis] as number, dim)),
  );
}
