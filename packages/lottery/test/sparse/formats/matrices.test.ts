import { describe, expect, test } from "vitest";
import {
  bcsrFromDense,
  bitmapFromDense,
  chooseFormat,
  csrFromDense,
  csrToDense,
  deltaFromDense,
  nmFromDense,
  sparseBytes,
  sparseToDense,
} from "../../../src/sparse/index.ts";

// 1 0 2 / 0 0 0 / 0 3 0
const data = Float32Array.of(1, 0, 2, 0, 0, 0, 0, 3, 0);
const mask = Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 1, 0);

describe("a matrix by hand", () => {
  test("CSR", () => {
    expect(csrFromDense(data, 3, 3)).toEqual({
      format: "csr",
      rows: 3,
      columns: 3,
      values: Float32Array.of(1, 2, 3),
      columnIndex: Uint16Array.of(0, 2, 1),
      rowPointers: Uint32Array.of(0, 2, 2, 3),
    });
  });

  test("a mask decides, not the value", () => {
    const matrix = csrFromDense(data, 3, 3, mask);
    expect([...matrix.values]).toEqual([1, 0, 3]);
    expect([...matrix.columnIndex]).toEqual([0, 0, 1]);
    expect([...csrToDense(matrix)]).toEqual([1, 0, 0, 0, 0, 0, 0, 3, 0]);
  });

  test("columns are 32 bits wide beyond 65,536", () => {
    expect(csrFromDense(new Float32Array(65_536), 1, 65_536).columnIndex).toBeInstanceOf(Uint16Array);
    const wide = csrFromDense(new Float32Array(65_537).fill(1, 65_536), 1, 65_537);
    expect(wide.columnIndex).toEqual(Uint32Array.of(65_536));
  });

  test("BCSR: blocks at the edges are filled up", () => {
    expect(bcsrFromDense(data, 3, 3, { blockShape: [2, 2] })).toEqual({
      format: "bcsr",
      rows: 3,
      columns: 3,
      blockShape: [2, 2],
      values: Float32Array.of(1, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0),
      columnIndex: Uint16Array.of(0, 1, 0),
      rowPointers: Uint32Array.of(0, 2, 3),
    });
  });

  test("BCSR: a masked entry inside of a block is +0", () => {
    expect([...bcsrFromDense(data, 3, 3, { blockShape: [1, 3], mask }).values]).toEqual([1, 0, 0, 0, 0, 0, 0, 3, 0]);
  });

  test("bitmap", () => {
    expect(bitmapFromDense(data, 3, 3)).toEqual({
      format: "bitmap",
      rows: 3,
      columns: 3,
      values: Float32Array.of(1, 2, 3),
      bits: Uint8Array.of(0b1000_0101, 0),
    });
  });

  test("N:M: two bits for a place of four, groups filled up at their first free places", () => {
    const rows = Float32Array.of(0, 5, 0, 6, 0, 0, 7, 0);
    expect(nmFromDense(rows, 2, 4, { keep: 2, of: 4 })).toEqual({
      format: "nm",
      rows: 2,
      columns: 4,
      keep: 2,
      of: 4,
      values: Float32Array.of(5, 6, 0, 7),
      places: Uint8Array.of(0b10_00_11_01),
    });
  });

  test("delta: gaps, and a code that only skips", () => {
    const matrix = deltaFromDense(data, 3, 3, { gapBits: 2 });
    // Skipped before each: 0, 1, 4; the last is 3 (which stores nothing) and 1.
    expect([...matrix.gaps]).toEqual([0b01_11_01_00]);
    const far = new Float32Array(600);
    far[254] = 1;
    far[510] = 2;
    expect([...deltaFromDense(far, 2, 300).gaps]).toEqual([254, 255, 0]);
  });
});

describe("the choice", () => {
  test("takes the least bytes and tells of all candidates", () => {
    const { name, matrix, bytes, costs } = chooseFormat(data, 3, 3);
    expect(bytes).toEqual({
      dense: 36,
      csr: 3 * 6 + 4 * 4,
      bitmap: 14,
      "bcsr-1x4": 2 * 18 + 16,
      "bcsr-4x1": 3 * 18 + 8,
      "bcsr-4x4": 66 + 8,
      "bcsr-8x1": 3 * 34 + 8,
      "bcsr-16x1": 3 * 66 + 8,
      "delta-4": 14,
      "delta-6": 15,
      "delta-8": 15,
    });
    expect(costs).toEqual(bytes);
    expect([name, sparseBytes(matrix)]).toEqual(["bitmap", 14]);
    expect([...sparseToDense(matrix)]).toEqual([...data]);
  });

  test("full matrices stay dense, groups of four are packed", () => {
    expect(chooseFormat(new Float32Array(64).fill(1), 8, 8).name).toBe("dense");
    const grouped = new Float32Array(1024).map((_, i) => ((i + (i >> 6)) % 4 === 1 ? i : 0));
    const chosen = chooseFormat(grouped, 16, 64);
    expect([chosen.name, chosen.bytes["nm-1:4"], chosen.bytes["nm-2:4"]]).toEqual([
      "nm-1:4",
      256 * 4 + 64,
      512 * 4 + 128,
    ]);
  });

  test("a goal of one's own and candidates of one's own", () => {
    const wide = (): number => 1;
    const options = { goal: wide, candidates: { csr: csrFromDense, bitmap: bitmapFromDense } };
    expect(chooseFormat(data, 3, 3, options)).toMatchObject({ name: "csr", costs: { csr: 1, bitmap: 1 } });
    expect(chooseFormat(data, 3, 3, { ...options, goal: ({ format }) => (format === "csr" ? 2 : 1) }).name).toBe(
      "bitmap",
    );
  });

  test("a mask goes to every candidate", () => {
    const { matrix } = chooseFormat(data, 3, 3, { mask });
    expect([...sparseToDense(matrix)]).toEqual([1, 0, 0, 0, 0, 0, 0, 3, 0]);
  });
});
