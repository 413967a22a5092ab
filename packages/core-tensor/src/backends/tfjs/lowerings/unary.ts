import { isFloat } from "../../../tensor/dtype.ts";
import type { NoAttributes } from "../../../ops/primitive.ts";
import type { OpAttributes } from "../../../ops/vocabulary.ts";
import { selectKernels, wrap, wrapKernels } from "../arithmetic.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type TfContext, type TfLowering, type TfLoweringTable, inputType, unary } from "../lowering.ts";
import {
  erfInv, erfInvKernels, lgamma, lgammaKernels, log1p, log1pKernels, polygamma, polygammaKernels,
} from "../special.ts";

/** An op that the engine has under one kernel. */
function direct(kernel: string, call: (tf: Tf, x: TfTensor) => TfTensor): TfLowering<NoAttributes> {
  return unary([kernel], ({ tf }, x) => call(tf, x));
}

/** As `direct`, for an op whose whole-number results may leave a narrow dtype. */
function wrapping(kernel: string, call: (tf: Tf, x: TfTensor) => TfTensor): TfLowering<NoAttributes> {
  return unary([kernel, ...wrapKernels], (c, x) => wrap(c.tf, call(c.tf, x), inputType(c).dtype));
}

/** The engine calls the sign of NaN 0. */
function sign(c: TfContext, x: TfTensor): TfTensor {
  const { tf } = c;
  return isFloat(inputType(c).dtype) ? tf.where(tf.isNaN(x), x, tf.sign(x)) : tf.sign(x);
}

/** Ops on one input, element by element. */
export const unaryLowerings: TfLoweringTable<
  Pick<
    OpAttributes,
    | "neg" | "abs" | "sign" | "exp" | "expm1" | "log" | "log1p" | "sqrt" | "rsqrt" | "reciprocal"
    | "sin" | "cos" | "tan" | "asin" | "acos" | "atan" | "sinh" | "cosh" | "tanh" | "asinh" | "acosh" | "atanh"
    | "sigmoid" | "relu" | "erf" | "erfInv" | "lgamma" | "polygamma"
    | "floor" | "ceil" | "round" | "isNan" | "isInf" | "logicalNot"
  >
> = {
  neg: wrapping("Neg", (tf, x) => tf.neg(x)),
  abs: wrapping("Abs", (tf, x) => tf.abs(x)),
  sign: unary(["Sign", "IsNan", ...selectKernels], sign),
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
  erf: direct("Erf", (tf, x) => tf.erf(x)),
  erfInv: unary(erfInvKernels, erfInv),
  lgamma: unary(lgammaKernels, lgamma),
  polygamma: unary(polygammaKernels, (c, x, { order }) => polygamma(c, x, order)),
  floor: direct("Floor", (tf, x) => tf.floor(x)),
  ceil: direct("Ceil", (tf, x) => tf.ceil(x)),
  round: direct("Round", (tf, x) => tf.round(x)),
  isNan: direct("IsNan", (tf, x) => tf.isNaN(x)),
  isInf: direct("IsInf", (tf, x) => tf.isInf(x)),
  logicalNot: direct("LogicalNot", (tf, x) => tf.logicalNot(x)),
};
