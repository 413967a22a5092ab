/**
 * Error function by W. J. Cody, "Rational Chebyshev approximation for the error function", Mathematics of Computation
 * 23 (1969): near-minimax rational functions on |x| <= 0.46875 (erf), to 4 and beyond (erfc). All three parts are
 * good to the precision of a double.
 */
import { exp } from "../elementary.ts";

/** erf(x) / x in x^2, for |x| <= 0.46875. */
export const smallTop: readonly number[] = [
  1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3,
];
export const smallBottom: readonly number[] = [
  1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3,
];

/** exp(x^2) erfc(x) in x, for 0.46875 < x <= 4. */
export const middleTop: readonly number[] = [
  2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
  8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
];
export const middleBottom: readonly number[] = [
  1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
  4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
];

/** The correction to the leading term 1 / (x sqrt(pi)) of exp(x^2) erfc(x), in 1 / x^2, for x > 4. */
export const largeTop: readonly number[] = [
  1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
  1.60837851487422766e-2, 6.58749161529837803e-4,
];
export const largeBottom: readonly number[] = [
  1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3,
];

const inverseSqrtPi = 0.5641895835477563;
const sqrtHalf = 0.7071067811865476;

/** Ratio of two polynomials of one degree, highest coefficient first. */
function ratio(top: readonly number[], bottom: readonly number[], x: number): number {
  let p = top[0] as number;
  let q = bottom[0] as number;
  for (let i = 1; i < top.length; i++) {
    p = p * x + (top[i] as number);
    q = q * x + (bottom[i] as number);
  }
  return p / q;
}

/** exp(-x^2) with x^2 split in a part that is exact and a small rest, so that its error does not grow with x^2. */
function gaussian(x: number): number {
  const coarse = Math.floor(x * 16) / 16;
  return exp(-coarse * coarse) * exp(-(x - coarse) * (x + coarse));
}

/** erfc(x) for x > 0.46875. */
function tail(x: number): number {
  if (x > 28) return 0;
  if (x <= 4) return gaussian(x) * ratio(middleTop, middleBottom, x);
  const z = 1 / (x * x);
  return (gaussian(x) * (inverseSqrtPi - z * ratio(largeTop, largeBottom, z))) / x;
}

/** `2 / sqrt(pi)` times the integral of `exp(-t^2)` from 0 to x; within 2 ulp. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return x * ratio(smallTop, smallBottom, x * x);
  if (x !== x) return x;
  const value = 1 - tail(size);
  return x < 0 ? -value : value;
}

/** `1 - erf(x)`, without cancellation: small values keep their relative precision (within 8 ulp while normal). */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.46875) return 1 - erf(x);
  if (x !== x) return x;
  return x > 0 ? tail(x) : 2 - tail(-x);
}

/** Probability that a standard normal variable is at most x. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * sqrtHalf);
}
