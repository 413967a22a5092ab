/**
 * Whole numbers of 1, 2 or 4 bits, several to a byte. The first element sits in the lowest bits (ONNX's order for
 * INT4 and UINT4: element 2i in the low nibble of byte i, element 2i + 1 in the high one); signed numbers are two's
 * complement; unused high bits of the last byte are zero.
 */
export type PackedDType = "int4" | "uint4" | "int2";

/** Widths that divide a byte. */
export type PackedBits = 1 | 2 | 4;

const formats: Readonly<Record<PackedDType, { readonly bits: PackedBits; readonly signed: boolean }>> = {
  int4: { bits: 4, signed: true },
  uint4: { bits: 4, signed: false },
  int2: { bits: 2, signed: true },
};

/** Packs whole numbers in `dtype`'s range. Throws a RangeError that names the first index outside of it. */
export function pack(values: ArrayLike<number>, dtype: PackedDType): Uint8Array {
  return packBits(values, formats[dtype].bits, formats[dtype].signed);
}

/** The first `length` elements of packed bytes: Uint8Array for uint4, Int8Array for the signed dtypes. */
export function unpack(bytes: Uint8Array, dtype: "uint4", length: number): Uint8Array;
export function unpack(bytes: Uint8Array, dtype: "int4" | "int2", length: number): Int8Array;
export function unpack(bytes: Uint8Array, dtype: PackedDType, length: number): Int8Array | Uint8Array;
export function unpack(bytes: Uint8Array, dtype: PackedDType, length: number): Int8Array | Uint8Array {
  return unpackBits(bytes, formats[dtype].bits, formats[dtype].signed, length);
}

/** Packs whole numbers of `bits` bits each. Throws a RangeError that names the first index that does not fit. */
export function packBits(values: ArrayLike<number>, bits: PackedBits, signed: boolean): Uint8Array {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const min = signed ? -(1 << (bits - 1)) : 0;
  const max = min + mask;
  const bytes = new Uint8Array(Math.ceil(values.length / perByte));
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`pack: expected whole numbers in [${min}, ${max}], got ${value} at index ${i}`);
    }
    const at = Math.floor(i / perByte);
    bytes[at] = (bytes[at] as number) | ((value & mask) << ((i % perByte) * bits));
  }
  return bytes;
}

/** The first `length` numbers of `bits` bits each. Throws a RangeError when there are not that many bytes. */
export function unpackBits(
  bytes: Uint8Array,
  bits: PackedBits,
  signed: boolean,
  length: number,
): Int8Array | Uint8Array {
  const perByte = 8 / bits;
  const needed = Math.ceil(length / perByte);
  if (!Number.isInteger(length) || length < 0 || needed > bytes.length) {
    const most = bytes.length * perByte;
    throw new RangeError(`unpack: expected a whole length in [0, ${most}] for ${bytes.length} bytes, got ${length}`);
  }
  const values = signed ? new Int8Array(length) : new Uint8Array(length);
  const mask = (1 << bits) - 1;
  const unused = 32 - bits;
  for (let i = 0; i < length; i++) {
    const code = ((bytes[Math.floor(i / perByte)] as number) >>> ((i % perByte) * bits)) & mask;
    // Moving the sign bit to bit 31 and back copies it into all higher bits.
    values[i] = signed ? (code << unused) >> unused : code;
  }
  return values;
}
