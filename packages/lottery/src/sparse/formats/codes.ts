/** Bytes that so many codes of so many bits take. */
export function codeBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}

/**
 * Small numbers one after another in `bits` bits each, from the lowest bit of the first byte upwards; unused bits at the end
 * are 0.
 *
 * @param codes each below 2^bits.
 * @param bits 1 to 8.
 */
export function packCodes(codes: Uint8Array, bits: number): Uint8Array {
  if (bits === 8) return codes.slice();
  // One byte more, so that the high half of the last code has a place; it is always 0.
  const packed = new Uint8Array(codeBytes(codes.length, bits) + 1);
  for (let i = 0, byte = 0, shift = 0; i < codes.length; i++) {
    const shifted = (codes[i] as number) << shift;
    packed[byte] = (packed[byte] as number) | shifted;
    packed[byte + 1] = (packed[byte + 1] as number) | (shifted >> 8);
    shift += bits;
    byte += shift >> 3;
    shift &= 7;
  }
  return packed.slice(0, -1);
}

/** The numbers that `packCodes` put together: `count` of them, or fewer if the bytes end before. */
export function unpackCodes(packed: Uint8Array, bits: number, count: number): Uint8Array {
  if (bits === 8) return packed.slice(0, count);
  const codes = new Uint8Array(Math.min(count, Math.floor((packed.length * 8) / bits)));
  const mask = (1 << bits) - 1;
  for (let i = 0, byte = 0, shift = 0; i < codes.length; i++) {
    codes[i] = (((packed[byte] as number) | ((packed[byte + 1] ?? 0) << 8)) >> shift) & mask;
    shift += bits;
    byte += shift >> 3;
    shift &= 7;
  }
  return codes;
}

/** Are the bytes exactly those of so many codes, with the unused bits 0? */
export function endsCleanly(packed: Uint8Array, bits: number, count: number): boolean {
  if (packed.length !== codeBytes(count, bits)) return false;
  const used = (count * bits) % 8;
  return used === 0 || (packed[packed.length - 1] as number) >> used === 0;
}
