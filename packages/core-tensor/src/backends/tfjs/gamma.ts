/** The logarithm of the gamma function and its derivatives, which TensorFlow.js has no kernels for. */
import { selectKernels } from "./arithmetic.ts";
import type { Tf, TfTensor } from "./engine.ts";
import type { TfContext } from "./lowering.ts";
import { float, polynomial, polynomialKernels } from "./special.ts";

const reflectKernels = [
  "Round",
  "Sub",
  "Multiply",
  "Less",
  "Sin",
  "Abs",
  "RealDiv",
  "Log",
  "Tan",
  "Equal",
  "LogicalOr",
  "LogicalAnd",
];

export const lgammaKernels: readonly string[] = [
  ...reflectKernels,
  ...polynomialKernels,
  ...selectKernels,
  "Greater",
  "GreaterEqual",
  "Neg",
  "IsInf",
  "Reciprocal",
];

/**
 * 1 - Euler's constant, and (-1)^k (zeta(k) - 1) / k: the Taylor series of ln gamma about 2 (DLMF 5.7.3), highest first.
 */
const aboutTwo = [
  -4.492469198764566e-7, 9.55141213040742e-7, -2.039215753801366e-6, 4.374866789907488e-6, -9.439488275268397e-6,
  2.050721277567069e-5, -4.492623673813314e-5, 9.945751278180853e-5, -2.2315475845357939e-4, 5.096695247430425e-4,
  -1.192753911703261e-3, 2.8905103307415233e-3, -7.385551028673986e-3, 2.0580808427784546e-2, -6.73523010531981e-2,
  3.224670334241132e-1, 4.2278433509846714e-1, 0,
];

/** `ln |gamma(x)|` for positive x: a series about 2 after shifting, Stirling's from 8 on (DLMF 5.11.1). */
function lgammaPositive(c: TfContext, x: TfTensor): TfTensor {
  const { tf } = c;
  const one = float(tf, 1);
  const large = c.scope(() => {
    const inverse = tf.reciprocal(x);
    const series = polynomial(c, tf.mul(inverse, inverse), [1 / 1260, -1 / 360, 1 / 12]);
    const main = tf.mul(tf.sub(x, float(tf, 0.5)), tf.sub(tf.log(x), one));
    return [tf.add(main, tf.add(tf.mul(series, inverse), float(tf, 0.41893853320467274)))] as const;
  })[0];
  const small = c.scope(() => {
    // Up to 1.5 the recurrence gamma(x + 1) = x gamma(x) leads to [1.5, 2.5), once or twice; above 2.5 it leads down.
    const below = tf.where(
      tf.less(x, float(tf, 0.5)),
      tf.mul(x, tf.add(x, one)),
      tf.where(tf.less(x, float(tf, 1.5)), x, one),
    );
    const shift = tf.where(
      tf.less(x, float(tf, 0.5)),
      float(tf, 2),
      tf.where(tf.less(x, float(tf, 1.5)), one, float(tf, 0)),
    );
    let at = tf.add(x, shift);
    let product = tf.fill([...x.shape], 1, "float32");
    for (let step = 0; step < 6; step++) {
      const [nextAt, nextProduct] = c.scope(() => {
        const above = tf.greater(at, float(tf, 2.5));
        const lower = tf.sub(at, one);
        return [tf.where(above, lower, at), tf.where(above, tf.mul(product, lower), product)] as const;
      });
      at.dispose();
      product.dispose();
      at = nextAt;
      product = nextProduct;
    }
    const series = polynomial(c, tf.sub(at, float(tf, 2)), aboutTwo);
    return [tf.sub(tf.add(series, tf.log(product)), tf.log(below))] as const;
  })[0];
  return tf.where(tf.greaterEqual(x, float(tf, 8)), large, small);
}

/** `x - round(x)`, in [-1/2, 1/2], exact. */
function fractionOf(tf: Tf, x: TfTensor): TfTensor {
  return tf.sub(x, tf.round(x));
}

/** `ln |gamma(x)|`; Infinity at 0, -1, -2, … and ±Infinity. */
export function lgamma(c: TfContext, x: TfTensor): TfTensor {
  const { tf } = c;
  const negative = tf.less(x, float(tf, 0));
  const value = c.scope(() => [lgammaPositive(c, tf.where(negative, tf.sub(float(tf, 1), x), x))] as const)[0];
  // Reflection (DLMF 5.5.3)
  const sine = tf.abs(tf.sin(tf.mul(fractionOf(tf, x), float(tf, Math.PI))));
  const reflected = tf.sub(tf.log(tf.div(float(tf, Math.PI), sine)), value);
  return tf.where(tf.isInf(x), float(tf, Infinity), tf.where(negative, reflected, value));
}

