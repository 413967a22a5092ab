import { type DType, type NumberArray, dtypes, isFloat } from "../../tensor/dtype.ts";
import type { Dim } from "../../tensor/dims.ts";
import { AxisError, ShapeError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { newLanes, readLanes } from "../../tensor/lanes.ts";
import { formatShape, rowMajorStrides, sizeOf } from "../../tensor/shape.ts";
import { type DTypeGroup, expectDType, expectInput } from "../checks.ts";
import { forEachRun, stridedLoop } from "../elementwise/broadcastLoop.ts";
import type { ConcreteType, Primitive, PrimitiveTable } from "../primitive.ts";
import { fromComputedLanes } from "../safeLanes.ts";
import type { OpAttributes, ReduceAttributes } from "../vocabulary.ts";

/** The ops that combine all elements along axes into one. */
export type ReduceName = "sum" | "mean" | "prod" | "max" | "min" | "any" | "all";

type Combine = (total: number, x: number) => number;

/** A shape with the reduced axes removed or, with `keepDims`, of length 1. */
function reducedShape<D extends Dim>(shape: readonly D[], { axes, keepDims }: ReduceAttributes): (D | 1)[] {
  return keepDims
    ? shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** Refuses axes that are not rising whole numbers inside the rank. */
function checkAxes(op: string, axes: readonly number[], rank: number): void {
  axes.forEach((axis, i) => {
    if (!Number.isInteger(axis) || axis <= (axes[i - 1] ?? -1) || axis >= rank) {
      throw new AxisError({
        op,
        argument: "axes",
        expected: `rising whole numbers below ${rank}`,
        found: formatShape(axes),
      });
    }
  });
}

/** Refuses to look for an extreme among no elements. */
function checkNotEmpty(op: string, shape: readonly Dim[], axes: readonly number[]): void {
  const empty = axes.find((axis) => shape[axis] === 0);
  if (empty !== undefined) {
    throw new ShapeError({
      op,
      argument: "operand",
      expected: `elements along axis ${empty}`,
      found: `shape ${formatShape(shape)}`,
    });
  }
}

/**
 * Combines a run of elements with their totals: with `step` 0 the run goes into one total, which then stays in a
 * register; with `step` 1 it goes into neighbouring ones.
 */
type Accumulate = (
  x: NumberArray,
  start: number,
  length: number,
  totals: Float64Array,
  at: number,
  step: number,
) => void;

/** The loop for any function. */
const accumulateWith =
  (combine: Combine): Accumulate =>
  (x, start, length, totals, at, step) => {
    const end = start + length;
    if (step === 0) {
      let total = totals[at] as number;
      for (let i = start; i < end; i++) total = combine(total, x[i] as number);
      totals[at] = total;
    } else {
      for (let i = start, j = at; i < end; i++, j += step) totals[j] = combine(totals[j] as number, x[i] as number);
    }
  };

/** The same for sums, the most frequent of them, without a call for each element. */
const accumulateSum: Accumulate = (x, start, length, totals, at, step) => {
  const end = start + length;
  if (step === 0) {
    let total = totals[at] as number;
    for (let i = start; i < end; i++) total += x[i] as number;
    totals[at] = total;
  } else {
    for (let i = start, j = at; i < end; i++, j += step) (totals[j] as number) += x[i] as number;
  }
};

/** Totals over axes of a dense array, in doubles. */
function reduceLanes(
  x: NumberArray,
  shape: readonly number[],
  axes: readonly number[],
  initial: number,
  accumulate: Accumulate,
): Float64Array {
  const kept = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const strides = rowMajorStrides(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const totals = new Float64Array(sizeOf(kept)).fill(initial);
  const loop = stridedLoop(shape, [strides]);
  forEachRun(loop, (start, [at]) => accumulate(x, start, loop.length, totals, at as number, loop.steps[0] as number));
  return totals;
}

interface ReduceOptions {
  /** The function for whole numbers of up to 32 bits, exact modulo 2^32. */
  readonly int32?: Combine;
  /** There is no value for no elements. */
  readonly nonEmpty?: boolean;
  /** Divide by the number of elements. */
  readonly average?: boolean;
}

function accumulateFor(dtype: DType, accumulate: Accumulate, int32: Combine | undefined): Accumulate {
  return int32 !== undefined && !isFloat(dtype) && dtypes[dtype].bits <= 32 ? accumulateWith(int32) : accumulate;
}

function reduction(
  name: ReduceName,
  group: DTypeGroup,
  initial: number,
  accumulate: Accumulate,
  options: ReduceOptions = {},
): Primitive<ReduceAttributes> {
  const { int32, nonEmpty = false, average = false } = options;
  return {
    name,
    infer(inputs, attributes) {
      const x = expectInput(name, inputs);
      expectDType(name, "operand", x.dtype, group);
      checkAxes(name, attributes.axes, x.shape.length);
      if (nonEmpty) checkNotEmpty(name, x.shape, attributes.axes);
      return [{ dtype: x.dtype, shape: reducedShape(x.shape, attributes) }];
    },
    kernel(inputs, { axes }, types) {
      const [x] = inputs as readonly [HostTensor];
      const [type] = types as readonly [ConcreteType];
      // Nothing is reduced: -0 stays -0, which a sum that starts from 0 would lose.
      if (axes.length === 0) return [x];
      // Symbolic dimensions become numbers, and possibly 0, only here.
      if (nonEmpty) checkNotEmpty(name, x.shape, axes);
      const totals = reduceLanes(readLanes(x), x.shape, axes, initial, accumulateFor(x.dtype, accumulate, int32));
      const count = sizeOf(axes.map((axis) => x.shape[axis] as number));
      const out = newLanes(type.dtype, totals.length);
      for (let i = 0; i < out.length; i++) out[i] = average ? (totals[i] as number) / count : (totals[i] as number);
      return [fromComputedLanes(name, type.dtype, type.shape, out)];
    },
  };
}

/** Records of the ops that combine all elements along axes into one. */
export const reductionPrimitives: PrimitiveTable<Pick<OpAttributes, ReduceName>> = {
  sum: reduction("sum", "number", 0, accumulateSum, { int32: (total, x) => (total + x) | 0 }),
  mean: reduction("mean", "float", 0, accumulateSum, { average: true }),
  prod: reduction(
    "prod",
    "number",
    1,
    accumulateWith((total, x) => total * x),
    { int32: Math.imul },
  ),
  max: reduction("max", "number", -Infinity, accumulateWith(Math.max), { nonEmpty: true }),
  min: reduction("min", "number", Infinity, accumulateWith(Math.min), { nonEmpty: true }),
  any: reduction(
    "any",
    "bool",
    0,
    accumulateWith((total, x) => total | x),
  ),
  all: reduction(
    "all",
    "bool",
    1,
    accumulateWith((total, x) => total & x),
  ),
};
