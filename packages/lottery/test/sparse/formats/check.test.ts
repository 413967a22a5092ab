import { describe, expect, test } from "vitest";
import {
  type BcsrMatrix,
  type BitmapMatrix,
  type CsrMatrix,
  type DeltaMatrix,
  type NmMatrix,
  type SparseMatrix,
  bcsrFromDense,
  bitmapFromDense,
  checkSparse,
  chooseFormat,
  csrFromDense,
  deltaFromDense,
  denseFromDense,
  nmFromDense,
} from "../../../src/sparse/index.ts";
import { codeOf } from "../codeOf.ts";

const f32 = (...values: number[]): Float32Array => Float32Array.from(values);
const u16 = (...values: number[]): Uint16Array => Uint16Array.from(values);
const u32 = (...values: number[]): Uint32Array => Uint32Array.from(values);
const u8 = (...values: number[]): Uint8Array => Uint8Array.from(values);
const fault = (matrix: SparseMatrix): string => codeOf(() => checkSparse("test", matrix, "w"));

describe("CSR that breaks a rule", () => {
  const good: CsrMatrix = {
    format: "csr",
    rows: 3,
    columns: 4,
    values: f32(1, 2, 3),
    columnIndex: u16(1, 3, 0),
    rowPointers: u32(0, 2, 2, 3),
  };
  const cases: readonly (readonly [string, Partial<CsrMatrix>, string])[] = [
    ["unsorted columns", { columnIndex: u16(3, 1, 0) }, "E_SPARSE w at 1"],
    ["a column twice", { columnIndex: u16(1, 1, 0) }, "E_SPARSE w at 1"],
    ["a column out of range", { columnIndex: u16(1, 3, 4) }, "E_SPARSE w at 2"],
    ["a first pointer above 0", { rowPointers: u32(1, 2, 2, 3) }, "E_SPARSE w at 0"],
    ["a falling pointer", { rowPointers: u32(0, 2, 1, 3) }, "E_SPARSE w at 2"],
    ["a pointer that overshoots", { rowPointers: u32(0, 9, 9, 9) }, "E_SPARSE w at 3"],
    ["a last pointer that is too small", { rowPointers: u32(0, 2, 2, 2) }, "E_SPARSE w at 3"],
    ["too few pointers", { rowPointers: u32(0, 2, 3) }, "E_SPARSE w"],
    ["too many values", { values: f32(1, 2, 3, 4) }, "E_SPARSE w"],
    ["rows that are no number", { rows: Number.NaN }, "E_SPARSE w"],
    ["a negative side", { columns: -4 }, "E_SPARSE w"],
    ["sides whose product overflows", { rows: 2 ** 31, columns: 2 ** 31 }, "E_SPARSE w"],
    ["sides beyond 2^53", { rows: 2 ** 60, columns: 0 }, "E_SPARSE w"],
  ];
  test("the good one passes", () => checkSparse("test", good));
  test.each(cases)("%s", (_title, change, expected) => expect(fault({ ...good, ...change })).toBe(expected));

  test("the message names the function, the tensor and the numbers", () => {
    const bad = { ...good, columnIndex: u16(1, 1, 0) };
    expect(() => checkSparse("read", bad, "w")).toThrow("read: w: column 1 of entry 1 in row 0 stands twice");
  });
});

describe("BCSR that breaks a rule", () => {
  const good = bcsrFromDense(f32(1, 0, 0, 0, 0, 2, 0, 0, 0), 3, 3, { blockShape: [2, 2] });
  const cases: readonly (readonly [string, Partial<BcsrMatrix>, string])[] = [
    ["a block out of range", { columnIndex: u16(0, 2) }, "E_SPARSE w at 1"],
    ["too few values", { values: f32(1, 2) }, "E_SPARSE w"],
    ["something beyond the edge", { values: f32(1, 0, 0, 0, 0, 0, 2, 9) }, "E_SPARSE w at 7"],
    ["-0 beyond the edge", { values: f32(1, 0, 0, 0, 0, -0, 2, 0) }, "E_SPARSE w at 5"],
    ["a side of 0", { blockShape: [0, 2] }, "E_SPARSE w"],
    ["a shape of one number", { blockShape: [2] as never }, "E_SPARSE w"],
    ["no shape", { blockShape: undefined as never }, "E_SPARSE w"],
  ];
  test("the good one passes", () => checkSparse("test", good));
  test.each(cases)("%s", (_title, change, expected) => expect(fault({ ...good, ...change })).toBe(expected));
});

