import { type Dim, mulDims, subDims } from "../../tensor/dims.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { sumTo } from "../composites/sumTo.ts";
import { addDims, liveDim } from "../dimensions.ts";
import {
  type MovementOps,
  concat,
  gather,
  gatherElements,
  pad,
  reshape,
  reverse,
  scatterAdd,
  scatterAddElements,
  slice,
  transpose,
  zeros,
  zerosLike,
} from "../movement/index.ts";
import type { DerivativeTable, VjpRule } from "../primitive.ts";
import { plainDim } from "../traced.ts";

/** A rule for an op whose only float input is its first: others get no cotangent. */
function linear<A>(rule: (g: Tensor, x: Tensor, attributes: A, inputs: readonly Tensor[]) => Tensor): VjpRule<A> {
  return ({ inputs, attributes, cotangents }) => {
    const dx = rule(cotangents[0] as Tensor, inputs[0] as Tensor, attributes, inputs);
    return [dx, ...inputs.slice(1).map(() => null)];
  };
}

/** Bounds that leave all axes but one as they are. */
function along<T>(x: Tensor, axis: number, value: T): (T | null)[] {
  return x.shape.map((_, other) => (other === axis ? value : null));
}

/** g with `before` and `after` zeros around it along an axis; their numbers may be symbolic. */
function surround(g: Tensor, axis: number, before: Dim, after: Dim, sources: readonly unknown[]): Tensor {
  if (typeof before === "number" && typeof after === "number") {
    if (before === 0 && after === 0) return g;
    return pad(
      g,
      g.shape.map((_, other) => (other === axis ? [before, after] : [0, 0])),
    );
  }
  const block = (length: Dim): Tensor => zeros(g.shape.with(axis, liveDim(length, sources)), { dtype: g.dtype });
  return concat([block(before), g, block(after)], axis);
}

/** g with `step - 1` zeros behind each of its elements along an axis. */
function spreadOut(g: Tensor, axis: number, step: number): Tensor {
  if (step === 1) return g;
  const column = reshape(g, g.shape.toSpliced(axis + 1, 0, 1));
  const wide = pad(
    column,
    column.shape.map((_, other) => (other === axis + 1 ? [0, step - 1] : [0, 0])),
  );
  return reshape(wide, g.shape.with(axis, liveDim(mulDims(plainDim(g.shape[axis]), step), g.shape)));
}

/** Puts the elements of a slice back to their places along an axis, zeros elsewhere. */
function unslice(g: Tensor, axis: number, dim: Dim, start: Dim, step: number, sources: readonly unknown[]): Tensor {
  const spread = spreadOut(g, axis, step);
  const after = subDims(subDims(dim, start), plainDim(spread.shape[axis]));
  if (typeof after === "number" && after < 0) {
    // The zeros behind the last element would reach beyond the axis.
    const kept = slice(spread, [], along(spread, axis, liveDim(subDims(dim, start), sources)));
    return surround(kept, axis, start, 0, sources);
  }
  return surround(spread, axis, start, after, sources);
}

/** Derivatives of the ops that move elements. All are linear; each rule is the adjoint. */
export const movementDerivatives: DerivativeTable<MovementOps> = {
  reshape: linear((g, x) => reshape(g, x.shape)),
  transpose: linear((g, _, { permutation }) =>
    transpose(
      g,
      permutation.map((_axis, i) => permutation.indexOf(i)),
    ),
  ),
  broadcastTo: linear((g, x) => sumTo(g, x.shape)),
  concat: ({ inputs, attributes: { axis }, cotangents }) => {
    const g = cotangents[0] as Tensor;
    let start = 0;
    return inputs.map((input) => {
      const end = addDims(start, input.shape[axis] as number);
      const part = slice(g, along(g, axis, start), along(g, axis, end));
      start = end;
      return part;
    });
  },
  slice: linear((g, x, { starts, steps }) =>
    x.shape.reduce<Tensor>(
      (sum, dim, axis) =>
        unslice(sum, axis, plainDim(dim), starts[axis] as Dim, steps[axis] as number, [...x.shape, ...g.shape]),
      g,
    ),
  ),
  pad: linear((g, x, { before }) =>
    slice(
      g,
      before,
      x.shape.map((dim, axis) => addDims(dim, before[axis] as number)),
    ),
  ),
  reverse: linear((g, _, { axes }) => reverse(g, axes)),
  gather: linear((g, x, { axis }, inputs) => scatterAdd(zerosLike(x), inputs[1] as Tensor, g, axis)),
  gatherElements: linear((g, x, { axis }, inputs) => scatterAddElements(zerosLike(x), inputs[1] as Tensor, g, axis)),
  scatterAdd: ({ inputs, attributes: { axis }, cotangents }) => {
    const g = cotangents[0] as Tensor;
    return [g, null, gather(g, inputs[1] as Tensor, axis)];
  },
  scatterAddElements: ({ inputs, attributes: { axis }, cotangents }) => {
    const g = cotangents[0] as Tensor;
    return [g, null, gatherElements(g, inputs[1] as Tensor, axis)];
  },
  iota: "none",
  dimValue: "none",
  oneHot: "none",
};
