import {
  abs,
  add,
  argMax,
  clip,
  div,
  elu,
  exp,
  full,
  gelu,
  greater,
  less,
  logSoftmax,
  maximum,
  minimum,
  mish,
  mul,
  mulDims,
  oneHot,
  reshape,
  softmax,
  sub,
  where,
} from "../../../../ops/index.ts";
import { normalizeAxis } from "../../../../tensor/shape.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { unsupported } from "../unsupported.ts";

/** `min(max(alpha x + beta, 0), 1)`. */
export function hardSigmoid(x: Tensor, alpha: number, beta: number): Tensor {
  return clip(add(mul(x, alpha), beta), 0, 1);
}

export function leakyRelu(x: Tensor, slope: Tensor | number): Tensor {
  return where(less(x, 0), mul(x, slope), x);
}

export function softsign(x: Tensor): Tensor {
  return div(x, add(abs(x), 1));
}

export function thresholdedRelu(x: Tensor, alpha: number): Tensor {
  return where(greater(x, alpha), x, 0);
}

/**
 * Softmax, LogSoftmax and Hardmax. Up to opset 12 the axes from `axis` (default 1) on are one axis; from 13 on only
 * `axis` (default -1) counts.
 */
const alongAxis =
  (fn: (x: Tensor, axis: number) => Tensor): OperatorReader =>
  (context) => {
    const x = context.tensor(0);
    if (context.opset >= 13) return fn(x, context.attributes.int("axis", -1));
    const axis = normalizeAxis(context.node.opType, context.attributes.int("axis", 1), x.rank);
    if (axis === x.rank - 1) return fn(x, axis);
    const rows = reshape(x, [mulDims(...x.shape.slice(0, axis)), mulDims(...x.shape.slice(axis))]);
    return reshape(fn(rows, 1), x.shape);
  };

/** 1 at the first of the largest elements along an axis, 0 elsewhere. */
function hardmax(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis("Hardmax", axis, x.rank);
  const length = x.shape[at] as unknown;
  if (typeof length !== "number") return unsupported("along an axis of unknown length");
  return oneHot(argMax(x, at), length, { axis: at, dtype: x.dtype });
}

const celu: OperatorReader = (context) => {
  const x = context.tensor(0);
  const alpha = context.attributes.float("alpha", 1);
  return add(maximum(x, 0), minimum(mul(sub(exp(div(x, alpha)), 1), alpha), 0));
};

const shrink: OperatorReader = (context) => {
  const x = context.tensor(0);
  const lambda = context.attributes.float("lambd", 0.5);
  const bias = context.attributes.float("bias", 0);
  return where(less(x, -lambda), add(x, bias), where(greater(x, lambda), sub(x, bias), 0));
};

const geluReader: OperatorReader = (context) => {
  const approximate = context.attributes.text("approximate", "none");
  if (approximate !== "none" && approximate !== "tanh") return unsupported(`approximate="${approximate}"`);
  return gelu(context.tensor(0), { approximate });
};

/** Inference: the input itself, and a mask that keeps everything. */
const dropout: OperatorReader = (context) => {
  const x = context.value(0);
  const training = context.has(2) ? context.numbers(2, "training_mode")[0] !== 0 : false;
  if (training) return unsupported("in training mode");
  if (!context.wants(1)) return x;
  return [
    x,
    full(context.liveShape(context.shape(0)), true, { dtype: context.opset >= 10 ? "bool" : context.dtype(0) }),
  ];
};

const selu = (context: NodeContext): Tensor => {
  const alpha = context.attributes.float("alpha", 1.6732632423543772);
  return mul(elu(context.tensor(0), alpha), context.attributes.float("gamma", 1.0507009873554805));
};

/** Activation functions, and what acts as one at inference. */
export const activation: OperatorTable = {
  LeakyRelu: (context) => leakyRelu(context.tensor(0), context.attributes.float("alpha", 0.01)),
  PRelu: (context) => leakyRelu(context.tensor(0), context.tensor(1)),
  Elu: (context) => elu(context.tensor(0), context.attributes.float("alpha", 1)),
  Selu: selu,
  Celu: celu,
  ThresholdedRelu: (context) => thresholdedRelu(context.tensor(0), context.attributes.float("alpha", 1)),
  HardSigmoid: (context) =>
    hardSigmoid(context.tensor(0), context.attributes.float("alpha", 0.2), context.attributes.float("beta", 0.5)),
  HardSwish: (context) => mul(context.tensor(0), hardSigmoid(context.tensor(0), 1 / 6, 0.5)),
  Mish: (context) => mish(context.tensor(0)),
  Gelu: geluReader,
  Softsign: (context) => softsign(context.tensor(0)),
  Shrink: shrink,
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  Hardmax: alongAxis(hardmax),
  Identity: (context) => context.value(0),
  Dropout: dropout,
};
