/** Logarithm of the gamma function and its derivative, from their classical series (DLMF chapter 5). */
import { ln, ln1p } from "../elementary.ts";

/** 1 - Euler's constant. */
const oneMinusEuler = 0.42278433509846714;

/** (zeta(k) - 1) / k for k = 2, 3, …: what the Taylor series of ln gamma about 2 is made of. */
const zetaTerms = [
  0.3224670334241132, 0.0673523010531981, 0.020580808427784546, 0.007385551028673986, 0.0028905103307415234,
  0.001192753911703261, 0.0005096695247430425, 0.00022315475845357939, 9.945751278180853e-5, 4.492623673813314e-5,
  2.050721277567069e-5, 9.439488275268397e-6, 4.374866789907488e-6, 2.039215753801366e-6, 9.55141213040742e-7,
  4.492469198764566e-7, 2.1207184805554665e-7, 1.0043224823968099e-7, 4.7698101693639804e-8, 2.2711094608943164e-8,
  1.0838659214896955e-8, 5.183475041970047e-9, 2.4836745438024785e-9, 1.1921401405860912e-9, 5.731367241678862e-10,
  2.7595228851242334e-10,
];

/** ln gamma(2 + z) for |z| <= 1/2 (DLMF 5.7.3 after one recurrence step): exact zero at z = 0. */
function aroundTwo(z: number): number {
  let sum = 0;
  for (let i = zetaTerms.length - 1; i >= 0; i--) sum = (zetaTerms[i] as number) - z * sum;
  return z * (oneMinusEuler + z * sum);
}

/** ln gamma(x) for x >= 8 (DLMF 5.11.1). */
function stirling(x: number): number {
  const z = 1 / (x * x);
  let sum = 1 / 1188 - z * (691 / 360360 - z * (1 / 156 - z * (3617 / 122400)));
  sum = 1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * sum)));
  const half = 0.41893853320467274; // (ln(2 pi) - 1) / 2
  return (x - 0.5) * (ln(x) - 1) + (half + sum / x);
}

/**
 * `ln |gamma(x)|`: relative error below 1e-14 for x > 0 (its zeros 1 and 2 included), absolute error below
 * 1e-14 max(1, value) for negative x. Infinity at 0, -1, -2, …
 */
export function lgamma(x: number): number {
  if (x !== x) return x;
  if (x === Infinity || x === -Infinity) return Infinity;
  if (x <= 0) {
    const fraction = x - Math.round(x);
    if (fraction === 0) return Infinity;
    // Reflection (DLMF 5.5.3). Below 2^-54 in size, gamma(x) is 1/x to the last bit, and 1 - x would lose x.
    if (x > -5e-17) return -ln(-x);
    return ln(Math.PI / Math.abs(Math.sin(Math.PI * fraction))) - lgamma(1 - x);
  }
  if (x >= 8) return stirling(x);
  if (x < 0.5) return aroundTwo(x) - ln1p(x) - ln(x);
  if (x < 1.5) return aroundTwo(x - 1) - ln1p(x - 1);
  let product = 1;
  while (x > 2.5) {
    x -= 1;
    product *= x;
  }
  return aroundTwo(x - 2) + ln(product);
}

/**
 * The derivative of ln gamma: error below 2e-15 max(1, |value|). NaN at -1, -2, …; at 0 an infinity with the
 * sign opposite to that of the zero.
 */
export function digamma(x: number): number {
  if (x === 0) return -1 / x;
  if (x < 0) {
    const fraction = x - Math.round(x);
    // Reflection (DLMF 5.5.4); the tangent has period 1 in x.
    return fraction === 0 || x === -Infinity ? NaN : digamma(1 - x) - Math.PI / Math.tan(Math.PI * fraction);
  }
  let shift = 0;
  while (x < 10) {
    shift += 1 / x;
    x += 1;
  }
  // DLMF 5.11.2
  const z = 1 / (x * x);
  let sum = 1 / 240 - z * (1 / 132 - z * (691 / 32760 - z * (1 / 12)));
  sum = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * sum)));
  return ln(x) - 0.5 / x - sum - shift;
}
