import { aps, type ClassificationScore, lac, margin, ordinalAps, raps, saps, topK } from "../../src/index.ts";

/** Every score, with and without randomisation. */
export const scores: readonly ClassificationScore[] = [
  lac,
  margin,
  aps(),
  aps({ randomized: false }),
  raps({ lambda: 0.1, kReg: 1 }),
  saps(),
  topK(),
  topK({ randomized: false }),
  ordinalAps(),
  ordinalAps({ randomized: false }),
];

export interface Example {
  readonly probabilities: readonly number[];
  readonly label: number;
}

/** Few examples with ties among them, certainties and mistakes: pools to enumerate words over. */
export const pool: readonly Example[] = [
  { probabilities: [0.5, 0.25, 0.25], label: 0 },
  { probabilities: [0.25, 0.5, 0.25], label: 0 },
  { probabilities: [0, 1, 0], label: 1 },
  { probabilities: [0.125, 0.375, 0.5], label: 1 },
];

/** The arguments of `calibrate`. */
export function split(examples: readonly Example[]): [(readonly number[])[], number[]] {
  return [examples.map(({ probabilities }) => probabilities), examples.map(({ label }) => label)];
}

/** All multisets of a size, as ascending words over 0..letters-1. */
export function multisets(letters: number, size: number, least = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: letters - least }, (_, i) => least + i).flatMap((letter) =>
    multisets(letters, size - 1, letter).map((rest) => [letter, ...rest]),
  );
}

/**
 * A model for examples that are numbers: probabilities of each class by the distance to its mean, which depends on
 * every example that it was trained on.
 */
export function nearestMean(
  classes: number,
): (examples: readonly number[], labels: readonly number[]) => (x: number) => number[] {
  return (examples, labels) => {
    const means = Array.from({ length: classes }, (_, label) => {
      const own = examples.filter((_x, i) => labels[i] === label).toSorted((a, b) => a - b);
      return own.length === 0 ? 0 : own.reduce((sum, x) => sum + x, 0) / own.length;
    });
    return (x) => {
      const closeness = means.map((mean) => 1 / (1 + Math.abs(x - mean)));
      const total = closeness.reduce((sum, value) => sum + value);
      return closeness.map((value) => value / total);
    };
  };
}
