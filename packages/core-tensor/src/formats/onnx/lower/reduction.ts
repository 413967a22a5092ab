import type { ArgAttributes, AxisAttributes, OpAttributes, ReduceAttributes } from "../../../ops/vocabulary.ts";
import type { Dim } from "../../../tensor/dims.ts";
import { dimsProduct } from "../../../tensor/dims.ts";
import { dtypes, isFloat } from "../../../tensor/dtype.ts";
import { Arithmetic } from "./arithmetic.ts";
import { dimScalar, dimVector } from "./dimensions.ts";
import type { Emitter } from "./emitter.ts";
import { type LoweringNode, type OnnxLowering, type OnnxLoweringTable, inputType } from "./lowering.ts";
import type { OperatorName } from "./operators.ts";

type Reduction = Extract<OperatorName, `Reduce${string}`>;

/** A reduction over axes; none of them means that nothing is reduced. Axes are an input from opset 18 on (13 for sums). */
function reduce(emitter: Emitter, name: Reduction, x: string, { axes, keepDims }: ReduceAttributes): string {
  if (axes.length === 0) return emitter.emit("Identity", [x]);
  const keepdims = keepDims ? 1 : 0;
  if (name === "ReduceSum" || emitter.opset >= 18) return emitter.emit(name, [x, emitter.ints(axes)], { keepdims });
  return emitter.emit(name, [x], { axes, keepdims });
}

const direct =
  (name: Reduction): OnnxLowering<ReduceAttributes> =>
  (emitter, { inputs: [x = ""], attributes }) =>
    reduce(emitter, name, x, attributes);

/** The sum by the count, so that the mean of nothing is NaN (`ReduceMean` gives 0). */
const mean: OnnxLowering<ReduceAttributes> = (emitter, node) => {
  const [x = ""] = node.inputs;
  const { shape } = inputType(node);
  const count = dimsProduct(node.attributes.axes.map((axis) => shape[axis] as Dim));
  if (typeof count === "number" && count > 0) return reduce(emitter, "ReduceMean", x, node.attributes);
  return emitter.emit("Div", [
    reduce(emitter, "ReduceSum", x, node.attributes),
    dimScalar(emitter, count, emitter.dtype(x)),
  ]);
};

/** Whether any of the flags of a bool value holds along axes, by an 8-bit maximum. Not for empty axes. */
function anyAlong(emitter: Emitter, flags: string, attributes: ReduceAttributes): string {
  return emitter.cast(reduce(emitter, "ReduceMax", emitter.cast(flags, "uint8"), attributes), "bool");
}

/** The largest or smallest element; ONNX Runtime overlooks NaN, which has to win. */
export function extreme(
  emitter: Emitter,
  name: "ReduceMax" | "ReduceMin",
  x: string,
  attributes: ReduceAttributes,
): string {
  const best = reduce(emitter, name, x, attributes);
  const dtype = emitter.dtype(x);
  if (!isFloat(dtype) || attributes.axes.length === 0) return best;
  const nan = anyAlong(emitter, emitter.emit("IsNaN", [x]), attributes);
  return emitter.emit("Where", [nan, emitter.scalar(dtype, NaN), best]);
}

const extremeOf =
  (name: "ReduceMax" | "ReduceMin"): OnnxLowering<ReduceAttributes> =>
  (emitter, { inputs: [x = ""], attributes }) =>
    extreme(emitter, name, x, attributes);

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
  (emitter, { inputs: [x = ""], attributes: { axis, keepDims } }) => {
    const keepdims = keepDims ? 1 : 0;
    const best = emitter.cast(emitter.emit(name, [x], { axis, keepdims }), "int32");
    if (!isFloat(emitter.dtype(x))) return best;
    // The first NaN wins; where it stands is the first maximum of the flags.
    const flags = emitter.cast(emitter.emit("IsNaN", [x]), "uint8");
    const first = emitter.cast(emitter.emit("ArgMax", [flags], { axis, keepdims }), "int32");
    const nan = anyAlong(emitter, emitter.cast(flags, "bool"), { axes: [axis], keepDims });
    return emitter.emit("Where", [nan, first, best]);
  };

/**
 * The best `count` elements in order. NaN stands above every number: it is ordered as Infinity, which is ordered as
 * the largest finite number.
 */
function ordered(
  emitter: Emitter,
  node: LoweringNode<AxisAttributes>,
  count: string,
  largest: boolean,
): (string | undefined)[] {
  const [x = ""] = node.inputs;
  const dtype = emitter.dtype(x);
  const { axis } = node.attributes;
  const attributes = { axis, largest: largest ? 1 : 0, sorted: 1 };
  if (!isFloat(dtype)) {
    const [values, indices] = emitter.emitAll("TopK", [x, count], attributes, 2) as [string, string];
    return [values, node.used[1] === true ? emitter.cast(indices, "int32") : undefined];
  }
  const a = new Arithmetic(emitter, dtype);
  const key = a.where(a.isNan(x), Infinity, a.min(x, dtypes[dtype].max));
  const [, indices] = emitter.emitAll("TopK", [key, count], attributes, 2) as [string, string];
  return [
    node.used[0] === true ? emitter.emit("GatherElements", [x, indices], { axis }) : undefined,
    node.used[1] === true ? emitter.cast(indices, "int32") : undefined,
  ];
}

export type ReductionOps = Pick<
  OpAttributes,
  | "sum"
  | "mean"
  | "prod"
  | "max"
  | "min"
  | "any"
  | "all"
  | "argMax"
  | "argMin"
  | "topK"
  | "sort"
  | "cumsum"
  | "softmax"
  | "logSoftmax"
>;

/** Ops that work along axes. */
export const reduction: OnnxLoweringTable<ReductionOps> = {
  sum: direct("ReduceSum"),
  mean,
  prod: direct("ReduceProd"),
  max: extremeOf("ReduceMax"),
  min: extremeOf("ReduceMin"),
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
