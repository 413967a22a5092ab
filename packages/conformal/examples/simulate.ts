import { uniformStream } from "@parsimony/conformal";

/** Rows of class probabilities, and labels that are drawn from them: a classifier that knows what it doesn't know. */
export interface Simulated {
  readonly rows: number[][];
  readonly labels: number[];
}

/** `count` rows over `classes` classes, each with one favourite class that stands out more or less. */
export function simulate(count: number, classes: number, seed: number): Simulated {
  const uniform = uniformStream(seed);
  const rows = Array.from({ length: count }, () => {
    const odds = Array.from({ length: classes }, () => Math.exp(6 * uniform() ** 3));
    const total = odds.reduce((sum, value) => sum + value);
    return odds.map((value) => value / total);
  });
  const labels = rows.map((row) => {
    let left = uniform();
    const label = row.findIndex((p) => {
      left -= p;
      return left < 0;
    });
    return label < 0 ? classes - 1 : label;
  });
  return { rows, labels };
}
