import type { SparseFormat } from "./format.ts";
import { type IndexArray, bitsOf, checkSides, countOnes, indexArray, keptEntries, sparseFault } from "./parts.ts";

/**
 * Compressed sparse rows: the stored values of row r are `values[rowPointers[r] .. rowPointers[r + 1]]`, from left to right,
 * and `columnIndex` says which column each is in.
 */
export interface CsrMatrix {
  readonly format: "csr";
  readonly rows: number;
  readonly columns: number;
  /** One per stored entry, row by row. */
  readonly values: Float32Array;
  /** One per stored entry, rising within a row. 16 bits wide when there are at most 65,536 columns. */
  readonly columnIndex: IndexArray;
  /** Of length rows + 1, from 0 to the number of stored entries. */
  readonly rowPointers: Uint32Array;
}

/**
 * The CSR form of a row-major matrix.
 *
 * @param mask one byte per entry, 1 for kept: a kept entry is stored also when it is 0, a masked one never is. Default:
 *   everything but +0 is stored, so -0, NaN and infinities survive.
 * @throws LotteryError E_SPARSE when the lengths do not fit rows x columns.
 */
export function csrFromDense(data: Float32Array, rows: number, columns: number, mask?: Uint8Array): CsrMatrix {
  const kept = keptEntries("csrFromDense", data, [rows, columns], mask);
  const stored = countOnes(kept);
  const values = new Float32Array(stored);
  const columnIndex = indexArray(columns, stored);
  const rowPointers = new Uint32Array(rows + 1);
  const [from, to] = [bitsOf(data), bitsOf(values)];
  let next = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0, i = row * columns; column < columns; column++, i++) {
      if (kept[i] === 0) continue;
      to[next] = from[i] as number;
      columnIndex[next++] = column;
    }
    rowPointers[row + 1] = next;
  }
  return { format: "csr", rows, columns, values, columnIndex, rowPointers };
}

/** The row-major matrix, +0 where nothing is stored. Expects a matrix that `checkCsr` accepts. */
export function csrToDense({ rows, columns, values, columnIndex, rowPointers }: CsrMatrix): Float32Array {
  const dense = new Float32Array(rows * columns);
  const [from, to] = [bitsOf(values), bitsOf(dense)];
  for (let row = 0; row < rows; row++) {
    const end = rowPointers[row + 1] as number;
    for (let i = rowPointers[row] as number; i < end; i++) {
      to[row * columns + (columnIndex[i] as number)] = from[i] as number;
    }
  }
  return dense;
}

/** Bytes of the values, the columns and the row pointers. */
export function csrBytes({ values, columnIndex, rowPointers }: CsrMatrix): number {
  return values.byteLength + columnIndex.byteLength + rowPointers.byteLength;
}

/**
 * Checks a matrix that came from elsewhere: row pointers from 0, never falling, up to the number of values; columns in
 * range, rising and unique within each row; as many columns as values.
 *
 * @param tensor its name, for the error.
 * @throws LotteryError E_SPARSE, with the position in the part that the message names.
 */
export function checkCsr(where: string, matrix: CsrMatrix, tensor?: string): void {
  const { rows, columns, values, columnIndex, rowPointers } = matrix;
  checkSides(where, rows, columns, tensor);
  checkRows(where, { rows, columns, columnIndex, rowPointers }, tensor);
  if (values.length !== columnIndex.length) {
    sparseFault(where, `expected as many values as columns, ${columnIndex.length}, got ${values.length}`, tensor);
  }
}

/** The part of a compressed matrix that says where entries stand; blocks have it too. */
export type RowLayout = Pick<CsrMatrix, "rows" | "columns" | "columnIndex" | "rowPointers">;

/** Throws E_SPARSE unless the columns of every row are in range, rising and unique, and the row pointers fit them. */
export function checkRows(where: string, layout: RowLayout, tensor?: string): void {
  const { rows, columns, columnIndex, rowPointers } = layout;
  const fail = (reason: string, index?: number): never => sparseFault(where, reason, tensor, index);
  if (rowPointers.length !== rows + 1) fail(`expected ${rows + 1} row pointers, got ${rowPointers.length}`);
  if (rowPointers[0] !== 0) fail(`expected row pointer 0 to be 0, got ${rowPointers[0]}`, 0);
  // All pointers before any column: a pointer that jumps ahead and comes back would have columns checked twice.
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [rowPointers[row] as number, rowPointers[row + 1] as number];
    if (end < begin) fail(`row pointer ${row + 1} falls from ${begin} to ${end}`, row + 1);
  }
  const stored = rowPointers[rows] as number;
  if (stored !== columnIndex.length) {
    fail(
      `expected the last row pointer to be ${columnIndex.length}, the number of columns stored, got ${stored}`,
      rows,
    );
  }
  for (let row = 0; row < rows; row++) {
    let before = -1;
    for (let i = rowPointers[row] as number; i < (rowPointers[row + 1] as number); i++) {
      const column = columnIndex[i] as number;
      if (column >= columns) fail(`column ${column} of entry ${i} is outside the ${columns} of the matrix`, i);
      if (column <= before) {
        fail(
          `column ${column} of entry ${i} in row ${row} ${column === before ? "stands twice" : `follows ${before}`}`,
          i,
        );
      }
      before = column;
    }
  }
}

type CsrArrays = {
  readonly values: Float32Array;
  readonly indices: IndexArray;
  readonly indptr: Uint32Array;
};

export const csrFormat: SparseFormat<CsrMatrix, CsrArrays> = {
  arrayTypes: { values: ["float32"], indices: ["uint16", "uint32"], indptr: ["uint32"] },
  arrays: ({ values, columnIndex, rowPointers }) => ({ values, indices: columnIndex, indptr: rowPointers }),
  parameters: () => ({}),
  fromParts: ({ rows, columns }, { values, indices, indptr }) => {
    return { format: "csr", rows, columns, values, columnIndex: indices, rowPointers: indptr };
  },
  toDense: csrToDense,
  check: checkCsr,
};
