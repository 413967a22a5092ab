import type { NumberArray } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { readLanes } from "../../tensor/lanes.ts";
import { rowMajorStrides } from "../../tensor/shape.ts";

/** Rows of the left factor in a strip: the product is computed in tiles of one strip by one strip. */
const rowsPerStrip = 4;
/** Columns of the right factor in a strip: consecutive elements of its packed form. */
export const columnsPerStrip = 2;

/** A matrix inside an array of numbers. */
export interface MatrixView {
  readonly data: NumberArray;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Numbers of a tensor for flat loops with the strides to walk them: in place where storage holds plain numbers. */
export function stridedLanes(tensor: HostTensor): { data: NumberArray; offset: number; strides: readonly number[] } {
  const { dtype, storage, offset, strides } = tensor;
  const plain =
    dtype === "float32" || dtype === "float64" || dtype === "int32" || dtype === "int8" || dtype === "uint8";
  return plain
    ? { data: storage as NumberArray, offset, strides }
    : { data: readLanes(tensor), offset: 0, strides: rowMajorStrides(tensor.shape) };
}

/** Strips of `width` rows, each stored column by column as doubles; rows beyond the end are zero. */
function packStrips(view: MatrixView, rows: number, columns: number, width: number): Float64Array {
  const { data, offset, rowStride, columnStride } = view;
  const strips = Math.ceil(rows / width);
  const packed = new Float64Array(strips * width * columns);
  for (let row = 0; row < rows; row++) {
    const strip = Math.floor(row / width);
    let to = strip * width * columns + (row - strip * width);
    let from = offset + row * rowStride;
    for (let column = 0; column < columns; column++, to += width, from += columnStride)
      packed[to] = data[from] as number;
  }
  return packed;
}

/** The left factor [n, k], laid out for `multiplyPacked`. */
export function packLeft(view: MatrixView, n: number, k: number): Float64Array {
  return packStrips(view, n, k, rowsPerStrip);
}

/** The right factor [k, m], laid out for `multiplyPacked`. */
export function packRight(view: MatrixView, k: number, m: number): Float64Array {
  const { data, offset, rowStride, columnStride } = view;
  return packStrips({ data, offset, rowStride: columnStride, columnStride: rowStride }, m, k, columnsPerStrip);
}

/**
 * Writes the product of packed factors [n, k] and [k, m] to `out` from `start` on, rows `m` apart.
 *
 * Every element is the sum of its k products in rising order in one double, rounded once when it is stored: the
 * tiling changes the speed only.
 */
export function multiplyPacked(
  left: Float64Array,
  right: Float64Array,
  n: number,
  k: number,
  m: number,
  out: NumberArray,
  start: number,
): void {
  const leftStrip = rowsPerStrip * k;
  const rightStrip = columnsPerStrip * k;
  for (let j = 0, b0 = 0; j < m; j += columnsPerStrip, b0 += rightStrip) {
    const twoColumns = j + 1 < m;
    for (let i = 0, a0 = 0; i < n; i += rowsPerStrip, a0 += leftStrip) {
      let c00 = 0;
      let c01 = 0;
      let c10 = 0;
      let c11 = 0;
      let c20 = 0;
      let c21 = 0;
      let c30 = 0;
      let c31 = 0;
      const end = a0 + leftStrip;
      for (let a = a0, b = b0; a < end; a += rowsPerStrip, b += columnsPerStrip) {
        const right0 = right[b] as number;
        const right1 = right[b + 1] as number;
        const left0 = left[a] as number;
        c00 += left0 * right0;
        c01 += left0 * right1;
        const left1 = left[a + 1] as number;
        c10 += left1 * right0;
        c11 += left1 * right1;
        const left2 = left[a + 2] as number;
        c20 += left2 * right0;
        c21 += left2 * right1;
        const left3 = left[a + 3] as number;
        c30 += left3 * right0;
        c31 += left3 * right1;
      }
      let to = start + i * m + j;
      const rows = Math.min(rowsPerStrip, n - i);
      out[to] = c00;
      if (twoColumns) out[to + 1] = c01;
      if (rows > 1) {
        to += m;
        out[to] = c10;
        if (twoColumns) out[to + 1] = c11;
      }
      if (rows > 2) {
        to += m;
        out[to] = c20;
        if (twoColumns) out[to + 1] = c21;
      }
      if (rows > 3) {
        to += m;
        out[to] = c30;
        if (twoColumns) out[to + 1] = c31;
      }
    }
  }
}
