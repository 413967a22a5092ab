import { readFileSync } from "node:fs";

/** Chance that a test of this file's bounds fails although the numbers are distributed as they should be. */
const failure = 1e-9;

/**
 * The Dvoretzky-Kiefer-Wolfowitz inequality with Massart's constant: except with probability 1e-9, the empirical
 * distribution function of n draws is nowhere further than this from the true one.
 */
export function dkwBound(n: number): number {
  return Math.sqrt(Math.log(2 / failure) / (2 * n));
}

/** Hoeffding's inequality: except with probability 1e-9, a relative frequency is this near to its probability. */
export function hoeffdingBound(n: number): number {
  return dkwBound(n);
}

/** Largest distance between the empirical distribution function and the levels, at the true quantiles. */
export function distanceAtQuantiles(values: Float64Array, quantiles: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  let worst = 0;
  let below = 0;
  quantiles.forEach((quantile, i) => {
    while (below < sorted.length && sorted[below]! <= quantile) below++;
    worst = Math.max(worst, Math.abs(below / sorted.length - (i + 1) / (quantiles.length + 1)));
  });
  return worst;
}

const quantiles = JSON.parse(
  readFileSync(new URL("../tensor/random/fixtures/quantiles.json", import.meta.url), "utf8"),
) as Record<string, number[]>;

/** Quantiles at 1/40 … 39/40 that scipy computed; see quantiles.py for the names. */
export function goldenQuantiles(name: string): readonly number[] {
  return quantiles[name]!;
}

/** Relative frequency of each of the numbers 0 … count - 1. */
export function frequencies(values: ArrayLike<number>, count: number): number[] {
  const counts = new Array<number>(count).fill(0);
  for (let i = 0; i < values.length; i++) counts[values[i]!]! += 1;
  return counts.map((times) => times / values.length);
}

/** Mean and variance. */
export function moments(values: Float64Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length };
}

const view = new DataView(new ArrayBuffer(8));

/** The 16 hexadecimal digits of a double's bits. */
export function hexadecimal(x: number): string {
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}
