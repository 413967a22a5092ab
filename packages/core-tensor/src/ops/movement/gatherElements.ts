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
import { expectIndices, indexOperand, readIndices } from "./indices.ts";

function checkIndexShape(op: string, x: ValueType, indices: ValueType, axis: number): void {
  expectIndices(op, indices.dtype);
  const at = normalizeAxis(op, axis, x.shape.length);
  if (
    indices.shape.length !== x.shape.length ||
    x.shape.some((dim, other) => other !== at && dim !== indices.shape[other])
  ) {
    const expected = `the shape of x, ${formatShape(x.shape)}, except along axis ${at}`;
    throw new ShapeError({ op, argument: "indices", expected, found: formatShape(indices.shape) });
  }
}

/** Calls `visit(position in x, position in indices)` for every index, in row-major order of the indices. */
function forEachPick(
  picks: ArrayLike<number>,
  x: readonly number[],
  axis: number,
  count: number,
  visit: (at: number, i: number) => void,
): void {
  const outer = sizeOf(x.slice(0, axis));
  const length = x[axis] as number;
  const inner = sizeOf(x.slice(axis + 1));
  let i = 0;
  for (let o = 0; o < outer; o++) {
    for (let a = 0; a < count; a++) {
      for (let k = 0; k < inner; k++, i++) visit((o * length + (picks[i] as number)) * inner + k, i);
    }
  }
}

/** One element of x per index, from the index's own row. */
export const gatherElementsPrimitive: Primitive<AxisAttributes> = {
  name: "gatherElements",
  infer(inputs, { axis }) {
    const [x, indices] = expectInputs("gatherElements", inputs, 2) as [ValueType, ValueType];
    expectDType("gatherElements", "x", x.dtype, "any");
    checkIndexShape("gatherElements", x, indices, axis);
    return [{ dtype: x.dtype, shape: indices.shape }];
  },
  kernel(inputs, { axis }, [type]) {
    const [x, indices] = inputs as [HostTensor, HostTensor];
    const { dtype, shape } = type as ConcreteType;
    const picks = readIndices("gatherElements", indices, x.shape[axis] as number);
    const source = denseStorage(x);
    const target = new dtypes[dtype].storage(sizeOf(shape));
    forEachPick(picks, x.shape, axis, shape[axis] as number, (at, i) => {
      target[i] = source[at] as never;
    });
    return [new HostTensor(dtype, shape, target)];
  },
};

/** x with one element added per index: the adjoint of gatherElements. */
export const scatterAddElementsPrimitive: Primitive<AxisAttributes> = {
  name: "scatterAddElements",
  infer(inputs, { axis }) {
    const [x, indices, updates] = expectInputs("scatterAddElements", inputs, 3) as [ValueType, ValueType, ValueType];
    expectDType("scatterAddElements", "x", x.dtype, "number");
    expectSameDType("scatterAddElements", "updates", updates.dtype, x.dtype);
    checkIndexShape("scatterAddElements", x, indices, axis);
    if (formatShape(updates.shape) !== formatShape(indices.shape)) {
      const expected = `the shape of indices, ${formatShape(indices.shape)}`;
      throw new ShapeError({
        op: "scatterAddElements",
        argument: "updates",
        expected,
        found: formatShape(updates.shape),
      });
    }
    return [x];
  },
  kernel(inputs, { axis }, [type]) {
    const [x, indices, updates] = inputs as [HostTensor, HostTensor, HostTensor];
    const { dtype, shape } = type as ConcreteType;
    const places = readIndices("scatterAddElements", indices, shape[axis] as number);
    const source = readLanes(updates);
    const sums = Float64Array.from(readLanes(x));
    forEachPick(places, shape, axis, indices.shape[axis] as number, (at, i) => {
      (sums[at] as number) += source[i] as number;
    });
    return [fromComputedLanes("scatterAddElements", dtype, shape, sums)];
  },
};

/**
 * One element of x for every index, taken along an axis: `out[i, j] = x[indices[i, j], j]` for axis 0,
 * `x[i, indices[i, j]]` for axis 1.
 *
 * @param indices int32 or int64, of the shape of x except along the axis, each in `[0, length of the axis)`.
 * @param axis negative ones count from the end. Default 0.
 * @throws ArgumentError naming the element of `indices` that lies outside; ShapeError; DTypeError; AxisError.
 */
export function gatherElements(x: Operand, indices: Operand, axis = 0): Tensor {
  const value = operand(x);
  const at = normalizeAxis("gatherElements", axis, value.rank);
  return apply(gatherElementsPrimitive, [value, indexOperand(indices)], { axis: at })[0] as Tensor;
}

/**
 * x with `updates` added at the elements that `gatherElements(x, indices, axis)` would read; repeated indices
 * add up. The sums are taken in float64 and rounded once.
 *
 * @param updates of the shape of `indices`.
 * @throws ArgumentError naming the element of `indices` that lies outside; ShapeError; DTypeError; AxisError.
 */
export function scatterAddElements(x: Operand, indices: Operand, updates: Operand, axis = 0): Tensor {
  const [value, added] = operands(x, updates) as [Tensor, Tensor];
  const at = normalizeAxis("scatterAddElements", axis, value.rank);
  return apply(scatterAddElementsPrimitive, [value, indexOperand(indices), added], { axis: at })[0] as Tensor;
}
