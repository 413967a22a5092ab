/**
 * Rounding a double to a 16-bit floating-point code, shared by float16 and bfloat16. Both formats are a sign bit,
 * an exponent and a mantissa with hidden bit, subnormals, infinities and NaNs (IEEE 754-2019, section 3.4), and
 * differ only in where the exponent ends.
 */
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);
/** Which of the two words holds sign and exponent: 1 on little-endian machines. */
const high = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Adding and subtracting 2^52 rounds a number in [0, 2^51] to a whole number, ties to even. */
const wholeNumber = 2 ** 52;

/**
 * The code nearest to `x`, ties to even, in the format with `mantissaBits` stored mantissa bits and
 * `15 - mantissaBits` exponent bits. One rounding, straight from the double: going through float32 first would
 * round twice and miss values just beside a tie. NaN of any payload becomes the quiet NaN without payload.
 */
export function roundToHalfCode(x: number, mantissaBits: number): number {
  const exponentBits = 15 - mantissaBits;
  const bias = (1 << (exponentBits - 1)) - 1;
  scratch[0] = x;
  const top = words[high] as number;
  const sign = (top >>> 16) & 0x8000;
  const exponent = ((top >>> 20) & 0x7ff) - 1023;
  const infinity = ((1 << exponentBits) - 1) << mantissaBits;
  if (exponent > bias) return x !== x ? infinity | (1 << (mantissaBits - 1)) : sign | infinity;
  if (exponent < 1 - bias) {
    // Subnormal, zero, or rounding up to the smallest normal number: count steps of the smallest spacing.
    const steps = Math.abs(x) * 2 ** (bias - 1 + mantissaBits);
    return sign | (steps + wholeNumber - wholeNumber);
  }
  const dropped = 20 - mantissaBits;
  const code = ((exponent + bias) << mantissaBits) | ((top & 0xfffff) >>> dropped);
  const rest = top & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  const up = rest > half || (rest === half && (words[1 - high] !== 0 || (code & 1) === 1));
  // The carry runs on into the exponent, and from the largest finite code to infinity, as rounding should.
  return sign | (up ? code + 1 : code);
}
