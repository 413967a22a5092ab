/** bfloat16: the upper half of a float32 (1 sign, 8 exponent, 7 mantissa bits), kept as codes in a Uint16Array. */
import { roundToHalfCode } from "./halfFloat.ts";

const mantissaBits = 7;

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** The bfloat16 code nearest to `x` (ties to even); overflow gives infinity, every NaN becomes 0x7fc0. */
export function numberToBfloat16(x: number): number {
  return roundToHalfCode(x, mantissaBits);
}

/** The number that a bfloat16 code (0 to 65535) stands for. */
export function bfloat16ToNumber(code: number): number {
  singleBits[0] = code << 16;
  return single[0] as number;
}

/** Codes of all elements of `source`, each rounded once from its double. */
export function encodeBfloat16(source: ArrayLike<number>): Uint16Array {
  const codes = new Uint16Array(source.length);
  for (let i = 0; i < codes.length; i++) codes[i] = roundToHalfCode(source[i] as number, mantissaBits);
  return codes;
}

/** Values of all codes; exact. NaNs keep sign and payload. */
export function decodeBfloat16(codes: Uint16Array): Float32Array {
  const values = new Float32Array(codes.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < codes.length; i++) bits[i] = (codes[i] as number) << 16;
  return values;
}
