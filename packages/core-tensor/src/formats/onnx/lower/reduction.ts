import type { ReduceOps } from "../../../ops/reduce/index.ts";
import type { ArgAttributes, AxisAttributes, ReduceAttributes } from "../../../ops/vocabulary.ts";
import type { Dim } from "../../../tensor/dims.ts";
import { dimsProduct } from "../../../tensor/dims.ts";
import { isFloat } from "../../../tensor/dtype.ts";
import { dimScalar, dimVector } from "./dimensions.ts";
import type { Emitter } from "./emitter.ts";
import { type LoweringNode, type OnnxLowering, type OnnxLoweringTable, inputType } from "./lowering.ts";
import type { OperatorName } from "./operators.ts";

type Reduction = Extract<OperatorName, `Reduce${string}`>;

/** A reduction over axes; none of them means that nothing is reduced. Axes are an input from opset 18 on (13 for sums). */
export function reduce(emitter: Emitter, name: Reduction, x: string, { axes, keepDims }: ReduceAttributes): string {
  if (axes.length === 0) return emitter.emit("Identity", [x]);
  const keepdims = keepDims ? 1 : 0;
  if (name === "ReduceSum" || emitter.opset >= 18) return emitter.emit(name, [x, emitter.ints(axes)], { keepdims });
  return emitter.emit(name, [x], { axes, keepdims });
}

const direct =
  (name: Reduction): OnnxLowering<ReduceAttributes> =>
  (emitter, { inputs: [x = ""], attributes }) =>
    reduce(emitter, name, x, attributes);

/**
 * Whole numbers of up to 32 bits by way of int64, whose cast back wraps: ONNX Runtime saturates where the result does not
 * fit. It adds and multiplies whole numbers in float64, so that wrapping is exact while the true result is below 2^53.
 */
const wrapping =
  (name: "ReduceSum" | "ReduceProd"): OnnxLowering<ReduceAttributes> =>
  (emitter, { inputs: [x = ""], attributes }) => {
    const own = emitter.dtype(x);
    const wide = isFloat(own) || attributes.axes.length === 0 ? own : "int64";
    return emitter.cast(reduce(emitter, name, emitter.cast(x, wide), attributes), own);
  };

/** The mean of nothing is NaN, where `ReduceMean` gives 0. */
const mean: OnnxLowering<ReduceAttributes> = (emitter, node) => {
  const [x = ""] = node.inputs;
  const { shape } = inputType(node);
  const count = dimsProduct(node.attributes.axes.map((axis) => shape[axis] as Dim));
  const value = reduce(emitter, "ReduceMean", x, node.attributes);
  if (typeof count === "number" && count > 0) return value;
  const isEmpty = emitter.emit("Equal", [dimScalar(emitter, count, "int64"), emitter.scalar("int64", 0)]);
  return emitter.emit("Where", [isEmpty, emitter.scalar(emitter.dtype(value), Number.NaN), value]);
};

/** Counting, because a maximum over nothing is an error but a sum is not. */
function count(emitter: Emitter, flags: string, attributes: ReduceAttributes): string {
  return reduce(emitter, "ReduceSum", emitter.cast(flags, "int32"), attributes);
}

const any: OnnxLowering<ReduceAttributes> = (emitter, { inputs: [x = ""], attributes }) =>
  emitter.emit("Greater", [count(emitter, x, attributes), emitter.scalar("int32", 0)]);

const all: OnnxLowering<ReduceAttributes> = (emitter, { inputs: [x = ""], attributes }) =>
  emitter.emit("Equal", [count(emitter, emitter.emit("Not", [x]), attributes), emitter.scalar("int32", 0)]);

const arg =
  (name: "ArgMax" | "ArgMin"): OnnxLowering<ArgAttributes> =>
  (emitter, { inputs: [x = ""], attributes: { axis, keepDims } }) =>
    emitter.cast(emitter.emit(name, [x], { axis, keepdims: keepDims ? 1 : 0 }), "int32");

/** The best `count` elements in order. */
function ordered(
  emitter: Emitter,
  { inputs: [x = ""], attributes: { axis }, used }: LoweringNode<AxisAttributes>,
  count: string,
  largest: boolean,
): (string | undefined)[] {
  const attributes = { axis, largest: largest ? 1 : 0, sorted: 1 };
  const [values, indices] = emitter.emitAll("TopK", [x, count], attributes, 2) as [string, string];
  return [values, used[1] === true ? emitter.cast(indices, "int32") : undefined];
}

/** Ops that work along axes. */
export const reduction: OnnxLoweringTable<ReduceOps> = {
  sum: wrapping("ReduceSum"),
  mean,
  prod: wrapping("ReduceProd"),
  max: direct("ReduceMax"),
  min: direct("ReduceMin"),
  any,
  all,
  argMax: arg("ArgMax"),
  argMin: arg("ArgMin"),
  topK: (emitter, node) => ordered(emitter, node, emitter.ints([node.attributes.k]), node.attributes.largest),
  sort: (emitter, node) =>
    ordered(
      emitter,
      node,
      dimVector(emitter, inputType(node).shape[node.attributes.axis] as Dim),
      node.attributes.descending,
    ),
  cumsum: (emitter, { inputs: [x = ""], attributes: { axis, exclusive, reverse } }) =>
    emitter.emit("CumSum", [x, emitter.scalar("int64", axis)], {
      exclusive: exclusive ? 1 : 0,
      reverse: reverse ? 1 : 0,
    }),
  softmax: (emitter, { inputs: [x = ""], attributes: { axis } }) => emitter.emit("Softmax", [x], { axis }),
  logSoftmax: (emitter, { inputs: [x = ""], attributes: { axis } }) => emitter.emit("LogSoftmax", [x], { axis }),
};
