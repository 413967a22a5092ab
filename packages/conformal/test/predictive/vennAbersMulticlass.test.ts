import fc from "fast-check";
import { expect, test } from "vitest";
import { vennAbers, vennAbersMulticlass, vennAbersMulticlassFromJSON } from "../../src/predictive/index.ts";
import { labelledRows } from "../../src/testing/index.ts";
import { codeOf } from "../codeOf.ts";

const rows = [
  [0.7, 0.2, 0.1],
  [0.2, 0.5, 0.3],
  [0.1, 0.1, 0.8],
  [0.4, 0.4, 0.2],
];
const labels = [0, 1, 2, 1];

test("each class is a Venn-Abers predictor against the rest, and the merged ones add up to 1", () => {
  fc.assert(
    fc.property(labelledRows(3), labelledRows(3), (calibration, tests) => {
      const probabilities = calibration.map((example) => example.probabilities);
      const y = calibration.map((example) => example.label);
      const predictor = vennAbersMulticlass(probabilities, y);
      for (const { probabilities: row } of tests) {
        const { probabilities: p, p0, p1 } = predictor.predictProbabilities(row);
        const binary = Array.from(row, (score, k) =>
          vennAbers(
            probabilities.map((other) => other[k] as number),
            y.map((label) => label === k),
          ).predictProbability(score),
        );
        const total = binary.reduce((sum, pair) => sum + pair.p, 0);
        binary.forEach((pair, k) => {
          expect([p0[k], p1[k]]).toEqual([pair.p0, pair.p1]);
          expect(p[k]).toBeCloseTo(pair.p / total, 14);
        });
        expect(p.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 14);
      }
    }),
    { numRuns: 40 },
  );
});

test("saved and loaded, it is the same bit for bit", () => {
  const predictor = vennAbersMulticlass(rows, labels);
  const loaded = vennAbersMulticlassFromJSON(JSON.parse(JSON.stringify(predictor)));
  expect(loaded.predictProbabilities([0.3, 0.3, 0.4])).toEqual(predictor.predictProbabilities([0.3, 0.3, 0.4]));
  expect(loaded).toMatchObject({ classes: 3, guarantee: "none" });
  expect(codeOf(() => vennAbersMulticlassFromJSON({ ...predictor.toJSON(), classes: [] }))).toBe("E_JSON");
  expect(codeOf(() => vennAbersMulticlassFromJSON({ ...predictor.toJSON(), normalize: 1 }))).toBe("E_JSON");
});

test("bad input", () => {
  expect(codeOf(() => vennAbersMulticlass([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => vennAbersMulticlass(rows, [0, 1]))).toBe("E_LENGTH");
  expect(codeOf(() => vennAbersMulticlass(rows, [0, 1, 3, 1]))).toBe("E_RANGE at 2");
  expect(codeOf(() => vennAbersMulticlass([[0.5, 0.6]], [0]))).toBe("E_PROBS at 0");
  expect(codeOf(() => vennAbersMulticlass(rows, labels).predictProbabilities([0.5, 0.5]))).toBe("E_LENGTH");
  expect(
    vennAbersMulticlass([[1, 1]], [0], { normalize: true }).predictProbabilities([2, 2]).probabilities.length,
  ).toBe(2);
});
