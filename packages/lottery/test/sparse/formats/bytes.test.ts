import { expect, test } from "vitest";
import { type CsrMatrix, bitmapFromDense, csrBytes, csrFromDense, sparseBytes } from "../../../src/sparse/index.ts";

/** 300 x 784 with so many kept entries, spread evenly. */
function maskOf(kept: number): Uint8Array {
  const mask = new Uint8Array(300 * 784);
  for (let i = 0; i < kept; i++) mask[Math.floor((i * mask.length) / kept)] = 1;
  return mask;
}

const data = new Float32Array(300 * 784).fill(0.5);
const csr = (kept: number): CsrMatrix => csrFromDense(data, 300, 784, maskOf(kept));

// Density, entries, bytes of CSR with 32-bit and 16-bit columns and of the bitmap; dense takes 940,800.
test.each([
  [0.5, 117_600, 942_004, 706_804, 499_800],
  [0.2, 47_040, 377_524, 283_444, 217_560],
  [0.1, 23_520, 189_364, 142_324, 123_480],
  [0.05, 11_760, 95_284, 71_764, 76_440],
  [0.036, 8467, 68_940, 52_006, 63_268],
  [0.02, 4704, 38_836, 29_428, 48_216],
  [0.01, 2352, 20_020, 15_316, 38_808],
])("bytes of 300 x 784 at density %f", (_density, kept, wide, narrow, bitmap) => {
  const matrix = csr(kept);
  expect(csrBytes({ ...matrix, columnIndex: Uint32Array.from(matrix.columnIndex) })).toBe(wide);
  expect([csrBytes(matrix), sparseBytes(matrix)]).toEqual([narrow, narrow]);
  expect(sparseBytes(bitmapFromDense(data, 300, 784, maskOf(kept)))).toBe(bitmap);
});

test("the bitmap is smaller than CSR from a density of 6 % on", () => {
  const bitmapWins = (kept: number): boolean =>
    sparseBytes(bitmapFromDense(data, 300, 784, maskOf(kept))) < csrBytes(csr(kept));
  // cells / 8 < 2 entries + 4 (rows + 1)
  const crossover = (300 * 784) / 16 - 2 * 301;
  expect([crossover, bitmapWins(crossover), bitmapWins(crossover + 1)]).toEqual([14_098, false, true]);
  expect(crossover / (300 * 784)).toBeCloseTo(0.06, 3);
});
