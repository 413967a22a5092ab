import { readFileSync } from "node:fs";

interface Reference {
  readonly vennAbers: { scores: number[]; labels: number[]; queries: number[]; fits: [number, number][] }[];
  readonly isotonic: { values: number[]; weights: number[]; fit: number[] }[];
  readonly crps: {
    predictions: number[];
    y: number[];
    sigma: number[];
    prediction: number;
    scale: number;
    yMin: number | null;
    yMax: number | null;
    at: number;
    crps: number;
  }[];
}

/** Values by scikit-learn, scipy and numpy; `../fixtures/predictive/make.py` wrote them. */
export const reference = JSON.parse(
  readFileSync(new URL("../fixtures/predictive/reference.json", import.meta.url), "utf8"),
) as Reference;
