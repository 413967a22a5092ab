import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  aps,
  type ClassificationScore,
  coverage,
  coverageInterval,
  crossClassifier,
  lac,
  margin,
  ordinalAps,
  pValueClassifier,
  raps,
  saps,
  splitClassifier,
  topK,
  weightedClassifier,
} from "../../src/index.ts";

interface Part {
  readonly units: number[][];
  readonly labels: number[];
  readonly u: number[];
  readonly weights: number[];
}

/** Probabilities of handwritten digits and what numpy makes of them; `make.py` wrote it. */
const digits = JSON.parse(readFileSync(new URL("../fixtures/classification/digits.json", import.meta.url), "utf8")) as {
  readonly unit: number;
  readonly calibration: Part;
  readonly test: Part;
  readonly cases: {
    score: string;
    alpha: number;
    threshold: number;
    sets: string[];
    covered: number;
    size: number;
    byLabel: (number | null)[];
    labelSize: number;
  }[];
  readonly weighted: { score: string; alpha: number; thresholds: Record<string, number | null>; size: number }[];
  readonly pValues: number[][];
  readonly cross: {
    outOfFold: number[][];
    foldRows: number[][][];
    cases: { score: string; alpha: number; sets: string[] }[];
  };
};
const scores: Readonly<Record<string, ClassificationScore>> = {
  lac,
  margin,
  aps: aps(),
  "aps-deterministic": aps({ randomized: false }),
  raps: raps({ lambda: 0.02, kReg: 2 }),
  "raps-deterministic": raps({ lambda: 0.02, kReg: 2, randomized: false }),
  saps: saps({ lambda: 0.05 }),
  topK: topK(),
  "topK-deterministic": topK({ randomized: false }),
  ordinalAps: ordinalAps(),
  "ordinalAps-deterministic": ordinalAps({ randomized: false }),
};
const scoreOf = (name: string): ClassificationScore => scores[name] as ClassificationScore;
const probabilities = (units: number[][]) => units.map((row) => row.map((count) => count / digits.unit));
const { calibration, test: tests } = digits;
const rows = probabilities(calibration.units);
const testRows = probabilities(tests.units);
const digitsOf = (sets: readonly { readonly labels: readonly number[] }[]) => sets.map(({ labels }) => labels.join(""));
const totalSize = (sets: readonly { readonly labels: readonly number[] }[]) =>
  sets.reduce((sum, { labels }) => sum + labels.length, 0);

test.each(digits.cases)("$score at $alpha: thresholds and sets equal numpy's, bit for bit", (given) => {
  const { alpha, threshold, sets, covered, size, byLabel, labelSize } = given;
  const options = { score: scoreOf(given.score), alpha };
  const predictor = splitClassifier(options).calibrate(rows, calibration.labels, { u: calibration.u });
  expect(predictor.quantile.value).toBe(threshold);
  const found = predictor.predictSets(testRows, { u: tests.u });
  expect(digitsOf(found.slice(0, 40))).toEqual(sets);
  expect(totalSize(found)).toBe(size);
  expect(Math.round(coverage(found, tests.labels) * found.length)).toBe(covered);
  const { lower, upper } = coverageInterval(predictor.quantile, found.length, { confidence: 1 - 1e-6 });
  expect(covered / found.length).toBeGreaterThanOrEqual(lower);
  // Scores of few values have ties, and may cover more than the law of distinct ones.
  if (given.score !== "topK-deterministic") expect(covered / found.length).toBeLessThanOrEqual(upper);

  const conditional = splitClassifier({ ...options, mondrian: "label" }).calibrate(rows, calibration.labels, {
    u: calibration.u,
  });
  expect(conditional.quantiles.map(({ value }) => value)).toEqual(byLabel.map((value) => value ?? Infinity));
  expect(totalSize(conditional.predictSets(testRows, { u: tests.u }))).toBe(labelSize);
});

test.each(digits.weighted)("weighted $score at $alpha", ({ score, alpha, thresholds, size }) => {
  const predictor = weightedClassifier({ score: scoreOf(score), alpha }).calibrate(
    rows,
    calibration.labels,
    calibration.weights,
    { u: calibration.u },
  );
  for (const [weight, value] of Object.entries(thresholds)) {
    expect(predictor.quantileFor(Number(weight)).value).toBe(value ?? Infinity);
  }
  expect(totalSize(predictor.predictSets(testRows, tests.weights, { u: tests.u }))).toBe(size);
});

test("p-values", () => {
  const predictor = pValueClassifier({ score: aps() }).calibrate(rows, calibration.labels, { u: calibration.u });
  digits.pValues.forEach((expected, i) => {
    expect([...predictor.pValues(testRows[i] as number[], { u: tests.u[i] as number })]).toEqual(expected);
  });
});

test.each(digits.cross.cases)("CV+ $score at $alpha", ({ score, alpha, sets }) => {
  const outOfFold = probabilities(digits.cross.outOfFold);
  const folds = outOfFold.map((_, i) => i % 4);
  const predictor = crossClassifier({ score: scoreOf(score), alpha }).calibrate(
    outOfFold,
    calibration.labels.slice(0, outOfFold.length),
    folds,
  );
  expect(digitsOf(digits.cross.foldRows.map((foldRows) => predictor.predictSet(probabilities(foldRows))))).toEqual(
    sets,
  );
});
