import { readFileSync } from "node:fs";

interface BatchReference {
  readonly enumerated: {
    n: number;
    m: number;
    alpha: number;
    scores: number[];
    sum: [number, number];
    meanUpper: number;
    meanLower: number;
    lexicographic?: [number, number, number];
    order: [number, number][];
    top?: [number, number];
  }[];
  readonly orderStatistics: { n: number; m: number; zeta: number; at: number[]; pmf: number[] }[];
  readonly orderQuantiles: { n: number; m: number; zeta: number; alpha: number; rank: number; level: number }[];
  readonly mannWhitney: { n: number; m: number; u: number; tail: number }[];
  readonly boxes: {
    n: number;
    m: number;
    zetas: number[];
    lower: number[];
    upper: number[];
    count: number;
    probability: number;
  }[];
  readonly gaussianBinomials: {
    n: number;
    m: number;
    quantiles: [number, number, number][];
    at: number[];
    cumulative: string[];
  }[];
}

/** Values by exact enumeration in Python and by scipy; `fixtures/batch/make.py` wrote them. */
export const reference = JSON.parse(
  readFileSync(new URL("../fixtures/batch/batch.json", import.meta.url), "utf8"),
) as BatchReference;
