import { readFileSync } from "node:fs";

interface Reference {
  readonly split: {
    readonly n: number;
    readonly mean: number[];
    readonly scale: number[];
    readonly lower: number[];
    readonly upper: number[];
    readonly y: number[];
    readonly beta: number;
    readonly cases: {
      alpha: number;
      score: "absolute" | "normalized" | "relative" | "cqr" | "cqrR" | "cqrM";
      joint: (number | null)[][];
      separate: (number | null)[][];
    }[];
  };
  readonly jackknife: {
    readonly rows: [number, number][];
    readonly y: number[];
    readonly n: number;
    readonly folds: number;
    readonly cases: {
      method: "jackknife" | "cv";
      alpha: number;
      plus: (number | null)[][];
      minmax: (number | null)[][];
      predictions: number[][];
      residuals: number[];
    }[];
  };
  readonly full: {
    readonly rows: [number, number][];
    readonly y: number[];
    readonly n: number;
    readonly grid: number[];
    readonly cases: (
      | { model: "ridge"; lambda: number; intercept: boolean; leaveOneOut: boolean; counts: number[][] }
      | { model: "neighbours"; k: number; counts: number[][] }
    )[];
  };
  readonly ellipsoids: { covariance: number[][]; mu: number[]; y: number[]; radius: number; volume: number }[];
}

/** Values by numpy, scipy and scikit-learn; `fixtures/regression/make.py` wrote them. */
export const reference = JSON.parse(
  readFileSync(new URL("../fixtures/regression/reference.json", import.meta.url), "utf8"),
) as Reference;

/** The ends that Python gave, where null stands for an infinite one. */
export const endsOf = (pair: readonly (number | null)[]): [number, number] => [
  pair[0] ?? -Infinity,
  pair[1] ?? Infinity,
];

/** Equal to 1e-9 of the larger, infinite ends exactly. */
export function close(found: number, expected: number): boolean {
  return found === expected || Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
}
