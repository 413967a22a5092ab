import {
  abs,
  all,
  any,
  argMax,
  argMin,
  cast,
  cumsum,
  div,
  exp,
  log,
  logSumExp,
  max,
  mean,
  min,
  mul,
  prod,
  reverse,
  type Ordered,
  sort,
  sqrt,
  sub,
  sum,
  topK,
} from "../../../../ops/index.ts";
import { isFloat } from "../../../../tensor/dtype.ts";
import { plainDim } from "../../../../ops/traced.ts";
import { normalizeAxis } from "../../../../tensor/shape.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { unsupported } from "../unsupported.ts";

type Reduce = (x: Tensor, axes: readonly number[] | undefined, options: { readonly keepDims: boolean }) => Tensor;

/** The axes of a reduction: an attribute before `inputSince`, an input from then on. */
function axesOf(context: NodeContext, inputSince: number): readonly number[] | undefined {
  if (context.opset >= inputSince) {
    const axes = context.has(1) ? context.ints(1, "axes") : [];
    if (axes.length > 0) return axes;
    return context.attributes.flag("noop_with_empty_axes", false) ? [] : undefined;
  }
  const axes = context.attributes.ints("axes", []);
  return axes.length > 0 ? axes : undefined;
}

const reduction =
  (fn: Reduce, inputSince = 18): OperatorReader =>
  (context) =>
    fn(context.tensor(0), axesOf(context, inputSince), { keepDims: context.attributes.flag("keepdims", true) });

/** Whole numbers are divided towards zero. */
const meanOf: Reduce = (x, axes, options) => {
  if (isFloat(x.dtype)) return mean(x, axes, options);
  const along = axes ?? x.shape.map((_, axis) => axis);
  const count = along.reduce((product, axis) => product * (x.shape.at(axis) as number), 1);
  return div(sum(x, along, options), count);
};

const square = (x: Tensor): Tensor => mul(x, x);
const orBool =
  (numbers: Reduce, booleans: Reduce): Reduce =>
  (x, axes, options) =>
    (x.dtype === "bool" ? booleans : numbers)(x, axes, options);

/** `log(sum(exp(x)))`; computed in float64 for whole numbers too. */
const logSumExpOf: Reduce = (x, axes, options) =>
  isFloat(x.dtype) ? logSumExp(x, axes, options) : cast(log(sum(exp(cast(x, "float64")), axes, options)), x.dtype);

const argument =
  (fn: typeof argMax): OperatorReader =>
  (context) => {
    const x = context.tensor(0);
    const axis = normalizeAxis(context.node.opType, context.attributes.int("axis", 0), x.rank);
    const options = { keepDims: context.attributes.flag("keepdims", true) };
    if (!context.attributes.flag("select_last_index", false)) return cast(fn(x, axis, options), "int64");
    // The last of equals is the first of them from the other end.
    const length = x.shape[axis] as unknown;
    if (typeof length !== "number") return unsupported("select_last_index along an axis of unknown length");
    return cast(sub(length - 1, fn(reverse(x, [axis]), axis, options)), "int64");
  };

/** k is an attribute before opset 10; `largest` came with 11. Sorted results are what `sorted = 0` may give too. */
const topKReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const k = context.opset >= 10 ? (context.dims(1, "k")[0] ?? 0) : context.attributes.int("k");
  const axis = normalizeAxis("TopK", context.attributes.int("axis", -1), x.rank);
  const largest = context.attributes.flag("largest", true);
  // All of them in order: the one k that need not be a number.
  if (typeof k === "string" && k === plainDim(x.shape[axis])) return ordered(sort(x, axis, { descending: largest }));
  return ordered(topK(x, typeof k === "number" ? k : unsupported(`k is the dimension "${k}"`), { axis, largest }));
};

function ordered({ values, indices }: Ordered): Tensor[] {
  return [values, cast(indices, "int64")];
}

const cumulative: OperatorReader = (context) =>
  cumsum(context.tensor(0), context.ints(1, "axis")[0] ?? 0, {
    exclusive: context.attributes.flag("exclusive", false),
    reverse: context.attributes.flag("reverse", false),
  });

/** Operators along axes. */
export const reductions: OperatorTable = {
  ReduceSum: reduction(sum, 13),
  ReduceMean: reduction(meanOf),
  ReduceProd: reduction(prod),
  ReduceMax: reduction(orBool(max, any)),
  ReduceMin: reduction(orBool(min, all)),
  ReduceL1: reduction((x, axes, options) => sum(abs(x), axes, options)),
  ReduceL2: reduction((x, axes, options) => sqrt(sum(square(x), axes, options))),
  ReduceSumSquare: reduction((x, axes, options) => sum(square(x), axes, options)),
  ReduceLogSum: reduction((x, axes, options) => log(sum(x, axes, options))),
  ReduceLogSumExp: reduction(logSumExpOf),
  ArgMax: argument(argMax),
  ArgMin: argument(argMin),
  TopK: topKReader,
  CumSum: cumulative,
};
