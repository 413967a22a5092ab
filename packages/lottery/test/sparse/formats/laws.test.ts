import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type SparseCandidate, deltaFromDense, nmFromDense, sparseCandidates } from "../../../src/sparse/index.ts";

import { maskedMatrices, sparseFormatLaw } from "../../../src/testing/index.ts";

/** Every way of the table, and odd parameters. */
const ways: Readonly<Record<string, SparseCandidate>> = {
  ...sparseCandidates,
  "nm-5:5": (data, rows, columns, mask) =>
    columns % 5 === 0 ? nmFromDense(data, rows, columns, { keep: 5, of: 5, ...(mask && { mask }) }) : undefined,
  "delta-3": (data, rows, columns, mask) => deltaFromDense(data, rows, columns, { gapBits: 3, ...(mask && { mask }) }),
};

describe.each(Object.entries(ways))("%s", (_name, way) => {
  test("keeps kept entries bit by bit, gives +0 for the others and obeys its own rules", () => {
    fc.assert(fc.property(maskedMatrices(), (matrix) => sparseFormatLaw(way, matrix)));
  });

  test("holds matrices without rows, columns or entries", () => {
    for (const [rows, columns] of [
      [0, 0],
      [0, 8],
      [8, 0],
      [3, 20],
    ] as const) {
      const data = new Float32Array(rows * columns);
      sparseFormatLaw(way, { data, rows, columns, mask: undefined });
      sparseFormatLaw(way, { data, rows, columns, mask: new Uint8Array(data.length) });
    }
  });
});

test("NaN keeps its payload", () => {
  const bits = Uint32Array.of(0x7fc00001, 0, 0xffc12345, 0x80000000);
  const data = new Float32Array(bits.buffer);
  for (const way of Object.values(ways)) sparseFormatLaw(way, { data, rows: 1, columns: 4, mask: undefined });
});

test("the law sees a format that loses something", () => {
  const losesSigns: SparseCandidate = (data, rows, columns, mask) =>
    sparseCandidates.csr(
      data.map((each) => (each === 0 ? 0 : each)),
      rows,
      columns,
      mask,
    );
  expect(() =>
    sparseFormatLaw(losesSigns, { data: Float32Array.of(1, -0), rows: 1, columns: 2, mask: undefined }),
  ).toThrow("entry 1 came back as 0 and not 2147483648");
});
