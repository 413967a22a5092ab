import { tensor } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { normal } from "../tensor/random/index.ts";
import { checkShape, formatShape, sizeOf } from "../tensor/shape.ts";
import type { Initializer } from "./initializers.ts";

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`; uniform among all such
 * matrices (Saxe, McClelland and Ganguli 2014). Axes after the first are taken together.
 *
 * @throws ArgumentError for a gain that is not finite, and, when it draws, for fewer than two axes.
 */
export function orthogonal(gain = 1): Initializer {
  if (!Number.isFinite(gain)) {
    throw new ArgumentError({ op: "orthogonal", argument: "gain", expected: "a finite number", found: String(gain) });
  }
  return (key, shape, dtype = "float32") => {
    checkShape("orthogonal", shape);
    if (shape.length < 2) {
      throw new ArgumentError({
        op: "orthogonal",
        argument: "shape",
        expected: "two axes or more",
        found: formatShape(shape),
      });
    }
    const rows = shape[0] as number;
    const columns = sizeOf(shape.slice(1));
    const wide = rows <= columns;
    const [count, length] = wide ? [rows, columns] : [columns, rows];
    const basis = Float64Array.from(normal(key, [count, length], { dtype: "float64" }).dataSync() as Float64Array);
    orthonormalizeRows(basis, count, length);
    const matrix = new Float64Array(rows * columns);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < length; k++)
        matrix[wide ? i * length + k : k * count + i] = gain * (basis[i * length + k] as number);
    }
    return tensor(matrix, { shape, dtype });
  };
}

/**
 * Gram-Schmidt in place, each row twice, which is enough for orthogonality to rounding (Giraud, Langou and
 * Rozloznik 2005). Applied to normally distributed rows it gives every orthonormal set with the same density.
 */
function orthonormalizeRows(rows: Float64Array, count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * length, (i + 1) * length);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) subtractProjection(row, rows.subarray(j * length, (j + 1) * length));
    }
    const norm = Math.sqrt(dot(row, row));
    for (let k = 0; k < length; k++) row[k] = (row[k] as number) / norm;
  }
}

function subtractProjection(row: Float64Array, unit: Float64Array): void {
  const along = dot(row, unit);
  for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) - along * (unit[k] as number);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}
