/** The scalar functions that `Math` does not have, on doubles. */

/** The nearest whole number; halves go to the even one. Keeps -0, infinities and NaN. */
export function roundHalfEven(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** `1 / (1 + exp(-x))` without overflow. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** `log(1 + exp(x))` without overflow, and without losing the tail for very negative x. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** `x - floor(x / y) y`: the remainder with the sign of the divisor, as NumPy's `mod`. NaN for y = 0. */
export function floorModulo(x: number, y: number): number {
  const remainder = x % y;
  if (remainder === 0) return y < 0 ? -0 : 0;
  return remainder < 0 !== y < 0 ? remainder + y : remainder;
}

/** `floorModulo` of whole numbers; 0 for y = 0, where NaN cannot be said. */
export function wholeFloorModulo(x: number, y: number): number {
  return y === 0 ? 0 : floorModulo(x, y);
}

/** Quotient of whole numbers, towards zero; 0 for y = 0. Exact within ±(2^53 - 1). */
export function wholeQuotient(x: number, y: number): number {
  return y === 0 ? 0 : Math.trunc(x / y);
}

/** `x ** y` by IEEE 754: unlike in JavaScript, `1 ** NaN`, `1 ** Infinity` and `(-1) ** ±Infinity` are 1. */
export function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return x ** y;
}
