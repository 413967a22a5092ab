/** How an array of a format is stored. */
export type ElementType = "float32" | "uint8" | "uint16" | "uint32";
export type SparseArray = Float32Array | Uint8Array | Uint16Array | Uint32Array;
export type SparseArrays = Readonly<Record<string, SparseArray>>;

/** What every matrix of this package has. */
export interface MatrixSides {
  readonly rows: number;
  readonly columns: number;
}

/**
 * What there is to know about a way to store a matrix; `sparseFormats` has one of these per format. A matrix is plain data:
 * its format's name, its sides, a few numbers and a few arrays.
 */
export interface SparseFormat<Matrix extends MatrixSides, Arrays extends SparseArrays> {
  /** The arrays by the names that files give them, each with the types that it may have. */
  readonly arrayTypes: { readonly [Name in keyof Arrays]: readonly ElementType[] };
  /** The arrays of a matrix. Their bytes together are what the matrix takes. */
  arrays(matrix: Matrix): Arrays;
  /** The numbers besides the sides, such as the shape of blocks, by the names that files give them. */
  parameters(matrix: Matrix): Readonly<Record<string, unknown>>;
  /**
   * The matrix of such parts. The arrays have the types above but may hold anything, and the parameters may be whatever stood
   * in a file: `check` looks at all of it.
   */
  fromParts(sides: MatrixSides, arrays: Arrays, parameters: Readonly<Record<string, unknown>>): Matrix;
  /** Row-major entries, +0 where nothing is stored. Expects a matrix that `check` accepts. */
  toDense(matrix: Matrix): Float32Array;
  /**
   * Throws E_SPARSE unless the matrix keeps all rules of the format, so that `toDense` and kernels may trust it.
   *
   * @param tensor the matrix's name, for the error.
   */
  check(where: string, matrix: Matrix, tensor?: string): void;
}
