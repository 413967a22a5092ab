/**
 * The Cholesky factor of a symmetric positive definite matrix: lower triangular `L` with `L L' = matrix`, row-major
 * `[size, size]`; undefined when the matrix is singular to rounding or indefinite. Reads the lower triangle.
 */
export function choleskyFactor(matrix: Float64Array, size: number): Float64Array | undefined {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j] as number;
      for (let k = 0; k < j; k++) rest -= (factor[i * size + k] as number) * (factor[j * size + k] as number);
      if (j < i) {
        factor[i * size + j] = rest / (factor[j * size + j] as number);
        continue;
      }
      // What is left of a pivot after cancellation is rounding when it is this small beside the pivot.
      if (!(rest > size * 2 ** -50 * Math.abs(matrix[i * size + i] as number))) return undefined;
      factor[i * size + i] = Math.sqrt(rest);
    }
  }
  return factor;
}

/** Solves `L x = b`. */
export function forwardSolve(factor: Float64Array, size: number, b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let rest = b[i] as number;
    for (let k = 0; k < i; k++) rest -= (factor[i * size + k] as number) * (x[k] as number);
    x[i] = rest / (factor[i * size + i] as number);
  }
  return x;
}

/** Solves `L L' x = b`. */
export function choleskySolve(factor: Float64Array, size: number, b: ArrayLike<number>): Float64Array {
  const x = forwardSolve(factor, size, b);
  for (let i = size - 1; i >= 0; i--) {
    let rest = x[i] as number;
    for (let k = i + 1; k < size; k++) rest -= (factor[k * size + i] as number) * (x[k] as number);
    x[i] = rest / (factor[i * size + i] as number);
  }
  return x;
}

/** The inner product of two vectors of one length. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
