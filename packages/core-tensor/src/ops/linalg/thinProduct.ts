import type { NumberArray } from "../../tensor/dtype.ts";
import type { MatrixView } from "./gemm.ts";

/**
 * Writes the product of [n, k] and [k, m] for few rows to `out` from `start` on. Such a product reads each
 * element of the right factor only a few times, so that packing it would cost more than it saves. The sums are
 * taken in the same order as in `multiplyPacked`, so that both give the same bits.
 */
export function multiplyThin(
  left: MatrixView,
  right: MatrixView,
  n: number,
  k: number,
  m: number,
  out: NumberArray,
  start: number,
): void {
  const alongRows = right.columnStride <= right.rowStride;
  const sums = new Float64Array(m);
  for (let i = 0; i < n; i++) {
    const from = left.offset + i * left.rowStride;
    if (alongRows) addRows(left, from, right, k, sums.fill(0));
    else dotColumns(left, from, right, k, sums);
    for (let j = 0, to = start + i * m; j < m; j++) out[to + j] = sums[j] as number;
  }
}

/** Goes through the right factor row by row, adding each, scaled, to all sums. */
function addRows(left: MatrixView, from: number, right: MatrixView, k: number, sums: Float64Array): void {
  const { data, columnStride } = right;
  for (let p = 0; p < k; p++) {
    const factor = left.data[from + p * left.columnStride] as number;
    let at = right.offset + p * right.rowStride;
    for (let j = 0; j < sums.length; j++, at += columnStride) (sums[j] as number) += factor * (data[at] as number);
  }
}

/** Goes through the right factor column by column, one sum at a time. */
function dotColumns(left: MatrixView, from: number, right: MatrixView, k: number, sums: Float64Array): void {
  const { data, rowStride } = right;
  for (let j = 0; j < sums.length; j++) {
    let at = right.offset + j * right.columnStride;
    let a = from;
    let sum = 0;
    for (let p = 0; p < k; p++, a += left.columnStride, at += rowStride)
      sum += (left.data[a] as number) * (data[at] as number);
    sums[j] = sum;
  }
}
