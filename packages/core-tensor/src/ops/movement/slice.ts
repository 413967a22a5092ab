import { type Dim, addDims, divideDims, subDims } from "../../tensor/dims.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { HostTensor } from "../../tensor/host.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInput } from "../checks.ts";
import { liveDim } from "../dimensions.ts";
import { type Operand, operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import { plainDim } from "../traced.ts";
import type { SliceAttributes } from "../vocabulary.ts";

/** Number of elements in `start, start + step, …` below `end`. */
function rangeLength(start: Dim, end: Dim, step: number): Dim {
  const span = subDims(end, start);
  if (typeof span === "number") return Math.ceil(span / step);
  const length = divideDims(span, step);
  if (length !== undefined) return length;
  const expected = `a step that divides the symbolic range ${start} to ${end}`;
  throw new ShapeError({ op: "slice", argument: "steps", expected, found: String(step) });
}

function checkRange(dim: Dim, start: Dim, end: Dim, step: number, axis: number): void {
  const whole = (value: Dim): boolean => typeof value === "string" || (Number.isInteger(value) && value >= 0);
  const ordered = (low: Dim, high: Dim): boolean => {
    const gap = subDims(high, low);
    return typeof gap !== "number" || gap >= 0;
  };
  if (!Number.isInteger(step) || step < 1) {
    throw new ArgumentError({
      op: "slice",
      argument: `step of axis ${axis}`,
      expected: "a whole number >= 1; see reverse",
      found: String(step),
    });
  }
  if (!whole(start) || !whole(end) || !ordered(start, end) || !ordered(end, dim)) {
    const expected = `0 <= start <= end <= ${dim}`;
    throw new ShapeError({ op: "slice", argument: `range of axis ${axis}`, expected, found: `${start} to ${end}` });
  }
}

/** Every step-th element from start to end along each axis: a view. */
export const slicePrimitive: Primitive<SliceAttributes> = {
  name: "slice",
  dims: ["starts", "ends"],
  infer(inputs, { starts, ends, steps }) {
    const x = expectInput("slice", inputs);
    const rank = x.shape.length;
    expectDType("slice", "x", x.dtype, "any");
    if (starts.length !== rank || ends.length !== rank || steps.length !== rank) {
      const found = `${starts.length} starts, ${ends.length} ends, ${steps.length} steps`;
      throw new ArgumentError({ op: "slice", expected: `one start, end and step for each of the ${rank} axes`, found });
    }
    const shape = x.shape.map((dim, axis) => {
      const range = [starts[axis] as Dim, ends[axis] as Dim, steps[axis] as number] as const;
      checkRange(dim, ...range, axis);
      return rangeLength(...range);
    });
    return [{ dtype: x.dtype, shape }];
  },
  kernel([input], { starts, steps }, [type]) {
    const x = input as HostTensor;
    const { shape } = type as ConcreteType;
    const empty = shape.includes(0);
    const offset = x.strides.reduce((sum, stride, axis) => sum + stride * (starts[axis] as number), x.offset);
    const strides = x.strides.map((stride, axis) => stride * (steps[axis] as number));
    return [new HostTensor(x.dtype, shape, x.storage, { strides, offset: empty ? x.offset : offset })];
  },
};

/** A bound as a user writes it: negative ones count from the end, `null` leaves the range open on that side. */
export type SliceBound = number | null | undefined;

/**
 * A part of x: along each axis the elements `start, start + step, …` before `end`. Nothing is copied.
 *
 * Bounds are read as in NumPy: negative ones count from the end, and bounds beyond the axis are moved to its
 * end. Axes after those given are taken whole. On a symbolic axis a bound cannot be compared with the length:
 * it must lie inside, which is checked when the program runs.
 *
 * @param steps whole numbers >= 1, default 1. For a negative step combine with `reverse`.
 * @throws ArgumentError for too many bounds or a step below 1; ShapeError for a range outside a symbolic axis,
 *   or a step that does not divide a symbolic range.
 * @example slice([0, 1, 2, 3, 4], [1], [-1]).toArray() // [1, 2, 3]
 */
export function slice(
  x: Operand,
  starts: readonly SliceBound[],
  ends: readonly SliceBound[] = [],
  steps: readonly (number | null | undefined)[] = [],
): Tensor {
  const value = operand(x);
  for (const [argument, bounds] of Object.entries({ starts, ends, steps })) {
    if (Array.isArray(bounds)) continue;
    throw new ArgumentError({ op: "slice", argument, expected: "an array, one entry per axis", found: String(bounds) });
  }
  const longest = Math.max(starts.length, ends.length, steps.length);
  if (longest > value.rank) {
    const expected = `bounds for at most the ${value.rank} axes of ${formatShape(value.shape)}`;
    throw new ArgumentError({ op: "slice", expected, found: `${longest} of them` });
  }
  const from: number[] = [];
  const to: number[] = [];
  value.shape.forEach((dim, axis) => {
    const start = resolveBound(starts[axis] ?? 0, dim);
    const end = resolveBound(ends[axis] ?? dim, dim);
    const behind = subDims(plainDim(end), plainDim(start));
    from.push(start);
    to.push(typeof behind === "number" && behind < 0 ? start : end);
  });
  const every = value.shape.map((_, axis) => steps[axis] ?? 1);
  return apply(slicePrimitive, [value], { starts: from, ends: to, steps: every })[0] as Tensor;
}

/** A bound in `[0, dim]` where both are numbers; otherwise counted from the start of the axis. */
function resolveBound(bound: number, dim: number): number {
  const given = plainDim(bound);
  const length = plainDim(dim);
  if (typeof given === "string") return bound;
  const fromStart = given < 0 ? addDims(length, given) : given;
  if (typeof length === "number") return Math.min(Math.max(fromStart as number, 0), length);
  return liveDim(fromStart, dim);
}
