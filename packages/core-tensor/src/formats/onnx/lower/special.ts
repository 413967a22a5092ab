import { largeBottom, largeTop, middleBottom, middleTop, smallBottom, smallTop } from "../../../tensor/special/erf.ts";
import {
  centreBottom,
  centreTop,
  farBottom,
  farTop,
  tailBottom,
  tailTop,
} from "../../../tensor/special/normalQuantile.ts";
import { Arithmetic } from "./arithmetic.ts";
import { inDouble, inSingle } from "./emitter.ts";
import type { OnnxLowering } from "./lowering.ts";
import { type OnnxOperator, type OperatorName, operators } from "./operators.ts";

/**
 * Functions that ONNX does not have, and those that the CPU provider of ONNX Runtime lacks in float64, as formulas
 * over what it has. Functions whose usual formulas lose digits in float32 (erfInv, lgamma, polygamma) are computed
 * in float64 and rounded once; the others work in the dtype of their input.
 */
type Formula = (a: Arithmetic, x: string) => string;

/** Narrow floats in float32, the others in their own type. */
const own =
  (formula: Formula): OnnxLowering<object> =>
  (emitter, { inputs: [x] }) =>
    inSingle(emitter, x as string, (value) => formula(new Arithmetic(emitter, emitter.dtype(value)), value));

/** In float64. */
export const double =
  (formula: Formula): OnnxLowering<object> =>
  (emitter, { inputs: [x] }) =>
    inDouble(emitter, x as string, (value) => formula(new Arithmetic(emitter, "float64"), value));

/** The operator where it takes the type, the formula in float64. */
export const unlessDouble =
  (name: OperatorName, formula: Formula): OnnxLowering<object> =>
  (emitter, node) => {
    const x = node.inputs[0] as string;
    const { types }: OnnxOperator = operators[name];
    return emitter.dtype(x) === "float64" && !types.includes("float64")
      ? double(formula)(emitter, node)
      : emitter.emit(name, [x]);
  };

/**
 * exp(x) - 1 after W. Kahan: (u - 1) x / log(u) with u = exp(x), in which the errors of u cancel. For |x| > 1 the plain
 * difference loses nothing.
 */
const expm1Formula: Formula = (a, x) => {
  const u = a.exp(x);
  const difference = a.sub(u, 1);
  const corrected = a.div(a.mul(difference, x), a.log(u));
  return a.where(a.equal(u, 1), x, a.where(a.greater(a.abs(x), 1), difference, corrected));
};

/** log(1 + x) after W. Kahan: log(u) x / (u - 1) with u = 1 + x, in which the rounding of u cancels. */
const log1pFormula: Formula = (a, x) => {
  const u = a.add(x, 1);
  const difference = a.sub(u, 1);
  const log = a.log(u);
  const corrected = a.mul(log, a.div(x, difference));
  return a.where(a.equal(u, x), log, a.where(a.equal(difference, 0), x, corrected));
};

export const expm1: OnnxLowering<object> = own(expm1Formula);
export const log1p: OnnxLowering<object> = own(log1pFormula);

/** sign(x) f(|x|). */
const odd = (a: Arithmetic, x: string, size: string): string => a.where(a.less(x, 0), a.neg(size), size);

/**
 * Arc tangent by argument reduction to |x| <= tan(pi / 24) and its Taylor series: atan(x) is pi / 2 - atan(1 / x) beyond 1,
 * and twice atan(x / (1 + sqrt(1 + x^2))).
 */
export const atanFormula: Formula = (a, x) => {
  const size = a.abs(x);
  const steep = a.greater(size, 1);
  const half = (t: string): string => a.div(t, a.add(a.sqrt(a.add(a.square(t), 1)), 1));
  const t = half(half(a.where(steep, a.reciprocal(size), size)));
  const series = Array.from({ length: 14 }, (_, i) => (i % 2 === 0 ? -1 : 1) / (27 - 2 * i));
  const small = a.mul(a.mul(t, a.polynomial(series, a.square(t))), 4);
  return odd(a, x, a.where(steep, a.sub(Math.PI / 2, small), small));
};

const sinhFormula: Formula = (a, x) => {
  const e = expm1Formula(a, a.abs(x));
  // (e + e / (e + 1)) / 2; for large x the fraction is 1, and halving first keeps what is finite finite.
  const u = a.exp(a.mul(a.abs(x), 0.5));
  const large = a.mul(a.mul(u, 0.5), u);
  return odd(a, x, a.where(a.greater(a.abs(x), 40), large, a.mul(a.add(e, a.div(e, a.add(e, 1))), 0.5)));
};

const coshFormula: Formula = (a, x) => {
  const u = a.exp(a.mul(a.abs(x), 0.5));
  const half = a.mul(a.mul(u, 0.5), u);
  return a.add(half, a.div(0.25, half));
};

