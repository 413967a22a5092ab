import { readFileSync } from "node:fs";

interface Reference {
  readonly classification: {
    readonly rows: number[][];
    readonly labels: number[];
    readonly u: number[];
    readonly calibration: number;
    readonly cases: { alpha: number; score: string; rank: number; threshold: number; sets: number[][] }[];
  };
  readonly coverageIntervals: {
    n: number;
    rank: number;
    tests: number;
    confidence: number;
    lower: number;
    upper: number;
    probability: number;
  }[];
  readonly weightedQuantiles: {
    scores: number[];
    weights: number[];
    testWeight: number;
    alpha: number;
    value: number | null;
  }[];
  readonly uniforms: { seed: number; row: number[]; u: number }[];
}

/** Values by numpy, scipy and exact rationals; `fixtures/make.py` wrote them. */
export const reference = JSON.parse(
  readFileSync(new URL("./fixtures/reference.json", import.meta.url), "utf8"),
) as Reference;
