import { codeBytes, endsCleanly, packCodes, unpackCodes } from "./codes.ts";
import type { SparseFormat } from "./format.ts";
import { bitsOf, checkSides, countOnes, keptEntries, sparseFault } from "./parts.ts";

/**
 * Stored values with the gaps between them, row-major through the whole matrix: a code below the highest one is how many
 * entries are skipped before the next stored one; the highest code skips as many as it says and stores nothing. There are no
 * row pointers, so a row is found only by reading from the start: a format for files.
 */
export interface DeltaMatrix {
  readonly format: "delta";
  readonly rows: number;
  readonly columns: number;
  /** Bits of a code, 2 to 8. */
  readonly gapBits: number;
  /** In row-major order. */
  readonly values: Float32Array;
  /** The codes, low bits first; unused bits at the end are 0. */
  readonly gaps: Uint8Array;
}

export interface DeltaOptions {
  /**
   * Bits of a code, a whole number in [2, 8]. Default 8: a byte per gap. Best is about the logarithm to base 2 of the mean
   * gap, plus 1: 4 at a density of .1, 8 below .01.
   */
  readonly gapBits?: number;
  /** One byte per entry, 1 for kept. Default: everything but +0 is kept. */
  readonly mask?: Uint8Array;
}

/**
 * The delta-coded form of a row-major matrix. Gaps coded this way are in S. Han, H. Mao and W. Dally, "Deep Compression"
 * (2016), section 2; there an overlong gap stores a zero, here it stores nothing.
 *
 * @throws LotteryError E_SPARSE when the lengths do not fit rows x columns, or gapBits is outside its range.
 */
export function deltaFromDense(
  data: Float32Array,
  rows: number,
  columns: number,
  options: DeltaOptions = {},
): DeltaMatrix {
  const { gapBits = 8, mask } = options;
  checkGapBits("deltaFromDense", gapBits);
  const kept = keptEntries("deltaFromDense", data, [rows, columns], mask);
  const values = new Float32Array(countOnes(kept));
  const [from, to] = [bitsOf(data), bitsOf(values)];
  const skip = 2 ** gapBits - 1;
  // A skip is the most that a code can stand for, so there are at most so many beside one code per value.
  const codes = new Uint8Array(values.length + Math.floor(kept.length / skip));
  let [next, count, gap] = [0, 0, 0];
  for (let i = 0; i < kept.length; i++) {
    if (kept[i] === 0) {
      gap++;
      continue;
    }
    for (; gap >= skip; gap -= skip) codes[count++] = skip;
    codes[count++] = gap;
    to[next++] = from[i] as number;
    gap = 0;
  }
  return { format: "delta", rows, columns, gapBits, values, gaps: packCodes(codes.subarray(0, count), gapBits) };
}

/** The row-major matrix, +0 where nothing is stored. Expects a matrix that `checkDelta` accepts. */
export function deltaToDense({ rows, columns, gapBits, values, gaps }: DeltaMatrix): Float32Array {
  const dense = new Float32Array(rows * columns);
  const [from, to] = [bitsOf(values), bitsOf(dense)];
  const skip = 2 ** gapBits - 1;
  const codes = unpackCodes(gaps, gapBits, Infinity);
  let [next, position] = [0, 0];
  for (let i = 0; next < values.length; i++) {
    const code = codes[i] as number;
    position += code;
    if (code < skip) to[position++] = from[next++] as number;
  }
  return dense;
}

/** Throws E_SPARSE unless the codes lead from value to value inside of the matrix and end with the last one. */
export function checkDelta(where: string, matrix: DeltaMatrix, tensor?: string): void {
  const { rows, columns, gapBits, values, gaps } = matrix;
  checkSides(where, rows, columns, tensor);
  checkGapBits(where, gapBits, tensor);
  const cells = rows * columns;
  const skip = 2 ** gapBits - 1;
  const codes = unpackCodes(gaps, gapBits, Infinity);
  let [stored, position, count] = [0, 0, 0];
  for (; stored < values.length && count < codes.length; count++) {
    const code = codes[count] as number;
    position += code;
    if (position > cells) sparseFault(where, `code ${count} leads beyond the ${cells} entries`, tensor, count);
    if (code === skip) continue;
    if (position === cells) sparseFault(where, `code ${count} leads beyond the ${cells} entries`, tensor, count);
    position++;
    stored++;
  }
  if (stored < values.length)
    sparseFault(where, `the gaps end after ${stored} of ${values.length} values`, tensor, count);
  if (!endsCleanly(gaps, gapBits, count)) {
    const expected = `expected ${codeBytes(count, gapBits)} bytes of gaps, unused bits 0`;
    sparseFault(where, `${expected}, got ${gaps.length}`, tensor, count);
  }
}

function checkGapBits(where: string, gapBits: unknown, tensor?: string): void {
  if (Number.isInteger(gapBits) && Number(gapBits) >= 2 && Number(gapBits) <= 8) return;
  sparseFault(where, `expected gapBits to be a whole number in [2, 8], got ${JSON.stringify(gapBits)}`, tensor);
}

type DeltaArrays = { readonly values: Float32Array; readonly gaps: Uint8Array };

export const deltaFormat: SparseFormat<DeltaMatrix, DeltaArrays> = {
  arrayTypes: { values: ["float32"], gaps: ["uint8"] },
  arrays: ({ values, gaps }) => ({ values, gaps }),
  parameters: ({ gapBits }) => ({ gapBits }),
  fromParts: ({ rows, columns }, { values, gaps }, { gapBits }) => {
    return { format: "delta", rows, columns, gapBits: gapBits as number, values, gaps };
  },
  toDense: deltaToDense,
  check: checkDelta,
};
