import type { OpAttributes } from "../../../ops/vocabulary.ts";
import { dtypes, isFloat } from "../../../tensor/dtype.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import { selectKernels, wrap, wrapKernels } from "../arithmetic.ts";
import { indexTensor } from "../carriers.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type TfContext, type TfLoweringTable, inputType, unary } from "../lowering.ts";
import { sumFloats, sumKernels } from "./reduce.ts";

/** The permutation that exchanges an axis with the last one (its own inverse). */
function swapWithLast(rank: number, axis: number): number[] {
  const permutation = Array.from({ length: rank }, (_, i) => i);
  permutation[axis] = rank - 1;
  permutation[rank - 1] = axis;
  return permutation;
}

/** Float keys that the engine's `TopK` orders as we do: NaN above Infinity, which ranks with the largest float. */
function sortableFloats(tf: Tf, x: TfTensor, falling: boolean): TfTensor {
  const float = (value: number): TfTensor => tf.scalar(value, "float32");
  const finite = tf.where(tf.equal(x, float(Infinity)), float(dtypes.float32.max), x);
  const total = tf.where(tf.isNaN(x), float(Infinity), finite);
  return falling ? total : tf.neg(total);
}

const takeKernels = ["TopK", "Transpose", "Equal", "IsNan", "Neg", "Sub", "GatherV2", "Add", ...selectKernels];

/** The first `count` elements along an axis in falling or rising order, and their positions. */
function takeInOrder(c: TfContext, x: TfTensor, axis: number, count: number, falling: boolean): TfTensor[] {
  const { tf } = c;
  const permutation = swapWithLast(x.shape.length, axis);
  const last = x.shape.length - 1;
  const lines = axis === last ? x : tf.transpose(x, permutation);
  const back = (y: TfTensor): TfTensor => (axis === last ? y : tf.transpose(y, permutation));
  if (!isFloat(inputType(c).dtype)) {
    // -1 - x turns the order round without leaving int32.
    const flip = (y: TfTensor): TfTensor => (falling ? y : tf.sub(tf.scalar(-1, "int32"), y));
    const { values, indices } = tf.topk(flip(lines), count, true);
    return [back(flip(values)), back(indices)];
  }
  const { indices } = tf.topk(sortableFloats(tf, lines, falling), count, true);
  // The keys are no longer the values: fetch those by position in the flattened lines.
  const length = lines.shape[last] as number;
  const lineCount = sizeOf(lines.shape) / length;
  const starts = indexTensor(
    tf,
    [lineCount, 1],
    Array.from({ length: lineCount }, (_, line) => line * length),
  );
  const flat = tf.add(tf.reshape(indices, [lineCount, count]), starts);
  const values = tf.reshape(tf.gather(tf.reshape(lines, [lineCount * length]), flat, 0), [...indices.shape]);
  return [back(values), back(indices)];
}

/** `x` minus the largest of its line, which leaves softmax as it is and keeps exponents from overflowing. */
function shifted(tf: Tf, x: TfTensor, axis: number): TfTensor {
  return tf.sub(x, tf.max(x, [axis], true));
}

/** Orders, running sums and softmax along an axis. */
export const orderLowerings: TfLoweringTable<
  Pick<OpAttributes, "topK" | "sort" | "cumsum" | "softmax" | "logSoftmax">
> = {
  topK: {
    kernels: takeKernels,
    lower: (c, [x], { axis, k, largest }) => takeInOrder(c, x as TfTensor, axis, k, largest),
  },
  sort: {
    kernels: takeKernels,
    lower: (c, [x], { axis, descending }) =>
      takeInOrder(c, x as TfTensor, axis, (x as TfTensor).shape[axis] as number, descending),
  },
  cumsum: unary(["Cumsum", "Transpose", ...wrapKernels], (c, x, { axis, exclusive, reverse }) =>
    wrap(c.tf, c.tf.cumsum(x, axis, exclusive, reverse), inputType(c).dtype),
  ),
  softmax: unary(["Max", "Sub", "Exp", "RealDiv", ...sumKernels], ({ tf }, x, { axis }) => {
    const exponentials = tf.exp(shifted(tf, x, axis));
    return tf.div(exponentials, sumFloats(tf, exponentials, [axis], true));
  }),
  logSoftmax: unary(["Max", "Sub", "Exp", "Log", ...sumKernels], ({ tf }, x, { axis }) => {
    const exponents = shifted(tf, x, axis);
    return tf.sub(exponents, tf.log(sumFloats(tf, tf.exp(exponents), [axis], true)));
  }),
};
