import type { Tensor } from "../../tensor/tensor.ts";
import { applyOne } from "../applyOne.ts";
import { type Operand, operand } from "../operand.ts";
import type { Primitive } from "../primitive.ts";
import { unaryPrimitives as records } from "./unaryPrimitives.ts";

function map(record: Primitive, x: Operand): Tensor {
  return applyOne(record, [operand(x)], {});
}

/** `-x`. Numbers; whole numbers wrap. */
export function neg(x: Operand): Tensor {
  return map(records.neg, x);
}

/** `|x|`. Numbers; the most negative whole number wraps to itself. Derivative 0 at 0. */
export function abs(x: Operand): Tensor {
  return map(records.abs, x);
}

/** -1, 0 or 1 with the sign of x; NaN for NaN. Numbers. Its derivative counts as 0. */
export function sign(x: Operand): Tensor {
  return map(records.sign, x);
}

/** `e^x`. Floats. */
export function exp(x: Operand): Tensor {
  return map(records.exp, x);
}

/** `e^x - 1` without loss near 0. Floats. */
export function expm1(x: Operand): Tensor {
  return map(records.expm1, x);
}

/** Natural logarithm: -Infinity at 0, NaN below. Floats. */
export function log(x: Operand): Tensor {
  return map(records.log, x);
}

/** `log(1 + x)` without loss near 0. Floats. */
export function log1p(x: Operand): Tensor {
  return map(records.log1p, x);
}

/** Square root; NaN below 0. Floats. */
export function sqrt(x: Operand): Tensor {
  return map(records.sqrt, x);
}

/** `1 / sqrt(x)`. Floats. */
export function rsqrt(x: Operand): Tensor {
  return map(records.rsqrt, x);
}

/** `1 / x`. Floats. */
export function reciprocal(x: Operand): Tensor {
  return map(records.reciprocal, x);
}

/** Sine, x in radians. Floats. */
export function sin(x: Operand): Tensor {
  return map(records.sin, x);
}

/** Cosine, x in radians. Floats. */
export function cos(x: Operand): Tensor {
  return map(records.cos, x);
}

/** Tangent, x in radians. Floats. */
export function tan(x: Operand): Tensor {
  return map(records.tan, x);
}

/** Inverse sine in [-pi/2, pi/2]; NaN outside [-1, 1]. Floats. */
export function asin(x: Operand): Tensor {
  return map(records.asin, x);
}

/** Inverse cosine in [0, pi]; NaN outside [-1, 1]. Floats. */
export function acos(x: Operand): Tensor {
  return map(records.acos, x);
}

/** Inverse tangent in [-pi/2, pi/2]. Floats. */
export function atan(x: Operand): Tensor {
  return map(records.atan, x);
}

/** Hyperbolic sine. Floats. */
export function sinh(x: Operand): Tensor {
  return map(records.sinh, x);
}

/** Hyperbolic cosine. Floats. */
export function cosh(x: Operand): Tensor {
  return map(records.cosh, x);
}

/** Hyperbolic tangent. Floats. */
export function tanh(x: Operand): Tensor {
  return map(records.tanh, x);
}

/** Inverse hyperbolic sine. Floats. */
export function asinh(x: Operand): Tensor {
  return map(records.asinh, x);
}

/** Inverse hyperbolic cosine; NaN below 1. Floats. */
export function acosh(x: Operand): Tensor {
  return map(records.acosh, x);
}

/** Inverse hyperbolic tangent; NaN outside [-1, 1]. Floats. */
export function atanh(x: Operand): Tensor {
  return map(records.atanh, x);
}

/** `1 / (1 + e^-x)` without overflow. Floats. */
export function sigmoid(x: Operand): Tensor {
  return map(records.sigmoid, x);
}

/** `max(x, 0)`; NaN stays NaN. Numbers. Derivative 0 at 0. */
export function relu(x: Operand): Tensor {
  return map(records.relu, x);
}

/** `log(1 + exp(x))` without overflow: a smooth `relu` (Dugas et al. 2001). Floats. */
export function softplus(x: Operand): Tensor {
  return map(records.softplus, x);
}

/** Error function, `2 / sqrt(pi)` times the integral of `exp(-t^2)` from 0 to x. Floats. */
export function erf(x: Operand): Tensor {
  return map(records.erf, x);
}

/** Inverse of `erf` on [-1, 1], infinite at the ends. Floats. */
export function erfInv(x: Operand): Tensor {
  return map(records.erfInv, x);
}

/** `log |gamma(x)|`; Infinity at 0, -1, -2, … Floats. */
export function lgamma(x: Operand): Tensor {
  return map(records.lgamma, x);
}

/** Derivative of order `order + 1` of `lgamma`; order 0 is `digamma`. `order` is a whole number >= 0. Floats. */
export function polygamma(x: Operand, order: number): Tensor {
  return applyOne(records.polygamma, [operand(x)], { order });
}

/** Derivative of `lgamma`; NaN at -1, -2, … Floats. */
export function digamma(x: Operand): Tensor {
  return polygamma(x, 0);
}

/** Largest whole number <= x. Floats. Its derivative counts as 0. */
export function floor(x: Operand): Tensor {
  return map(records.floor, x);
}

/** Smallest whole number >= x. Floats. Its derivative counts as 0. */
export function ceil(x: Operand): Tensor {
  return map(records.ceil, x);
}

/** Nearest whole number, halves to the even one. Floats. Its derivative counts as 0. */
export function round(x: Operand): Tensor {
  return map(records.round, x);
}

/** Which elements are NaN, as bool. Numbers; false for whole ones. */
export function isNan(x: Operand): Tensor {
  return map(records.isNan, x);
}

/** Which elements are infinite, as bool. Numbers; false for whole ones. */
export function isInf(x: Operand): Tensor {
  return map(records.isInf, x);
}

/** Which elements are false. Bool. */
export function logicalNot(x: Operand): Tensor {
  return map(records.logicalNot, x);
}
