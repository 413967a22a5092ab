/** IEEE 754 binary16: 1 sign, 5 exponent and 10 mantissa bits, kept as codes in a Uint16Array. */
import { roundToHalfCode } from "./halfFloat.ts";

const mantissaBits = 10;
/** Value of a subnormal's last bit. */
const subnormalStep = 2 ** -24;

/** The float16 code nearest to `x` (ties to even); beyond ±65520 infinity, every NaN as 0x7e00. */
export function numberToFloat16(x: number): number {
  return roundToHalfCode(x, mantissaBits);
}

/** The number that a float16 code (0 to 65535) stands for. */
export function float16ToNumber(code: number): number {
  const sign = code & 0x8000 ? -1 : 1;
  const exponent = (code >>> mantissaBits) & 0x1f;
  const mantissa = code & 0x3ff;
  if (exponent === 0) return sign * mantissa * subnormalStep;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** Codes of all elements of `source`, each rounded once from its double. */
export function encodeFloat16(source: ArrayLike<number>): Uint16Array {
  const codes = new Uint16Array(source.length);
  for (let i = 0; i < codes.length; i++) codes[i] = roundToHalfCode(source[i] as number, mantissaBits);
  return codes;
}

/** Values of all codes; exact, since float32 holds every float16. NaNs keep sign and payload. */
export function decodeFloat16(codes: Uint16Array): Float32Array {
  const values = new Float32Array(codes.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    const sign = (code & 0x8000) << 16;
    const magnitude = code & 0x7fff;
    if (magnitude >= 0x7c00) bits[i] = sign | 0x7f800000 | ((magnitude & 0x3ff) << 13);
    // float32 counts exponents from 127 where float16 counts from 15.
    else if (magnitude >= 0x400) bits[i] = sign | ((magnitude << 13) + (112 << 23));
    else values[i] = (sign === 0 ? magnitude : -magnitude) * subnormalStep;
  }
  return values;
}
