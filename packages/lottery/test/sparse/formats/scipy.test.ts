import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  bcsrFromDense,
  bitmapFromDense,
  csrFromDense,
  deltaFromDense,
  nmFromDense,
} from "../../../src/sparse/index.ts";

interface Parts {
  readonly values: number[];
  readonly indices: number[];
  readonly indptr: number[];
}
interface Fixture {
  readonly matrices: readonly {
    readonly rows: number;
    readonly columns: number;
    readonly dense: number[];
    readonly csr: Parts;
    readonly bitmap: number[];
    readonly delta: Readonly<Record<string, number[]>>;
    readonly bsr: readonly (Parts & { readonly blockShape: [number, number] })[];
  }[];
  readonly twoOfFour: { rows: number; columns: number; dense: number[]; values: number[]; places: number[] };
}
const file = new URL("../../fixtures/sparse/matrices.json", import.meta.url);
const { matrices, twoOfFour } = JSON.parse(readFileSync(file, "utf8")) as Fixture;

describe.each(matrices.map((each) => [`${each.rows} x ${each.columns}, ${each.csr.values.length} entries`, each]))(
  "%s",
  (_title, each) => {
    const { rows, columns, csr, bitmap, delta, bsr } = each as Fixture["matrices"][number];
    const data = Float32Array.from((each as Fixture["matrices"][number]).dense);

    test("CSR has scipy's parts", () => {
      const matrix = csrFromDense(data, rows, columns);
      expect([...matrix.values]).toEqual(csr.values);
      expect([...matrix.columnIndex]).toEqual(csr.indices);
      expect([...matrix.rowPointers]).toEqual(csr.indptr);
    });

    test("BCSR has the parts of scipy's BSR", () => {
      for (const { blockShape, values, indices, indptr } of bsr) {
        const matrix = bcsrFromDense(data, rows, columns, { blockShape });
        expect([...matrix.values]).toEqual(values);
        expect([...matrix.columnIndex]).toEqual(indices);
        expect([...matrix.rowPointers]).toEqual(indptr);
      }
    });

    test("bits and gaps are numpy's", () => {
      expect([...bitmapFromDense(data, rows, columns).bits]).toEqual(bitmap);
      for (const [gapBits, gaps] of Object.entries(delta)) {
        expect([...deltaFromDense(data, rows, columns, { gapBits: Number(gapBits) }).gaps]).toEqual(gaps);
      }
    });
  },
);

test("2:4 has numpy's values and places", () => {
  const { rows, columns, dense, values, places } = twoOfFour;
  const matrix = nmFromDense(Float32Array.from(dense), rows, columns, { keep: 2, of: 4 });
  expect([[...matrix.values], [...matrix.places]]).toEqual([values, places]);
});
