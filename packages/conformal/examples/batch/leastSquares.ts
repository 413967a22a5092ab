/** Ordinary least squares with an intercept, by Gauss elimination on the normal equations: rows `[n, p]` to a predictor. */
export function leastSquares(
  rows: readonly (readonly number[])[],
  outcomes: readonly number[],
): (row: readonly number[]) => number {
  const design = rows.map((row) => [1, ...row]);
  const size = design[0]?.length ?? 0;
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => design.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    design.reduce((sum, row, k) => sum + (row[i] ?? 0) * (outcomes[k] ?? 0), 0),
  ]);
  for (let i = 0; i < size; i++) {
    const pivot = system.slice(i).reduce((best, row) => (Math.abs(row[i]!) > Math.abs(best[i]!) ? row : best));
    system.splice(system.indexOf(pivot), 1);
    system.splice(i, 0, pivot);
    for (const row of system) {
      if (row === pivot) continue;
      const factor = row[i]! / pivot[i]!;
      for (let j = i; j <= size; j++) row[j] = row[j]! - factor * pivot[j]!;
    }
  }
  const coefficients = system.map((row, i) => row[size]! / row[i]!);
  return (row) => [1, ...row].reduce((sum, x, i) => sum + x * coefficients[i]!, 0);
}
