import { checkSides, keptEntries, sparseFault } from "./parts.ts";
import type { SparseFormat } from "./format.ts";

/** All entries, row by row: what the other formats are measured against. */
export interface DenseMatrix {
  readonly format: "dense";
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/**
 * A copy of the matrix in which masked entries are +0.
 *
 * @throws LotteryError E_SPARSE when the lengths do not fit rows x columns.
 */
export function denseFromDense(data: Float32Array, rows: number, columns: number, mask?: Uint8Array): DenseMatrix {
  const kept = keptEntries("denseFromDense", data, [rows, columns], mask);
  const values = data.slice();
  for (let i = 0; i < kept.length; i++) if (kept[i] === 0) values[i] = 0;
  return { format: "dense", rows, columns, values };
}

export const denseFormat: SparseFormat<DenseMatrix, { readonly values: Float32Array }> = {
  arrayTypes: { values: ["float32"] },
  arrays: ({ values }) => ({ values }),
  parameters: () => ({}),
  fromParts: ({ rows, columns }, { values }) => ({ format: "dense", rows, columns, values }),
  toDense: ({ values }) => values.slice(),
  check(where, { rows, columns, values }, tensor) {
    checkSides(where, rows, columns, tensor);
    if (values.length === rows * columns) return;
    sparseFault(where, `expected ${rows} x ${columns} values, got ${values.length}`, tensor);
  },
};