describe("a bitmap that breaks a rule", () => {
  const good = bitmapFromDense(f32(1, 0, 2), 1, 3);
  const cases: readonly (readonly [string, Partial<BitmapMatrix>, string])[] = [
    ["a bit beyond the end", { bits: u8(0b1101) }, "E_SPARSE w at 0"],
    ["a bit without a value", { bits: u8(0b111) }, "E_SPARSE w"],
    ["too many bytes", { bits: u8(0b101, 0) }, "E_SPARSE w"],
  ];
  test("the good one passes", () => checkSparse("test", good));
  test.each(cases)("%s", (_title, change, expected) => expect(fault({ ...good, ...change })).toBe(expected));
});

describe("N:M that breaks a rule", () => {
  const good = nmFromDense(f32(0, 5, 0, 6), 1, 4, { keep: 2, of: 4 });
  const cases: readonly (readonly [string, Partial<NmMatrix>, string])[] = [
    ["a place twice", { places: u8(0b1111) }, "E_SPARSE w at 1"],
    ["places that fall", { places: u8(0b0111) }, "E_SPARSE w at 1"],
    ["unused bits", { places: u8(0b11101) }, "E_SPARSE w"],
    ["too few places", { places: u8() }, "E_SPARSE w"],
    ["too few values", { values: f32(5) }, "E_SPARSE w"],
    ["a place outside of the group", { columns: 3, of: 3, places: u8(0b1101) }, "E_SPARSE w at 1"],
    ["groups that do not divide", { of: 3 }, "E_NM_SHAPE w"],
    ["more kept than there are", { keep: 5 }, "E_NM_SHAPE w"],
    ["a number that is none", { keep: "2" as never }, "E_NM_SHAPE w"],
  ];
  test("the good one passes", () => checkSparse("test", good));
  test.each(cases)("%s", (_title, change, expected) => expect(fault({ ...good, ...change })).toBe(expected));
});

describe("delta that breaks a rule", () => {
  const good = deltaFromDense(f32(0, 1, 0, 0, 0, 0, 2), 1, 7, { gapBits: 2 });
  const cases: readonly (readonly [string, Partial<DeltaMatrix>, string])[] = [
    ["a gap that leads too far", { gaps: u8(0b10_11_01) }, "E_SPARSE w at 2"],
    ["skips that lead too far", { gaps: u8(0b11_11_11_01) }, "E_SPARSE w at 2"],
    ["a value missing", { values: f32(1) }, "E_SPARSE w at 1"],
    ["a gap missing", { values: f32(1, 2, 3) }, "E_SPARSE w at 3"],
    ["a byte too many", { gaps: u8(...good.gaps, 0) }, "E_SPARSE w at 3"],
    ["codes of one bit", { gapBits: 1 }, "E_SPARSE w"],
    ["codes of no bits", { gapBits: undefined as never }, "E_SPARSE w"],
  ];
  test("the good one passes", () => checkSparse("test", good));
  test.each(cases)("%s", (_title, change, expected) => expect(fault({ ...good, ...change })).toBe(expected));
});

test("a format that there is not", () => {
  expect(codeOf(() => checkSparse("test", { format: "coo" } as never))).toBe("E_SPARSE");
  expect(codeOf(() => checkSparse("test", { format: "toString" } as never))).toBe("E_SPARSE");
  expect(fault({ format: "dense", rows: 1, columns: 2, values: f32(1) })).toBe("E_SPARSE w");
});

describe("a dense matrix that cannot be stored", () => {
  test("lengths that do not fit", () => {
    expect(codeOf(() => csrFromDense(f32(1, 2, 3), 2, 2))).toBe("E_SPARSE");
    expect(codeOf(() => csrFromDense(f32(1, 2), 1, 2, u8(1)))).toBe("E_SPARSE");
    expect(codeOf(() => csrFromDense(f32(), 0, 0.5))).toBe("E_SPARSE");
  });

  test("a mask of other numbers than 0 and 1", () => {
    expect(codeOf(() => denseFromDense(f32(1, 2), 1, 2, u8(1, 2)))).toBe("E_SPARSE at 1");
  });

  test("groups that keep too many or do not divide", () => {
    expect(codeOf(() => nmFromDense(f32(0, 0, 0, 0, 1, 1, 1, 0), 1, 8, { keep: 2, of: 4 }))).toBe("E_SPARSE at 4");
    expect(codeOf(() => nmFromDense(f32(1, 2, 3), 1, 3, { keep: 1, of: 2 }))).toBe("E_NM_SHAPE");
  });

  test("options outside their ranges", () => {
    expect(codeOf(() => bcsrFromDense(f32(1), 1, 1, { blockShape: [1, 257] }))).toBe("E_SPARSE");
    expect(codeOf(() => deltaFromDense(f32(1), 1, 1, { gapBits: 9 }))).toBe("E_SPARSE");
    expect(codeOf(() => chooseFormat(f32(1), 1, 1, { candidates: {} }))).toBe("E_OPTION");
    expect(codeOf(() => chooseFormat(f32(1), 1, 1, { goal: () => Number.NaN }))).toBe("E_OPTION");
  });
});