export const polygammaKernels: readonly string[] = [...lgammaKernels, "Pow"];

/** Sum of `(x + k)^-s` over k = 0, 1, … for x > 0 and a whole s >= 2: s + 6 terms, then Euler-Maclaurin (DLMF 2.10.1). */
function hurwitzZeta(c: TfContext, s: number, x: TfTensor): TfTensor {
  const { tf } = c;
  const terms = s + 6;
  const toMinusS = (a: TfTensor): TfTensor => tf.pow(a, float(tf, -s));
  let sum = tf.fill([...x.shape], 0, "float32");
  // From the smallest term up, so that little is lost.
  const start = tf.add(x, float(tf, terms));
  const inverse = tf.reciprocal(start);
  const weights = [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600];
  let rising = s;
  const series = weights.map((weight, j) => {
    const coefficient = weight * rising;
    rising *= (s + 2 * j + 1) * (s + 2 * j + 2);
    return coefficient;
  });
  const corrections = tf.mul(polynomial(c, tf.mul(inverse, inverse), [...series].reverse()), inverse);
  const rest = tf.add(tf.add(tf.mul(start, float(tf, 1 / (s - 1))), float(tf, 0.5)), corrections);
  sum = tf.add(sum, tf.mul(toMinusS(start), rest));
  for (let k = terms - 1; k >= 0; k--) {
    const next = c.scope(() => [tf.add(sum, toMinusS(tf.add(x, float(tf, k))))] as const)[0];
    sum.dispose();
    sum = next;
  }
  return sum;
}

/** The derivative of ln gamma for x > 0: shifted by 6, then its asymptotic series (DLMF 5.11.2). */
function digammaPositive(c: TfContext, x: TfTensor): TfTensor {
  const { tf } = c;
  const start = tf.add(x, float(tf, 6));
  const inverse = tf.reciprocal(start);
  const square = tf.mul(inverse, inverse);
  const series = tf.mul(polynomial(c, square, [-1 / 252, 1 / 120, -1 / 12]), square);
  let value = tf.add(tf.sub(tf.log(start), tf.mul(inverse, float(tf, 0.5))), series);
  for (let k = 5; k >= 0; k--) {
    const next = c.scope(() => [tf.sub(value, tf.reciprocal(tf.add(x, float(tf, k))))] as const)[0];
    value.dispose();
    value = next;
  }
  return value;
}

/**
 * Coefficients, highest first, of a derivative of `cot(pi x)` as a polynomial in the cotangent c: each step takes P to
 * -pi (1 + c^2) P'.
 */
function cotangentDerivative(order: number): number[] {
  let coefficients = [0, 1];
  for (let n = 0; n < order; n++) {
    const next = new Array<number>(coefficients.length + 1).fill(0);
    coefficients.forEach((coefficient, k) => {
      if (k === 0) return;
      next[k - 1] = (next[k - 1] as number) - Math.PI * k * coefficient;
      next[k + 1] = (next[k + 1] as number) - Math.PI * k * coefficient;
    });
    coefficients = next;
  }
  return coefficients.reverse();
}

/** The derivative of order `order + 1` of ln gamma; reflected for negative x (DLMF 5.5.4 and 5.15.6). */
export function polygamma(c: TfContext, x: TfTensor, order: number): TfTensor {
  const { tf } = c;
  const zero = float(tf, 0);
  const even = order % 2 === 0;
  let factorial = even ? -1 : 1;
  for (let k = 2; k <= order; k++) factorial *= k;
  const negative = tf.less(x, zero);
  const positive = tf.where(negative, tf.sub(float(tf, 1), x), x);
  const value = c.scope(() => {
    if (order === 0) return [digammaPositive(c, positive)] as const;
    const series = tf.mul(hurwitzZeta(c, order + 1, positive), float(tf, factorial));
    return [tf.where(tf.equal(positive, float(tf, Infinity)), zero, series)] as const;
  })[0];
  const fraction = fractionOf(tf, x);
  const cotangent = tf.reciprocal(tf.tan(tf.mul(fraction, float(tf, Math.PI))));
  const derivative = tf.mul(polynomial(c, cotangent, cotangentDerivative(order)), float(tf, Math.PI));
  const reflected = tf.sub(even ? value : tf.neg(value), derivative);
  // At the poles 0, -1, -2, … the limits from both sides agree in sign for odd orders only.
  const whole = tf.equal(fraction, zero);
  const poles = tf.logicalAnd(whole, order === 0 ? negative : tf.logicalOr(negative, tf.equal(x, zero)));
  const atPole = float(tf, even ? NaN : Infinity);
  return tf.where(poles, atPole, tf.where(negative, reflected, value));
}