const asinhFormula: Formula = (a, x) => {
  const size = a.abs(x);
  const square = a.square(size);
  const near = log1pFormula(a, a.add(size, a.div(square, a.add(a.sqrt(a.add(square, 1)), 1))));
  return odd(a, x, a.where(a.greater(size, 1e8), a.add(a.log(size), Math.LN2), near));
};

const acoshFormula: Formula = (a, x) => {
  const t = a.sub(x, 1);
  const near = log1pFormula(a, a.add(t, a.sqrt(a.add(a.mul(t, 2), a.square(t)))));
  return a.where(a.greater(x, 1e8), a.add(a.log(x), Math.LN2), near);
};

const atanhFormula: Formula = (a, x) => {
  const size = a.abs(x);
  return odd(a, x, a.mul(log1pFormula(a, a.div(a.mul(size, 2), a.sub(1, size))), 0.5));
};

/** asin(x) = atan(x / sqrt((1 - x)(1 + x))). */
const asinFormula: Formula = (a, x) => atanFormula(a, a.div(x, a.sqrt(a.mul(a.sub(1, x), a.add(x, 1)))));

/** acos(x) = 2 atan(sqrt((1 - x) / (1 + x))). */
const acosFormula: Formula = (a, x) => a.mul(atanFormula(a, a.sqrt(a.div(a.sub(1, x), a.add(x, 1)))), 2);

const tanFormula: Formula = (a, x) => a.div(a.sin(x), a.cos(x));

/** ONNX has a Softplus, but ONNX Runtime takes the logarithm of 1 + exp(x), which loses the digits of exp(x) where x < 0. */
const softplusFormula: Formula = (a, x) =>
  a.add(a.where(a.lessEqual(x, 0), 0, x), log1pFormula(a, a.exp(a.neg(a.abs(x)))));

/** Cody's rational functions, the same as those of the reference. */
const erfFormula: Formula = (a, x) => {
  const size = a.abs(x);
  const small = a.mul(x, a.ratio(smallTop, smallBottom, a.square(x)));
  const gaussian = a.exp(a.neg(a.square(size)));
  const z = a.reciprocal(a.square(size));
  const middle = a.ratio(middleTop, middleBottom, a.min(size, 4));
  const large = a.div(a.sub(1 / Math.sqrt(Math.PI), a.mul(z, a.ratio(largeTop, largeBottom, z))), size);
  const tail = a.mul(gaussian, a.where(a.lessEqual(size, 4), middle, large));
  const outer = odd(a, x, a.sub(1, a.where(a.greater(size, 28), 0, tail)));
  return a.where(a.lessEqual(size, 0.46875), small, a.where(a.isNan(x), x, outer));
};

export const tan: OnnxLowering<object> = unlessDouble("Tan", tanFormula);
export const asin: OnnxLowering<object> = unlessDouble("Asin", asinFormula);
export const acos: OnnxLowering<object> = unlessDouble("Acos", acosFormula);
export const atan: OnnxLowering<object> = unlessDouble("Atan", atanFormula);
export const sinh: OnnxLowering<object> = unlessDouble("Sinh", sinhFormula);
export const cosh: OnnxLowering<object> = unlessDouble("Cosh", coshFormula);
export const asinh: OnnxLowering<object> = own(asinhFormula);
export const acosh: OnnxLowering<object> = unlessDouble("Acosh", acoshFormula);
export const atanh: OnnxLowering<object> = unlessDouble("Atanh", atanhFormula);
export const softplus: OnnxLowering<object> = own(softplusFormula);
export const erf: OnnxLowering<object> = unlessDouble("Erf", erfFormula);

/** Wichura's quantile function in x / 2 and the distance of |x| to 1, as in the reference. */
export const erfInv: OnnxLowering<object> = double((a, x) => {
  const q = a.mul(x, 0.5);
  const centre = a.mul(q, a.ratio(centreTop, centreBottom, a.sub(0.180625, a.square(q))));
  const r = a.sqrt(a.neg(a.log(a.mul(a.sub(1, a.abs(x)), 0.5))));
  const tail = a.ratio(tailTop, tailBottom, a.sub(r, 1.6));
  const far = a.ratio(farTop, farBottom, a.sub(a.min(r, 30), 5));
  const outer = odd(a, x, a.where(a.lessEqual(r, 5), tail, far));
  const inside = a.mul(a.where(a.lessEqual(a.abs(q), 0.425), centre, outer), Math.SQRT1_2);
  // At the ends x / (1 - |x|) is the infinity with the right sign; beyond, the logarithm made NaN.
  const ends = a.div(x, a.sub(1, a.abs(x)));
  return a.where(a.equal(a.abs(x), 1), ends, a.where(a.greater(a.abs(x), 1), NaN, inside));
});
