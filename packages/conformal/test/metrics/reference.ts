import { readFileSync } from "node:fs";

interface Reference {
  readonly truth: number[];
  readonly lower: number[];
  readonly upper: number[];
  readonly alpha: number;
  readonly coverage: number;
  readonly clopperPearson: [number, number];
  readonly meanWidth: number;
  readonly intervalScore: number;
  readonly pinball: number;
  readonly hsic: number;
  readonly pearson: number;
  readonly spearman: number;
  readonly probability: number[];
  readonly outcome: number[];
  readonly frequency: number[];
  readonly confidence: number[];
  readonly ece: number;
  readonly slabs: { values: number[]; flags: number[]; least: number; hits: number; count: number }[];
}

/** Measures by numpy, scipy and scikit-learn; `fixtures/metrics/make.py` wrote them. */
export const reference = JSON.parse(
  readFileSync(new URL("../fixtures/metrics/metrics.json", import.meta.url), "utf8"),
) as Reference;

export const intervals = reference.lower.map((lower, i) => ({ lower, upper: reference.upper[i] as number }));
