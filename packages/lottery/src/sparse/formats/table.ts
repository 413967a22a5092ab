import { type BcsrMatrix, bcsrFormat } from "./bcsr.ts";
import { type BitmapMatrix, bitmapFormat } from "./bitmap.ts";
import { type CsrMatrix, csrFormat } from "./csr.ts";
import { type DeltaMatrix, deltaFormat } from "./delta.ts";
import { type DenseMatrix, denseFormat } from "./dense.ts";
import type { SparseArrays, SparseFormat } from "./format.ts";
import { type NmMatrix, nmFormat } from "./nm.ts";
import { sparseFault } from "./parts.ts";

/** A matrix in any of the formats, as plain data; `format` says which. */
export type SparseMatrix = DenseMatrix | CsrMatrix | BcsrMatrix | BitmapMatrix | NmMatrix | DeltaMatrix;

export type SparseFormatName = SparseMatrix["format"];

/** A format of which it does not matter which one it is. */
export type AnySparseFormat = SparseFormat<SparseMatrix, SparseArrays>;

/** Every format by its name in matrices and files. */
export const sparseFormats: Readonly<Record<SparseFormatName, AnySparseFormat>> = {
  dense: denseFormat,
  csr: csrFormat,
  bcsr: bcsrFormat,
  bitmap: bitmapFormat,
  nm: nmFormat,
  delta: deltaFormat,
};

/** The format with this name; undefined for a name that stands for none. */
export function formatNamed(name: string): AnySparseFormat | undefined {
  return Object.hasOwn(sparseFormats, name) ? sparseFormats[name as SparseFormatName] : undefined;
}

function formatOf(where: string, matrix: SparseMatrix): AnySparseFormat {
  return formatNamed(matrix.format) ?? sparseFault(where, `there is no format ${JSON.stringify(matrix.format)}`);
}

/** Row-major entries of a matrix, +0 where nothing is stored. */
export function sparseToDense(matrix: SparseMatrix): Float32Array {
  return formatOf("sparseToDense", matrix).toDense(matrix);
}

/** Bytes of a matrix's arrays: what it takes in memory, and in a file besides its name. */
export function sparseBytes(matrix: SparseMatrix): number {
  const arrays = formatOf("sparseBytes", matrix).arrays(matrix);
  return Object.values(arrays).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/**
 * Checks a matrix that came from elsewhere against the rules of its format.
 *
 * @param tensor its name, for the error.
 * @throws LotteryError E_SPARSE (E_NM_SHAPE for groups that do not divide), with the position in the part that it names.
 */
export function checkSparse(where: string, matrix: SparseMatrix, tensor?: string): void {
  formatOf(where, matrix).check(where, matrix, tensor);
}
