import { isFloat } from "../../../tensor/dtype.ts";
import type { UnaryName } from "../../../ops/elementwise/index.ts";
import type { NoAttributes } from "../../../ops/primitive.ts";
import type { OpAttributes } from "../../../ops/vocabulary.ts";
import { selectKernels, wrap, wrapKernels } from "../arithmetic.ts";
import { carrier } from "../carriers.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type TfContext, type TfLowering, type TfLoweringTable, inputType, unary } from "../lowering.ts";
import { lgamma, lgammaKernels, polygamma, polygammaKernels } from "../gamma.ts";
import { erfInv, erfInvKernels, log1p, log1pKernels } from "../special.ts";

/** An op that the engine has under one kernel. */
function direct(kernel: string, call: (tf: Tf, x: TfTensor) => TfTensor): TfLowering<NoAttributes> {
  return unary([kernel], ({ tf }, x) => call(tf, x));
}

/** `-x`; whole numbers are subtracted from 0, because the wasm backend negates them as float32. */
function negate(c: TfContext, x: TfTensor): TfTensor {
  const { tf } = c;
  const { dtype } = inputType(c);
  return isFloat(dtype) ? tf.neg(x) : wrap(tf, tf.sub(tf.scalar(0, "int32"), x), dtype);
}

/** `|x|`; the cpu backend keeps the sizes of whole numbers as float32. */
function size(c: TfContext, x: TfTensor): TfTensor {
  const { tf } = c;
  return isFloat(inputType(c).dtype)
    ? tf.abs(x)
    : wrap(tf, tf.maximum(x, tf.sub(tf.scalar(0, "int32"), x)), inputType(c).dtype);
}

/** -1, 0 or 1, NaN for NaN; engines call the sign of NaN, and of some small numbers, 0. */
function sign(c: TfContext, x: TfTensor): TfTensor {
  const { tf } = c;
  const kind = carrier(inputType(c).dtype);
  const zero = tf.scalar(0, kind);
  const value = tf.sub(tf.cast(tf.greater(x, zero), kind), tf.cast(tf.less(x, zero), kind));
  return kind === "float32" ? tf.where(tf.isNaN(x), x, value) : value;
}

/** A question about floats that no whole number answers with yes; engines read their bits as those of floats. */
function floatTest(kernel: string, test: (tf: Tf, x: TfTensor) => TfTensor): TfLowering<NoAttributes> {
  return unary([kernel, "NotEqual"], (c, x) => (isFloat(inputType(c).dtype) ? test(c.tf, x) : c.tf.notEqual(x, x)));
}

/** Ops on one input, element by element. */
export const unaryLowerings: TfLoweringTable<Pick<OpAttributes, UnaryName>> = {
  neg: unary(["Neg", ...wrapKernels], negate),
  abs: unary(["Abs", "Maximum", ...wrapKernels], size),
  sign: unary(["Greater", "Less", "Sub", "IsNan", ...selectKernels], sign),
  exp: direct("Exp", (tf, x) => tf.exp(x)),
  expm1: direct("Expm1", (tf, x) => tf.expm1(x)),
  log: direct("Log", (tf, x) => tf.log(x)),
  log1p: unary(log1pKernels, ({ tf }, x) => log1p(tf, x)),
  sqrt: direct("Sqrt", (tf, x) => tf.sqrt(x)),
  rsqrt: direct("Rsqrt", (tf, x) => tf.rsqrt(x)),
  reciprocal: direct("Reciprocal", (tf, x) => tf.reciprocal(x)),
  sin: direct("Sin", (tf, x) => tf.sin(x)),
  cos: direct("Cos", (tf, x) => tf.cos(x)),
  tan: direct("Tan", (tf, x) => tf.tan(x)),
  asin: direct("Asin", (tf, x) => tf.asin(x)),
  acos: direct("Acos", (tf, x) => tf.acos(x)),
  atan: direct("Atan", (tf, x) => tf.atan(x)),
  sinh: direct("Sinh", (tf, x) => tf.sinh(x)),
  cosh: direct("Cosh", (tf, x) => tf.cosh(x)),
  tanh: direct("Tanh", (tf, x) => tf.tanh(x)),
  asinh: direct("Asinh", (tf, x) => tf.asinh(x)),
  acosh: direct("Acosh", (tf, x) => tf.acosh(x)),
  atanh: direct("Atanh", (tf, x) => tf.atanh(x)),
  sigmoid: direct("Sigmoid", (tf, x) => tf.sigmoid(x)),
  relu: direct("Relu", (tf, x) => tf.relu(x)),
  softplus: direct("Softplus", (tf, x) => tf.softplus(x)),
  erf: direct("Erf", (tf, x) => tf.erf(x)),
  erfInv: unary(erfInvKernels, erfInv),
  lgamma: unary(lgammaKernels, lgamma),
  polygamma: unary(polygammaKernels, (c, x, { order }) => polygamma(c, x, order)),
  floor: direct("Floor", (tf, x) => tf.floor(x)),
  ceil: direct("Ceil", (tf, x) => tf.ceil(x)),
  round: direct("Round", (tf, x) => tf.round(x)),
  isNan: floatTest("IsNan", (tf, x) => tf.isNaN(x)),
  isInf: floatTest("IsInf", (tf, x) => tf.isInf(x)),
  logicalNot: direct("LogicalNot", (tf, x) => tf.logicalNot(x)),
};
