import { expect, test } from "vitest";
import {
  clusteredClassifier,
  crossClassifier,
  fullClassifier,
  mondrianClassifier,
  type ProbabilityMatrix,
  pValueClassifier,
  splitClassifier,
  weightedClassifier,
} from "../../src/index.ts";
import { scores } from "./methods.ts";

/** Every method on the same calibration rows, as one function from a row to its labels. */
function methodsFor(score: (typeof scores)[number], rows: ProbabilityMatrix & readonly number[][], labels: number[]) {
  const options = { score, alpha: 0.4 };
  const classes = (rows[0] as number[]).length;
  const split = splitClassifier(options).calibrate(rows, labels);
  const byLabel = splitClassifier({ ...options, mondrian: "label" }).calibrate(rows, labels);
  const groups = mondrianClassifier(splitClassifier(options), { groupOf: () => 0 }).calibrate(rows, labels);
  const clustering = rows.map((_, i) => i % 2 === 0);
  const clustered = clusteredClassifier({ ...options, clusters: 2 }).calibrate(rows, labels, { clustering });
  const weights = rows.map(() => 1);
  const weighted = weightedClassifier(options).calibrate(rows, labels, weights);
  const pValues = pValueClassifier(options).calibrate(rows, labels);
  const folds = rows.map((_, i) => i % 2);
  const cross = crossClassifier(options).calibrate(rows, labels, folds);
  const full = fullClassifier(rows, labels, { ...options, classes, fit: () => (row) => row });
  return {
    marginal: [
      (row: number[]) => split.predictSet(row),
      (row: number[]) => groups.predictSet(row),
      (row: number[]) => weighted.predictSet(row, 1),
      (row: number[]) => pValues.predictSet(row, 0.4),
      (row: number[]) => cross.predictSet([row, row]),
      (row: number[]) => full.predictSet(row),
    ],
    other: [(row: number[]) => byLabel.predictSet(row), (row: number[]) => clustered.predictSet(row)],
  };
}

test.each(scores)("$name: with one class, certain rows and ties everywhere, all marginal methods agree", (score) => {
  const cases: [number[][], number[]][] = [
    [
      [[1], [1], [1], [1]],
      [0, 0, 0, 0],
    ],
    [
      [
        [0, 1, 0],
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
      ],
      [1, 1, 0, 1, 1],
    ],
    [Array<number[]>(5).fill([0.25, 0.25, 0.25, 0.25]), [0, 1, 2, 3, 0]],
  ];
  for (const [rows, labels] of cases) {
    const before = JSON.stringify(rows);
    const { marginal, other } = methodsFor(score, rows, labels);
    for (const row of rows) {
      const sets = marginal.map((predict) => predict(row));
      expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1);
      for (const { labels: set } of [...sets, ...other.map((predict) => predict(row))]) {
        expect(set).toEqual([...new Set(set)].sort((a, b) => a - b));
      }
    }
    expect(JSON.stringify(rows)).toBe(before);
  }
});

test("one class: every row has it, whatever the score, and a full set is not empty", () => {
  for (const score of scores.filter(({ randomized }) => !randomized)) {
    for (const predict of methodsFor(score, [[1], [1], [1]], [0, 0, 0]).marginal) {
      expect(predict([1]).labels).toEqual([0]);
    }
  }
});

test("saturated rows never give huge sets by rounding: a certain model that is always right has single labels", () => {
  const rows = [0, 1, 2, 0, 1, 2, 0, 1, 2].map((label) => [0, 1, 2].map((other) => (other === label ? 1 : 0)));
  const labels = rows.map((row) => row.indexOf(1));
  for (const score of scores) {
    const sets = splitClassifier({ score, alpha: 0.2, allowEmpty: false }).calibrate(rows, labels).predictSets(rows);
    const sizes = new Set(sets.map(({ labels: set }) => set.length));
    // aps without u ranks labels of probability 0 as strange as the favourite: their totals are the same 1.
    expect([...sizes]).toEqual([
      score.name === "aps-deterministic" || score.name === "ordinalAps-deterministic" ? 3 : 1,
    ]);
  }
});
