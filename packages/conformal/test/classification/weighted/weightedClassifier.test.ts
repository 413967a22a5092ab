import fc from "fast-check";
import { expect, test } from "vitest";
import {
  aps,
  conformalQuantile,
  lac,
  saps,
  splitClassifier,
  weightedClassifier,
  weightedClassifierFromJSON,
} from "../../../src/index.ts";
import { labelledRows } from "../../../src/testing/index.ts";
import { codeOf } from "../../codeOf.ts";
import { split } from "../methods.ts";

const rows = [0.58, 0.89, 0.27, 0.72, 0.05, 0.95, 0.39, 0.63, 0.46].map((p) => [p, 1 - p]);
const labels = rows.map(() => 0);
const weights = [1, 2, 1, 0.5, 1, 3, 1, 1, 0.5];

test("thresholds are those of conformalQuantile with the row's weight", () => {
  for (const alpha of [0.1, 0.2, 0.3, 0.5]) {
    const predictor = weightedClassifier({ score: lac, alpha }).calibrate(rows, labels, weights);
    const scores = rows.map(([p]) => 1 - (p as number));
    for (const testWeight of [0, 0.5, 1.5, 20]) {
      const expected = conformalQuantile(scores, alpha, { weights, testWeight });
      expect(predictor.quantileFor(testWeight)).toEqual(expected);
      const { labels: set, reason } = predictor.predictSet([0.6, 0.4], testWeight);
      expect(set).toEqual([0, 1].filter((label) => 1 - ([0.6, 0.4][label] as number) <= expected.value));
      expect(reason).toBe(expected.reason);
    }
  }
});

test("equal weights give the ordinary sets; a common factor changes nothing; zero weight removes a row", () => {
  const examples = labelledRows(3, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(examples, labelledRows(3), fc.constantFrom(0.1, 1, 7), fc.boolean(), (given, tests, w, empty) => {
      const options = { score: aps(), alpha: 0.3, allowEmpty: empty };
      const [matrix] = split(tests as never);
      const [calibration, own] = split(given as never);
      const plain = splitClassifier(options).calibrate(calibration, own).predictSets(matrix);
      const sets = (all: (readonly number[])[], of: number[], given: number[]) =>
        weightedClassifier(options)
          .calibrate(all, of, given)
          .predictSets(
            matrix,
            matrix.map(() => w),
          );
      expect(
        sets(
          calibration,
          own,
          calibration.map(() => w),
        ),
      ).toEqual(plain);
      const padded = [...calibration.map(() => w), 0, 0];
      expect(sets([...calibration, [1, 0, 0], [0, 1, 0]], [...own, 1, 1], padded)).toEqual(plain);
    }),
  );
});

test("a row where there is little calibration weight gets every label", () => {
  const predictor = weightedClassifier({ score: lac, alpha: 0.2, allowEmpty: false }).calibrate(rows, labels, weights);
  expect(predictor.predictSet([1, 0], 100)).toEqual({ labels: [0, 1], forced: false, reason: "too-few-calibration" });
  const strict = weightedClassifier({ score: lac, alpha: 0.9, allowEmpty: false }).calibrate(rows, labels, weights);
  expect(strict.predictSet([0.5, 0.5], 0)).toEqual({ labels: [0], forced: true });
});

test("u, batches and order", () => {
  const predictor = weightedClassifier({ score: aps(), alpha: 0.4, seed: 3 }).calibrate(rows, labels, weights);
  expect(predictor.predictSets(rows, weights)).toEqual(
    rows.map((row, i) => predictor.predictSet(row, weights[i] as number)),
  );
  const u = rows.map((_, i) => i / 10);
  expect(predictor.predictSets(rows, weights, { u })).toEqual(
    rows.map((row, i) => predictor.predictSet(row, weights[i] as number, { u: u[i] as number })),
  );
  const reversed = weightedClassifier({ score: aps(), alpha: 0.4, seed: 3 }).calibrate(
    rows.toReversed(),
    labels,
    weights.toReversed(),
  );
  expect(reversed.predictSets(rows, weights)).toEqual(predictor.predictSets(rows, weights));
});

test("saved and loaded, bit for bit", () => {
  const predictor = weightedClassifier({ score: saps({ lambda: 0.3 }), alpha: 0.4, seed: 3 }).calibrate(
    rows,
    labels,
    weights,
  );
  const text = JSON.stringify(predictor);
  const loaded = weightedClassifierFromJSON(JSON.parse(text));
  expect(JSON.stringify(loaded)).toBe(text);
  expect(loaded.predictSets(rows, weights)).toEqual(predictor.predictSets(rows, weights));
  for (const [change, code] of [
    [{ kind: "x" }, "E_JSON"],
    [{ alpha: 1 }, "E_ALPHA"],
    [{ classes: 0 }, "E_RANGE"],
    [{ seed: -1 }, "E_RANGE"],
    [{ scores: [null] }, "E_JSON"],
    [{ scores: [] }, "E_EMPTY_CALIBRATION"],
    [{ weights: [1] }, "E_LENGTH"],
    [{ weights: weights.with(2, -1) }, "E_WEIGHTS at 2"],
    [{ allowEmpty: 0 }, "E_JSON"],
  ] as const) {
    expect(codeOf(() => weightedClassifierFromJSON({ ...predictor.toJSON(), ...change }))).toBe(code);
  }
});

test("bad input", () => {
  const method = weightedClassifier({ score: lac, alpha: 0.4 });
  expect(codeOf(() => weightedClassifier({ score: lac, alpha: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => weightedClassifier({ score: aps as never, alpha: 0.1 }))).toBe("E_RANGE");
  expect(codeOf(() => weightedClassifier({ score: lac, alpha: 0.1, seed: 0.5 }))).toBe("E_RANGE");
  expect(codeOf(() => method.calibrate([], [], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => method.calibrate(rows, labels, [1]))).toBe("E_LENGTH");
  expect(codeOf(() => method.calibrate(rows, labels, weights.with(1, -1)))).toBe("E_WEIGHTS at 1");
  expect(codeOf(() => method.calibrate(rows, labels, weights.with(1, Number.NaN)))).toBe("E_NAN at 1");
  expect(
    codeOf(() =>
      method.calibrate(
        rows,
        labels,
        weights.fill(0, 0, 0).map(() => 0),
      ),
    ),
  ).toBe("E_WEIGHTS");
  const predictor = method.calibrate(rows, labels, weights);
  expect(codeOf(() => predictor.predictSet([1, 0], -1))).toBe("E_WEIGHTS");
  expect(codeOf(() => predictor.predictSet([1, 0], undefined as never))).toBe("E_WEIGHTS");
  expect(codeOf(() => predictor.predictSets(rows, [1]))).toBe("E_LENGTH");
  expect(codeOf(() => predictor.predictSets(rows, weights.with(4, Infinity)))).toBe("E_WEIGHTS at 4");
  expect(codeOf(() => predictor.quantileFor(Number.NaN))).toBe("E_NAN");
});
