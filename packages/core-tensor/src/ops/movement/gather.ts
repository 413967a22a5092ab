import type { Dim } from "../../tensor/dims.ts";
import { dtypes } from "../../tensor/dtype.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { HostTensor, denseStorage } from "../../tensor/host.ts";
import { readLanes } from "../../tensor/lanes.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInputs, expectSameDType } from "../checks.ts";
import { type Operand, operand, operands } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import { fromComputedLanes } from "../safeLanes.ts";
import type { AxisAttributes } from "../vocabulary.ts";
import { copyRun } from "./concat.ts";
import { expectIndices, indexOperand, readIndices } from "./indices.ts";

function gatheredShape(x: ValueType, indices: ValueType, axis: number): Dim[] {
  return [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
}

/** Slices of x along an axis, in the order of the indices. */
export const gatherPrimitive: Primitive<AxisAttributes> = {
  name: "gather",
  infer(inputs, { axis }) {
    const [x, indices] = expectInputs("gather", inputs, 2) as [ValueType, ValueType];
    expectDType("gather", "x", x.dtype, "any");
    expectIndices("gather", indices.dtype);
    const at = normalizeAxis("gather", axis, x.shape.length);
    return [{ dtype: x.dtype, shape: gatheredShape(x, indices, at) }];
  },
  kernel(inputs, { axis }, [type]) {
    const [x, indices] = inputs as [HostTensor, HostTensor];
    const { dtype, shape } = type as ConcreteType;
    const length = x.shape[axis] as number;
    const picks = readIndices("gather", indices, length);
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + 1));
    const source = denseStorage(x);
    const target = new dtypes[dtype].storage(sizeOf(shape));
    let to = 0;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < picks.length; i++, to += inner) {
        const from = (o * length + (picks[i] as number)) * inner;
        if (inner === 1) target[to] = source[from] as never;
        else copyRun(target, to, source, from, inner);
      }
    }
    return [new HostTensor(dtype, shape, target)];
  },
};

/** x with slices added to it along an axis: the adjoint of gather. */
export const scatterAddPrimitive: Primitive<AxisAttributes> = {
  name: "scatterAdd",
  infer(inputs, { axis }) {
    const [x, indices, updates] = expectInputs("scatterAdd", inputs, 3) as [ValueType, ValueType, ValueType];
    expectDType("scatterAdd", "x", x.dtype, "number");
    expectIndices("scatterAdd", indices.dtype);
    expectSameDType("scatterAdd", "updates", updates.dtype, x.dtype);
    const at = normalizeAxis("scatterAdd", axis, x.shape.length);
    const wanted = formatShape(gatheredShape(x, indices, at));
    if (formatShape(updates.shape) !== wanted) {
      throw new ShapeError({
        op: "scatterAdd",
        argument: "updates",
        expected: `shape ${wanted}`,
        found: formatShape(updates.shape),
      });
    }
    return [x];
  },
  kernel(inputs, { axis }, [type]) {
    const [x, indices, updates] = inputs as [HostTensor, HostTensor, HostTensor];
    const { dtype, shape } = type as ConcreteType;
    const length = shape[axis] as number;
    const places = readIndices("scatterAdd", indices, length);
    const outer = sizeOf(shape.slice(0, axis));
    const inner = sizeOf(shape.slice(axis + 1));
    const source = readLanes(updates);
    const sums = Float64Array.from(readLanes(x));
    let from = 0;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < places.length; i++) {
        const to = (o * length + (places[i] as number)) * inner;
        for (let k = 0; k < inner; k++) (sums[to + k] as number) += source[from++] as number;
      }
    }
    return [fromComputedLanes("scatterAdd", dtype, shape, sums)];
  },
};

/**
 * Slices of x along an axis, picked by indices: the shape is x's with the axis replaced by the shape of
 * `indices`. With axis 0 and a matrix x this is an embedding lookup.
 *
 * @param indices int32 or int64 (plain numbers are read as int32), each in `[0, length of the axis)`. Negative
 *   indices are not read from the end.
 * @param axis negative ones count from the end. Default 0.
 * @throws ArgumentError naming the element of `indices` that lies outside; DTypeError; AxisError.
 * @example gather([10, 20, 30], [2, 0]).toArray() // [30, 10]
 */
export function gather(x: Operand, indices: Operand, axis = 0): Tensor {
  const value = operand(x);
  const at = normalizeAxis("gather", axis, value.rank);
  return apply(gatherPrimitive, [value, indexOperand(indices)], { axis: at })[0] as Tensor;
}

/**
 * x with `updates` added at the slices that `gather(x, indices, axis)` would read; repeated indices add up. The
 * sums are taken in float64 and rounded once.
 *
 * @param updates of the shape of `gather(x, indices, axis)`.
 * @throws ArgumentError naming the element of `indices` that lies outside; ShapeError; DTypeError; AxisError.
 */
export function scatterAdd(x: Operand, indices: Operand, updates: Operand, axis = 0): Tensor {
  const [value, added] = operands(x, updates) as [Tensor, Tensor];
  const at = normalizeAxis("scatterAdd", axis, value.rank);
  return apply(scatterAddPrimitive, [value, indexOperand(indices), added], { axis: at })[0] as Tensor;
}
