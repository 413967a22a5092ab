/** The 32 bits of a float32 as a whole number, for records. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0] as number;
}
