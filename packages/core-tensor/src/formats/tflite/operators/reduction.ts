import * as ops from "../../../ops/index.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { activate } from "../activation.ts";
import { wholeProduct } from "../known.ts";
import { withoutAxes } from "../layout.ts";
import type { OperatorNode, OperatorReader, OperatorRows } from "../node.ts";
import { batchMatMulOptions, cumsumOptions, l2NormOptions, reducerOptions, softmaxOptions } from "../options.ts";

type Reduction = (x: Tensor, axes: readonly number[], options: { keepDims: boolean }) => Tensor;

/** Inputs: x, axes. */
function reducer(op: Reduction): OperatorReader {
  return (node) => {
    const { keepDims } = node.options(reducerOptions);
    const { tensor, axes } = node.held(0, "real");
    const reduced = node.axes(1, axes.length);
    const y = op(
      tensor,
      reduced.map((axis) => axes.indexOf(axis)),
      { keepDims },
    );
    return [{ tensor: y, axes: keepDims ? axes : withoutAxes(axes, reduced) }];
  };
}

/** Inputs: x, axis. The position has the dtype that the file says. */
function position(op: typeof ops.argMax): OperatorReader {
  return (node) => {
    const { tensor, axes } = node.held(0, "stored");
    const axis = node.axis(node.integer(1, "axes"), axes.length);
    const found = op(tensor, axes.indexOf(axis));
    const { dtype } = node.output();
    return [{ tensor: dtype === "int64" ? ops.cast(found, dtype) : found, axes: withoutAxes(axes, [axis]) }];
  };
}

/** An op along the last axis of the file's tensor. */
function alongLast(op: (x: Tensor, axis: number, node: OperatorNode) => Tensor): OperatorReader {
  return (node) => {
    const { tensor, axes } = node.held(0, "real");
    const last = axes.indexOf(axes.length - 1);
    if (last < 0) node.fail("expected an axis, got a scalar");
    return [{ tensor: op(tensor, last, node), axes }];
  };
}

/** Shortest vector that TFLite's kernel divides by its length. */
const L2_EPSILON = 1e-6;

function l2Normalize(x: Tensor, axis: number, node: OperatorNode): Tensor {
  const norm = ops.sqrt(ops.sum(ops.mul(x, x), axis, { keepDims: true }));
  return activate(node, ops.div(x, ops.maximum(norm, L2_EPSILON)), node.options(l2NormOptions).activation);
}

function softmax(x: Tensor, axis: number, node: OperatorNode): Tensor {
  const { beta } = node.options(softmaxOptions);
  return ops.softmax(beta === 1 ? x : ops.mul(x, beta), axis);
}

/** Inputs: x, axis. */
const cumsum: OperatorReader = (node) => {
  const { tensor, axes } = node.held(0, "real");
  const axis = node.axis(node.integer(1, "axes"), axes.length);
  return [{ tensor: ops.cumsum(tensor, axes.indexOf(axis), node.options(cumsumOptions)), axes }];
};

/** Matrices stand in the last two axes of the file's order. */
const batchMatMul: OperatorReader = (node) => {
  const { adjX, adjY } = node.options(batchMatMulOptions);
  const factor = (input: number, turned: boolean): Tensor => {
    const x = node.plain(input, "real");
    if (x.rank < 2) node.fail(`expected matrices, got ${x.rank} axes`);
    return turned ? ops.swapAxes(x, -1, -2) : x;
  };
  return [node.result(ops.matmul(factor(0, adjX), factor(1, adjY)))];
};

/** Operators that look along axes. */
export const reduction: OperatorRows = {
  MEAN: reducer(ops.mean),
  SUM: reducer(ops.sum),
  REDUCE_MAX: reducer(ops.max),
  REDUCE_MIN: reducer(ops.min),
  REDUCE_PROD: wholeProduct(reducer(ops.prod), (node) => node.options(reducerOptions).keepDims),
  REDUCE_ANY: reducer(ops.any),
  REDUCE_ALL: reducer(ops.all),
  ARG_MAX: position(ops.argMax),
  ARG_MIN: position(ops.argMin),
  SOFTMAX: alongLast(softmax),
  LOG_SOFTMAX: alongLast((x, axis) => ops.logSoftmax(x, axis)),
  L2_NORMALIZATION: alongLast(l2Normalize),
  CUMSUM: cumsum,
  BATCH_MATMUL: batchMatMul,
};
