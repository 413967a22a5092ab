/**
 * Logarithm and exponential that give the same bits in every JavaScript engine. ECMAScript leaves the last bits of
 * `Math.log`, `Math.exp` and their kin to the implementation; these functions use only operations that IEEE 754
 * fixes exactly (+ - * / and comparisons, in a fixed order) and the bit pattern of a double. Random draws are built
 * on them.
 *
 * `@stdlib/math-base-special-*` would do the same in plain arithmetic, but its logarithm alone installs about 120
 * packages, which everybody who installs this one would carry.
 */
const scratch = new Float64Array(1);
const words = new Int32Array(scratch.buffer);
/** Which of the two words holds sign and exponent: 1 on little-endian machines. */
const high = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** ln 2 in two parts: the first has 33 bits, so that its product with an exponent is exact. */
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

/** 2^k for -1022 <= k <= 1023, exact. (`2 ** k` is not required to be.) */
function powerOfTwo(k: number): number {
  words[high] = (k + 1023) << 20;
  words[1 - high] = 0;
  return scratch[0] as number;
}

/**
 * Natural logarithm, at most 1 ulp from the correctly rounded value. `x = 2^k (1 + f)` with `1 + f` in
 * [sqrt(1/2), sqrt 2]; then `ln(1 + f) = 2 artanh(s)`, `s = f / (2 + f)`, by its Taylor series in s^2 <= 0.0295,
 * arranged as in fdlibm's `__ieee754_log` (`f - f^2/2 + s (f^2/2 + R)`), which keeps the rounding error of the
 * leading term small.
 */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let k = -1023;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984; // 2^54 makes a subnormal number normal
    k -= 54;
  }
  scratch[0] = x;
  const top = words[high] as number;
  k += top >>> 20;
  words[high] = (top & 0xfffff) | 0x3ff00000;
  let m = scratch[0] as number;
  if (m > 1.4142135623730951) {
    m *= 0.5;
    k += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  let r = 2 / 19 + z * (2 / 21);
  r = 2 / 13 + z * (2 / 15 + z * (2 / 17 + z * r));
  r = 2 / 7 + z * (2 / 9 + z * (2 / 11 + z * r));
  r = z * (2 / 3 + z * (2 / 5 + z * r));
  const h = 0.5 * f * f;
  return k * ln2High - (h - (s * (h + r) + k * ln2Low) - f);
}

/**
 * Exponential function, at most 1 ulp from the correctly rounded value. `x = k ln 2 + r` with |r| <= ln(2)/2 in two
 * parts, then the Taylor series to r^13.
 */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * 1.4426950408889634 + 0.5);
  const rHigh = x - k * ln2High;
  const rLow = k * ln2Low;
  const r = rHigh - rLow;
  let q = 1 / 39916800 + r * (1 / 479001600 + r * (1 / 6227020800));
  q = 1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * q));
  q = 1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * q));
  q = r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * q)));
  const y = 1 + (rHigh - (rLow - q));
  if (k > 1023) return y * 2 * powerOfTwo(1023);
  // Below the normal range two exact factors leave one rounding, the last.
  if (k < -1022) return y * powerOfTwo(k + 54) * 5.551115123125783e-17;
  return y * powerOfTwo(k);
}

/** `ln(1 + x)` without loss for small x, a few ulp (the correction factor is W. Kahan's). */
export function ln1p(x: number): number {
  const w = 1 + x;
  if (w === 1 || x === Infinity) return x;
  return ln(w) * (x / (w - 1));
}

/** `exp(x) - 1` without loss for small x, a few ulp (W. Kahan's correction, as in `ln1p`). */
export function expm1(x: number): number {
  const u = exp(x);
  if (u === 1) return x;
  if (x < -40 || x > 40) return u - 1;
  return (u - 1) * (x / ln(u));
}
