import type { OpAttributes, ReduceAttributes } from "../../../ops/vocabulary.ts";
import { isFloat } from "../../../tensor/dtype.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import { wrap, wrapKernels } from "../arithmetic.ts";
import { carrier } from "../carriers.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type TfContext, type TfLowering, type TfLoweringTable, inputType, outputType, unary } from "../lowering.ts";

/** A reduction; of no axes it is the identity, of no elements it is `empty`. */
function reduction(
  kernels: readonly string[],
  empty: number,
  reduce: (c: TfContext, x: TfTensor, axes: number[], keepDims: boolean) => TfTensor,
): TfLowering<ReduceAttributes> {
  return unary([...kernels, "Fill"], (c, x, { axes, keepDims }) => {
    const { dtype, shape } = outputType(c);
    if (x.size === 0) return c.tf.fill([...shape], empty, carrier(dtype));
    return axes.length === 0 ? x.clone() : reduce(c, x, [...axes], keepDims);
  });
}

export const sumKernels: readonly string[] = ["Sum", "PadV2"];

/** Terms that an engine may add up naively in float32 before partial sums are formed. */
const block = 1024;

/**
 * Sum of floats. Engines add in float32, so that the error of a sum grows with its number of terms: many terms are
 * added axis by axis, long axes in blocks.
 */
export function sumFloats(tf: Tf, x: TfTensor, axes: readonly number[], keepDims: boolean): TfTensor {
  const terms = sizeOf(axes.map((axis) => x.shape[axis] as number));
  if (terms <= block) return tf.sum(x, [...axes], keepDims);
  const kept = axes.reduce((value, axis) => sumAxis(tf, value, axis), x);
  return keepDims
    ? kept
    : tf.reshape(
        kept,
        x.shape.filter((_, axis) => !axes.includes(axis)),
      );
}

function sumAxis(tf: Tf, x: TfTensor, axis: number): TfTensor {
  const length = x.shape[axis] as number;
  if (length <= block) return tf.sum(x, [axis], true);
  const inner = Math.ceil(Math.sqrt(length));
  const outer = Math.ceil(length / inner);
  const padded = tf.pad(
    x,
    x.shape.map((_, i): [number, number] => [0, i === axis ? outer * inner - length : 0]),
    0,
  );
  const blocks = tf.reshape(padded, [...x.shape.slice(0, axis), outer, inner, ...x.shape.slice(axis + 1)]);
  return tf.sum(tf.sum(blocks, [axis + 1], false), [axis], true);
}

/** Position of the first element that equals the extreme of its line, or of the first NaN. */
function argExtreme(
  c: TfContext,
  x: TfTensor,
  axis: number,
  extreme: (x: TfTensor, axes: number[], keepDims: boolean) => TfTensor,
): TfTensor {
  const { tf } = c;
  const chosen = tf.equal(x, extreme(x, [axis], true));
  const candidates = isFloat(inputType(c).dtype) ? tf.logicalOr(chosen, tf.isNaN(x)) : chosen;
  return tf.reshape(tf.argMax(tf.cast(candidates, "float32"), axis), [...outputType(c).shape]);
}

/** Reductions and positions of extremes. */
export const reduceLowerings: TfLoweringTable<
  Pick<OpAttributes, "sum" | "mean" | "prod" | "max" | "min" | "any" | "all" | "argMax" | "argMin">
> = {
  sum: reduction([...sumKernels, ...wrapKernels], 0, (c, x, axes, keepDims) => {
    const { dtype } = inputType(c);
    return isFloat(dtype) ? sumFloats(c.tf, x, axes, keepDims) : wrap(c.tf, c.tf.sum(x, axes, keepDims), dtype);
  }),
  mean: reduction([...sumKernels, "RealDiv"], NaN, ({ tf }, x, axes, keepDims) =>
    tf.div(sumFloats(tf, x, axes, keepDims), tf.scalar(sizeOf(axes.map((axis) => x.shape[axis] as number)), "float32")),
  ),
  prod: reduction(["Prod", ...wrapKernels], 1, (c, x, axes, keepDims) =>
    wrap(c.tf, c.tf.prod(x, axes, keepDims), inputType(c).dtype),
  ),
  max: reduction(["Max"], NaN, ({ tf }, x, axes, keepDims) => tf.max(x, axes, keepDims)),
  min: reduction(["Min"], NaN, ({ tf }, x, axes, keepDims) => tf.min(x, axes, keepDims)),
  any: reduction(["Any"], 0, ({ tf }, x, axes, keepDims) => tf.any(x, axes, keepDims)),
  all: reduction(["All"], 1, ({ tf }, x, axes, keepDims) => tf.all(x, axes, keepDims)),
  argMax: unary(["Max", "Equal", "IsNan", "LogicalOr", "ArgMax"], (c, x, { axis }) =>
    argExtreme(c, x, axis, (...args) => c.tf.max(...args)),
  ),
  argMin: unary(["Min", "Equal", "IsNan", "LogicalOr", "ArgMax"], (c, x, { axis }) =>
    argExtreme(c, x, axis, (...args) => c.tf.min(...args)),
  ),
};
