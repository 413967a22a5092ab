/** A real factor as whole numbers: `multiplier / 2^31 * 2^shift`. */
export interface FixedPoint {
  /** From 2^30 up to (but not including) 2^31 for positive factors, 0 for 0. */
  readonly multiplier: number;
  /** Left when positive. */
  readonly shift: number;
}

/** Rounds to the nearest whole number, halves away from zero (`std::round`). */
export function roundHalfAway(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

/**
 * Brings a factor into the form that TFLite's kernels multiply with: 31 bits of its fraction and a power of two. Factors
 * below 2^-32 become 0, those from 2^30 on the largest one (32 bits cannot be shifted further).
 *
 * @param real finite, at least 0.
 */
export function quantizeMultiplier(real: number): FixedPoint {
  if (real === 0) return { multiplier: 0, shift: 0 };
  let shift = Math.floor(Math.log2(real)) + 1;
  // log2 is rounded: the fraction must end up in [0.5, 1). Two steps because 2^-shift may leave the range of doubles.
  const fractionAt = (exponent: number): number =>
    real / 2 ** Math.trunc(exponent / 2) / 2 ** (exponent - Math.trunc(exponent / 2));
  while (fractionAt(shift) >= 1) shift++;
  while (fractionAt(shift) < 0.5) shift--;
  let multiplier = roundHalfAway(fractionAt(shift) * 2 ** 31);
  if (multiplier === 2 ** 31) {
    multiplier /= 2;
    shift++;
  }
  if (shift > 30) return { multiplier: 2 ** 31 - 1, shift: 30 };
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift };
}

/**
 * The upper half of twice the product of two 32-bit numbers, `(a * b) / 2^31` rounded to the nearest with halves upwards;
 * -2^31 times itself gives 2^31 - 1. All steps are whole numbers below 2^53, so doubles are exact.
 */
export function saturatingRoundingDoublingHighMul(a: number, b: number): number {
  const high = a >> 16;
  const low = a & 0xffff;
  const product = Math.floor((high * b + Math.floor((low * b + 2 ** 30) / 2 ** 16)) / 2 ** 15);
  return Math.min(product, 2 ** 31 - 1);
}

/** `value / 2^exponent`, rounded to the nearest, halves away from zero. `exponent` from 0 to 31. */
export function roundingDivideByPowerOfTwo(value: number, exponent: number): number {
  if (exponent === 0) return value;
  const half = 2 ** (exponent - 1);
  return value < 0 ? -Math.floor((half - value) / (2 * half)) | 0 : Math.floor((value + half) / (2 * half));
}

/**
 * `value * multiplier / 2^31 * 2^shift` for a 32-bit value, rounded twice as TFLite does it: after the product and after
 * a shift to the right. A shift to the left comes first and keeps 32 bits.
 */
export function multiplyByQuantizedMultiplier(value: number, multiplier: number, shift: number): number {
  const shifted = shift > 0 ? value << shift : value;
  const product = saturatingRoundingDoublingHighMul(shifted, multiplier);
  return shift < 0 ? roundingDivideByPowerOfTwo(product, -shift) : product;
}
