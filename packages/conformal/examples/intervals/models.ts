import { uniformStream } from "@parsimony/conformal";

type Features = readonly number[];

/** Least squares with an intercept, by Gaussian elimination on the normal equations (with a trace of ridge). */
export function leastSquares(rows: readonly Features[], targets: ArrayLike<number>): (row: Features) => number {
  const size = (rows[0] as Features).length + 1;
  const system = Array.from({ length: size }, () => new Float64Array(size + 1));
  rows.forEach((row, r) => {
    const x = [1, ...row];
    for (let i = 0; i < size; i++) {
      const line = system[i] as Float64Array;
      for (let j = i; j < size; j++) line[j] = (line[j] as number) + (x[i] as number) * (x[j] as number);
      line[size] = (line[size] as number) + (x[i] as number) * (targets[r] as number);
    }
  });
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) (system[i] as Float64Array)[j] = system[j]?.[i] as number;
  for (let i = 0; i < size; i++) {
    const pivot = system[i] as Float64Array;
    pivot[i] = (pivot[i] as number) * (1 + 1e-9) + 1e-9;
    for (let k = 0; k < size; k++) {
      if (k === i) continue;
      const line = system[k] as Float64Array;
      const factor = (line[i] as number) / (pivot[i] as number);
      for (let j = i; j <= size; j++) line[j] = (line[j] as number) - factor * (pivot[j] as number);
    }
  }
  const coefficients = system.map((line, i) => (line[size] as number) / (line[i] as number));
  return (row) => row.reduce((sum, x, j) => sum + x * (coefficients[j + 1] as number), coefficients[0] as number);
}

/** The targets of the k nearest rows in ascending order, features being divided by their standard deviations. */
export function nearest(rows: readonly Features[], targets: ArrayLike<number>, k: number): (row: Features) => number[] {
  const scales = (rows[0] as Features).map((_, j) => {
    const mean = rows.reduce((sum, row) => sum + (row[j] as number), 0) / rows.length;
    return Math.sqrt(rows.reduce((sum, row) => sum + ((row[j] as number) - mean) ** 2, 0) / rows.length) || 1;
  });
  return (row) =>
    rows
      .map((other, i) => ({
        distance: other.reduce((sum, x, j) => sum + ((x - (row[j] as number)) / (scales[j] as number)) ** 2, 0),
        target: targets[i] as number,
      }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, k)
      .map(({ target }) => target)
      .sort((a, b) => a - b);
}

/** The rows in an order that the seed chooses. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const uniform = uniformStream(seed);
  return values
    .map((value) => ({ value, key: uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
