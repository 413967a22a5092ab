import type { Tensor } from "../../tensor/tensor.ts";
import { cast } from "../cast/index.ts";
import { productOfOthers } from "../composites/productOfOthers.ts";
import { div, equal, exp, mul, sub, where } from "../elementwise/index.ts";
import { broadcastTo, dimSize, reshape, scatterAddElements, zerosLike } from "../movement/index.ts";
import type { DerivativeTable, VjpRule } from "../primitive.ts";
import { cumsum, sum } from "../reduce/index.ts";
import type { ReduceOps } from "../reduce/primitives.ts";
import { isSymbolicDim } from "../traced.ts";
import type { AxisAttributes, ReduceAttributes } from "../vocabulary.ts";

/** A reduced value with its axes back, of length 1. */
function withAxes(value: Tensor, x: Tensor, { axes, keepDims }: ReduceAttributes): Tensor {
  return keepDims
    ? value
    : reshape(
        value,
        x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
      );
}

/** A reduced value repeated over the axes that it was reduced along. */
function spread(value: Tensor, x: Tensor, attributes: ReduceAttributes): Tensor {
  return broadcastTo(withAxes(value, x, attributes), x.shape);
}

/** A value divided by the number of elements along axes, some of whose lengths may be known only at run time. */
function divideByCount(value: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  let known = 1;
  let result = value;
  for (const axis of axes) {
    const dim = x.shape[axis] as number;
    if (isSymbolicDim(dim)) result = div(result, dimSize(x, axis, { dtype: x.dtype }));
    else known *= dim;
  }
  return known === 1 ? result : div(result, known);
}

function reduction(
  rule: (g: Tensor, x: Tensor, y: Tensor, attributes: ReduceAttributes) => Tensor,
): VjpRule<ReduceAttributes> {
  return ({ inputs, outputs, cotangents, attributes }) => {
    const [x] = inputs as readonly [Tensor];
    const [y] = outputs as readonly [Tensor];
    const [g] = cotangents as readonly [Tensor];
    return [rule(g, x, y, attributes)];
  };
}

/** Equal extremes share the cotangent equally: the average of the subgradients that choose one of them. */
const extreme = reduction((g, x, y, attributes) => {
  const chosen = equal(x, withAxes(y, x, attributes));
  const count = sum(cast(chosen, x.dtype), attributes.axes, { keepDims: true });
  return where(chosen, div(withAxes(g, x, attributes), count), 0);
});

/** Cotangents of chosen values go back to the places that they were taken from. */
const placed: VjpRule<AxisAttributes> = ({ inputs, outputs, cotangents, attributes }) => {
  const [x] = inputs as readonly [Tensor];
  const [, indices] = outputs as readonly [Tensor, Tensor];
  const [g] = cotangents as readonly [Tensor, null];
  return [scatterAddElements(zerosLike(x), indices, g, attributes.axis)];
};

const alongAxis =
  (rule: (g: Tensor, y: Tensor, axis: number) => Tensor): VjpRule<AxisAttributes> =>
  ({ outputs, cotangents, attributes }) => {
    const [y] = outputs as readonly [Tensor];
    const [g] = cotangents as readonly [Tensor];
    return [rule(g, y, attributes.axis)];
  };

/** Derivatives of the ops that work along axes. */
export const reduceDerivatives: DerivativeTable<ReduceOps> = {
  sum: reduction((g, x, _, attributes) => spread(g, x, attributes)),
  mean: reduction((g, x, _, attributes) => spread(divideByCount(g, x, attributes.axes), x, attributes)),
  prod: reduction((g, x, _, attributes) => mul(withAxes(g, x, attributes), productOfOthers(x, attributes.axes))),
  max: extreme,
  min: extreme,
  any: "none",
  all: "none",
  argMax: "none",
  argMin: "none",
  topK: placed,
  sort: placed,
  cumsum: ({ cotangents, attributes }) => {
    const [g] = cotangents as readonly [Tensor];
    const { axis, exclusive, reverse } = attributes;
    return [cumsum(g, axis, { exclusive, reverse: !reverse })];
  },
  softmax: alongAxis((g, y, axis) => mul(y, sub(g, sum(mul(g, y), axis, { keepDims: true })))),
  logSoftmax: alongAxis((g, y, axis) => sub(g, mul(exp(y), sum(g, axis, { keepDims: true })))),
};
