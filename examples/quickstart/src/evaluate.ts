import {
  type ClassificationScore,
  type CoverageInterval,
  type GroupCoverage,
  type PredictionSet,
  type StratumCoverage,
  aps,
  coverage,
  coverageByClass,
  coverageCurve,
  coverageInterval,
  lac,
  meanSetSize,
  raps,
  saps,
  setSizes,
  sizeStratifiedCoverage,
  splitClassifier,
  topK,
} from "@parsimony/conformal";
import type { Digits } from "./mnist.ts";
import type { Probabilities } from "./predict.ts";

/** A way to make sets from class probabilities. */
export interface Method {
  readonly name: string;
  readonly explanation: string;
  readonly score: ClassificationScore;
  /** A threshold for each digit, so that every digit is covered. */
  readonly byLabel?: boolean;
}

/** What is compared: every score has the same promise. */
export const methods: readonly Method[] = [
  {
    name: "LAC",
    explanation:
      "Every label whose probability is high enough: the smallest sets on average. An image whose best label is too improbable gets an empty set.",
    score: lac,
  },
  {
    name: "LAC, a threshold for each digit",
    explanation: "The same, calibrated digit by digit: the promise holds within each digit, and costs some labels.",
    score: lac,
    byLabel: true,
  },
  {
    name: "APS",
    explanation:
      "Labels from the most probable down until enough probability is gathered, randomised at the border: sets grow with the difficulty of the image.",
    score: aps(),
  },
  {
    name: "RAPS",
    explanation: "APS that pays for every label beyond the second: fewer very large sets.",
    score: raps({ lambda: 0.01, kReg: 2 }),
  },
  {
    name: "SAPS",
    explanation: "Keeps only the largest probability and counts ranks after it.",
    score: saps({ lambda: 0.1 }),
  },
  {
    name: "top-k",
    explanation: "Ranks alone: as many labels for an easy image as for a hard one.",
    score: topK(),
  },
];

/** Calibration and test data with the probabilities that the model gave. */
export interface Data {
  readonly calibrationRows: Probabilities;
  readonly calibration: Digits;
  readonly testRows: Probabilities;
  readonly test: Digits;
}

/** What a method achieved on the test set. */
export interface MethodResult extends Method {
  readonly sets: readonly PredictionSet[];
  readonly coverage: number;
  /** Where the coverage falls with probability 0.95 if the promise holds; none where each digit has a threshold. */
  readonly expected?: CoverageInterval;
  readonly byClass: readonly GroupCoverage[];
  readonly bySize: readonly StratumCoverage[];
  readonly sizes: readonly number[];
  readonly meanSize: number;
  readonly threshold: number;
}

/** Calibrates a method and measures its sets on the test images. */
export function evaluate(method: Method, data: Data, alpha: number, seed: number): MethodResult {
  const { score, byLabel = false } = method;
  const predictor = splitClassifier({ score, alpha, seed, mondrian: byLabel ? "label" : "none" }).calibrate(
    data.calibrationRows,
    data.calibration.labels,
  );
  const sets = predictor.predictSets(data.testRows);
  const { labels, count } = data.test;
  return {
    ...method,
    sets,
    coverage: coverage(sets, labels),
    ...(byLabel ? {} : { expected: coverageInterval(predictor.quantile, count) }),
    byClass: coverageByClass(sets, labels, 10),
    bySize: sizeStratifiedCoverage(sets, labels),
    sizes: setSizes(sets, 10),
    meanSize: meanSetSize(sets),
    threshold: predictor.quantile.value,
  };
}

/** The coverage of LAC when other levels are asked for. */
export function curve(data: Data): ReturnType<typeof coverageCurve> {
  const regionsAt = (alpha: number): PredictionSet[] =>
    splitClassifier({ score: lac, alpha })
      .calibrate(data.calibrationRows, data.calibration.labels)
      .predictSets(data.testRows);
  const alphas = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
  return coverageCurve(regionsAt, data.test.labels, { alphas });
}
