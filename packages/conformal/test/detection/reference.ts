import { readFileSync } from "node:fs";

interface Reference {
  readonly stepUp: {
    p: number[];
    q: number;
    method: "bh" | "by" | "storey";
    selected: number[];
    adjusted: number[];
  }[];
  readonly pValues: {
    calibration: number[];
    test: number[];
    weights: number[];
    testWeights: number[];
    u: number[];
    plain: number[];
    smoothed: number[];
    weighted: number[];
  }[];
  readonly martingales: Record<
    "scores" | "u" | "p" | "power" | "mixture" | "jumper" | "histogram" | "roberts",
    number[]
  >;
  readonly selection: {
    predictions: number[];
    y: number[];
    test: number[];
    u: number[];
    q: number;
    score: "clipped" | "residual";
    ties: "conservative" | "random";
    p: number[];
    selected: number[];
  }[];
}

/** Values from the definitions by numpy and exact rationals; `../fixtures/detection/make.py` wrote them. */
export const reference = JSON.parse(
  readFileSync(new URL("../fixtures/detection/reference.json", import.meta.url), "utf8"),
) as Reference;
