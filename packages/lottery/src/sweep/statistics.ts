import { studentT } from "./studentT.ts";

/** Repeated runs in a few numbers. */
export interface Statistic {
  /** Independent values: seeds. Several trials of one seed are first averaged, because they share their ticket. */
  readonly n: number;
  /** Runs that have no finite value here, such as those that never came to a loss. They count for nothing below. */
  readonly missing: number;
  /** Absent when n is 0, as are min and max. */
  readonly mean?: number;
  /** Smallest and largest of the single runs. */
  readonly min?: number;
  readonly max?: number;
  /** Standard deviation of the seeds (divisor n - 1) / sqrt(n). Absent when n is 1 or less: one run shows no spread. */
  readonly standardError?: number;
  /** Student's t interval of the mean: mean +- t(n - 1) * standardError. Absent with the standard error. */
  readonly interval?: readonly [low: number, high: number];
}

/** Statistics of a group of runs; each inner list holds the trials of one seed, undefined where there is no value. */
export function statisticOf(seeds: readonly (readonly (number | undefined)[])[], confidence: number): Statistic {
  const present = seeds.map((trials) => trials.filter((value) => value !== undefined && Number.isFinite(value)));
  const counted = (present as number[][]).filter((trials) => trials.length > 0);
  const missing = seeds.flat().length - counted.flat().length;
  if (counted.length === 0) return { n: 0, missing };
  const values = counted.map(meanOf);
  const n = values.length;
  const mean = meanOf(values);
  const range = { n, missing, mean, min: Math.min(...counted.flat()), max: Math.max(...counted.flat()) };
  if (n === 1) return range;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (n - 1) / n);
  const reach = studentT(confidence, n - 1) * standardError;
  return { ...range, standardError, interval: [mean - reach, mean + reach] };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
