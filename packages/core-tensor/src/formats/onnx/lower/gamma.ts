import type { Arithmetic } from "./arithmetic.ts";
import type { OnnxLowering } from "./lowering.ts";
import { double } from "./special.ts";

/** x - round(x), for reflections at half-planes. */
const toNearest = (a: Arithmetic, x: string): string => a.sub(x, a.round(x));

/**
 * ln gamma by reflection, eight steps of the recurrence, and Stirling's series (DLMF 5.5.3, 5.5.1, 5.11.1): within 1e-14 of
 * the value, also beside the zeros at 1 and 2.
 */
export const lgamma: OnnxLowering<object> = double((a, x) => {
  const reflected = a.lessEqual(x, 0);
  const positive = a.where(reflected, a.sub(1, x), x);
  const small = a.less(positive, 8);
  const shifted = a.where(small, a.add(positive, 8), positive);
  let product = positive;
  for (let k = 1; k < 8; k++) product = a.mul(product, a.add(positive, k));
  const z = a.reciprocal(a.square(shifted));
  const series = [(-1 / 360360) * 691, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12];
  const correction = a.div(a.polynomial(series, z), shifted);
  const stirling = a.add(a.mul(a.sub(shifted, 0.5), a.sub(a.log(shifted), 1)), a.add(correction, 0.41893853320467274));
  const value = a.sub(stirling, a.log(a.where(small, product, 1)));
  const sine = a.abs(a.sin(a.mul(toNearest(a, x), Math.PI)));
  const mirrored = a.sub(a.log(a.div(Math.PI, sine)), value);
  const infinite = a.equal(a.abs(x), Infinity);
  return a.where(infinite, Infinity, a.where(reflected, mirrored, value));
});

/** Steps of the recurrence before the asymptotic series: enough for 1e-13 at every order that is tested. */
const shift = (order: number): number => 10 + order;

/** `B_2j` for j = 1, 2, …. */
const bernoulli = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
];

function factorial(n: number): number {
  let product = 1;
  for (let k = 2; k <= n; k++) product *= k;
  return product;
}

function power(a: Arithmetic, x: string, exponent: number): string {
  let result = x;
  for (let k = 1; k < exponent; k++) result = a.mul(result, x);
  return result;
}

/** digamma at x > 0 (DLMF 5.5.2, 5.11.2). */
function positiveDigamma(a: Arithmetic, x: string): string {
  const steps = shift(0);
  let sum = a.reciprocal(x);
  for (let k = 1; k < steps; k++) sum = a.add(sum, a.reciprocal(a.add(x, k)));
  const y = a.add(x, steps);
  const z = a.reciprocal(a.square(y));
  const series = bernoulli.slice(0, 6).map((value, j) => value / (2 * (j + 1)));
  const tail = a.mul(z, a.polynomial(series.toReversed(), z));
  return a.sub(a.sub(a.sub(a.log(y), a.div(0.5, y)), tail), sum);
}

/** The polygamma function of order >= 1 at x > 0 (DLMF 5.15.5, 5.15.8). */
function positivePolygamma(a: Arithmetic, order: number, x: string): string {
  const steps = shift(order);
  let sum = a.reciprocal(power(a, x, order + 1));
  for (let k = 1; k < steps; k++) sum = a.add(sum, a.reciprocal(power(a, a.add(x, k), order + 1)));
  const y = a.add(x, steps);
  const z = a.reciprocal(a.square(y));
  // order! (sum + y^-order (1 / order + 1 / (2 y) + sum of B_2j (2j + order - 1)! / ((2j)! order!) y^-2j))
  const weights = bernoulli.map((value, i) => {
    const j = 2 * (i + 1);
    let weight = value;
    for (let k = j + 1; k <= j + order - 1; k++) weight *= k;
    return weight / factorial(order);
  });
  const series = a.mul(z, a.polynomial(weights.toReversed(), z));
  const rest = a.mul(a.reciprocal(power(a, y, order)), a.add(a.add(1 / order, a.div(0.5, y)), series));
  return a.mul(a.add(sum, rest), (order % 2 === 0 ? -1 : 1) * factorial(order));
}

/** The derivative of the given order of cot(pi x) in x, by the coefficients of its polynomial in the cotangent. */
function cotangentDerivative(a: Arithmetic, order: number, cotangent: string): string {
  let polynomial = [0, 1];
  for (let n = 0; n < order; n++) {
    const next = new Array<number>(polynomial.length + 1).fill(0);
    polynomial.forEach((coefficient, k) => {
      if (k === 0) return;
      next[k - 1] = (next[k - 1] as number) - Math.PI * k * coefficient;
      next[k + 1] = (next[k + 1] as number) - Math.PI * k * coefficient;
    });
    polynomial = next;
  }
  return a.polynomial(polynomial.toReversed(), cotangent);
}

/** digamma and its derivatives, reflected for negative x (DLMF 5.5.4, 5.15.6). */
export const polygamma: OnnxLowering<{ readonly order: number }> = (emitter, node) =>
  double((a, x) => {
    const { order } = node.attributes;
    const reflected = a.lessEqual(x, 0);
    const positive = a.where(reflected, a.sub(1, x), x);
    const value = order === 0 ? positiveDigamma(a, positive) : positivePolygamma(a, order, positive);
    const nearest = toNearest(a, x);
    const angle = a.mul(nearest, Math.PI);
    const slope = a.mul(cotangentDerivative(a, order, a.div(a.cos(angle), a.sin(angle))), Math.PI);
    const mirrored = a.sub(order % 2 === 0 ? value : a.neg(value), slope);
    // At the poles: an odd order rises on both sides; digamma at 0 has the opposite sign of the zero.
    const poles = order % 2 === 1 ? Infinity : order === 0 ? a.where(a.equal(x, 0), a.neg(a.reciprocal(x)), NaN) : NaN;
    const below = a.where(a.equal(nearest, 0), poles, mirrored);
    const finite = a.where(reflected, below, value);
    if (order === 0) return a.where(a.equal(a.abs(x), Infinity), a.where(a.greater(x, 0), Infinity, NaN), finite);
    return a.where(a.equal(a.abs(x), Infinity), a.where(a.greater(x, 0), 0, NaN), finite);
  })(emitter, node);
