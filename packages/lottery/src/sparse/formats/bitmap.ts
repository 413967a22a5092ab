import { codeBytes, endsCleanly, packCodes } from "./codes.ts";
import type { SparseFormat } from "./format.ts";
import { bitsOf, checkSides, countOnes, keptEntries, sparseFault } from "./parts.ts";

/** One bit per entry that says whether its value is stored, and the stored values: small at medium densities. */
export interface BitmapMatrix {
  readonly format: "bitmap";
  readonly rows: number;
  readonly columns: number;
  /** In row-major order. */
  readonly values: Float32Array;
  /** Bit i % 8 (the lowest first) of byte floor(i / 8) is 1 when entry i, in row-major order, is stored. */
  readonly bits: Uint8Array;
}

/**
 * The bitmap form of a row-major matrix.
 *
 * @param mask one byte per entry, 1 for kept. Default: everything but +0 is kept.
 * @throws LotteryError E_SPARSE when the lengths do not fit rows x columns.
 */
export function bitmapFromDense(data: Float32Array, rows: number, columns: number, mask?: Uint8Array): BitmapMatrix {
  const kept = keptEntries("bitmapFromDense", data, [rows, columns], mask);
  const values = new Float32Array(countOnes(kept));
  const [from, to] = [bitsOf(data), bitsOf(values)];
  let next = 0;
  for (let i = 0; i < kept.length; i++) if (kept[i] === 1) to[next++] = from[i] as number;
  return { format: "bitmap", rows, columns, values, bits: packCodes(kept, 1) };
}

/** The row-major matrix, +0 where nothing is stored. Expects a matrix that `checkBitmap` accepts. */
export function bitmapToDense({ rows, columns, values, bits }: BitmapMatrix): Float32Array {
  const dense = new Float32Array(rows * columns);
  const [from, to] = [bitsOf(values), bitsOf(dense)];
  let next = 0;
  for (let i = 0; i < dense.length; i++) {
    if ((((bits[i >>> 3] as number) >> (i & 7)) & 1) === 1) to[i] = from[next++] as number;
  }
  return dense;
}

/** Throws E_SPARSE unless there is a bit per entry, unused bits are 0, and there are as many values as bits that are 1. */
export function checkBitmap(where: string, { rows, columns, values, bits }: BitmapMatrix, tensor?: string): void {
  checkSides(where, rows, columns, tensor);
  const cells = rows * columns;
  if (bits.length !== codeBytes(cells, 1)) {
    sparseFault(
      where,
      `expected ${codeBytes(cells, 1)} bytes of bits for ${cells} entries, got ${bits.length}`,
      tensor,
    );
  }
  if (!endsCleanly(bits, 1, cells))
    sparseFault(where, "the last byte has bits beyond the matrix", tensor, bits.length - 1);
  let ones = 0;
  for (let i = 0; i < bits.length; i++) for (let byte = bits[i] as number; byte > 0; byte >>= 1) ones += byte & 1;
  if (ones !== values.length)
    sparseFault(where, `expected ${ones} values, one per bit that is 1, got ${values.length}`, tensor);
}

type BitmapArrays = { readonly values: Float32Array; readonly bits: Uint8Array };

export const bitmapFormat: SparseFormat<BitmapMatrix, BitmapArrays> = {
  arrayTypes: { values: ["float32"], bits: ["uint8"] },
  arrays: ({ values, bits }) => ({ values, bits }),
  parameters: () => ({}),
  fromParts: ({ rows, columns }, { values, bits }) => ({ format: "bitmap", rows, columns, values, bits }),
  toDense: bitmapToDense,
  check: checkBitmap,
};
