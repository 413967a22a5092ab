import { digamma } from "./special.ts";

/** `B_2j / (2j)!` for j = 1, 2, …: the weights of the Euler-Maclaurin formula. */
const bernoulliWeights: readonly number[] = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368000,
  1 / 74724249600,
  -3617 / 10670622842880000,
  43867 / 5109094217170944000,
  -174611 / 802857662698291200000,
];

/**
 * Hurwitz's zeta function, the sum of `(a + k)^-s` over k = 0, 1, … for a whole s >= 2 and a > 0, by the
 * Euler-Maclaurin formula (DLMF 25.11.5 and 2.10.1): terms are added until `a` is large against s, the rest is
 * an integral and its corrections.
 */
function hurwitzZeta(s: number, a: number): number {
  let sum = 0;
  const start = s + 10;
  while (a < start) {
    sum += a ** -s;
    a += 1;
  }
  const power = a ** -s;
  sum += (power * a) / (s - 1) + power / 2;
  let factor = (power * s) / a;
  bernoulliWeights.forEach((weight, j) => {
    sum += weight * factor;
    factor *= ((s + 2 * j + 1) * (s + 2 * j + 2)) / (a * a);
  });
  return sum;
}

/** `cot(pi x)` for |x| <= 1/2, exactly 0 at the ends. */
function cotangent(x: number): number {
  if (Math.abs(x) < 0.25) return 1 / Math.tan(Math.PI * x);
  return Math.sign(x) * Math.tan(Math.PI * (0.5 - Math.abs(x)));
}

/** The derivative of the given order of `cot(pi x)` in x: a polynomial in c = cot, by `-pi (1 + c^2) P'`. */
function cotangentDerivative(order: number, c: number): number {
  let polynomial = [0, 1];
  for (let n = 0; n < order; n++) {
    const next = new Array<number>(polynomial.length + 1).fill(0);
    for (let k = 1; k < polynomial.length; k++) {
      const slope = -Math.PI * k * (polynomial[k] as number);
      (next[k - 1] as number) += slope;
      (next[k + 1] as number) += slope;
    }
    polynomial = next;
  }
  return polynomial.reduceRight((value, coefficient) => value * c + coefficient, 0);
}

/**
 * The derivative of order `order + 1` of ln gamma at x, for a whole order >= 0; order 0 is digamma.
 *
 * For x > 0 it is `(-1)^(order + 1) order!` times Hurwitz's zeta(order + 1, x) (DLMF 5.15), for x < 0 it is reflected
 * (DLMF 5.15.6). At 0, -1, -2, … an odd order gives Infinity and an even one >= 2 NaN, its sign being different on
 * both sides.
 */
export function polygamma(order: number, x: number): number {
  if (order === 0) return digamma(x);
  if (x !== x || x === -Infinity) return NaN;
  const even = order % 2 === 0;
  if (x > 0) {
    let factorial = even ? -1 : 1;
    for (let k = 2; k <= order; k++) factorial *= k;
    return x === Infinity ? 0 : factorial * hurwitzZeta(order + 1, x);
  }
  const fraction = x - Math.round(x);
  if (fraction === 0) return even ? NaN : Infinity;
  const mirrored = polygamma(order, 1 - x);
  return (even ? mirrored : -mirrored) - Math.PI * cotangentDerivative(order, cotangent(fraction));
}
