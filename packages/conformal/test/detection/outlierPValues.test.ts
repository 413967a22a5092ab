import fc from "fast-check";
import { expect, test } from "vitest";
import { outlierPValues } from "../../src/detection/index.ts";
import { conformalPValue } from "../../src/quantile/pValue.ts";
import { uniformStream } from "../../src/base/random.ts";
import { codeOf } from "../codeOf.ts";
import { wordsOf } from "../enumerate.ts";
import { reference } from "./reference.ts";

const tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const score = fc.integer({ min: 0, max: 9 });
const scores = fc.array(score, { minLength: 1, maxLength: 20 });

test("by hand", () => {
  expect([...outlierPValues(tenths, [1, 0.85, 0.15, 0.95])]).toEqual([0.1, 0.2, 0.9, 0.1]);
  expect([...outlierPValues(tenths, [0.3], { u: [0.5] })]).toEqual([0.7]);
  expect([...outlierPValues(tenths, [])]).toEqual([]);
});

test("equal exact rational values, weighted ones too", () => {
  for (const { calibration, test: scoresOfTests, weights, testWeights, u, ...expected } of reference.pValues) {
    expect([...outlierPValues(calibration, scoresOfTests)]).toEqual(expected.plain);
    outlierPValues(calibration, scoresOfTests, { u }).forEach((p, j) => {
      expect(p).toBeCloseTo(expected.smoothed[j] as number, 14);
    });
    outlierPValues(calibration, scoresOfTests, { weights, testWeights }).forEach((p, j) => {
      expect(p).toBeCloseTo(expected.weighted[j] as number, 14);
    });
  }
});

test("each equals conformalPValue bit for bit, smoothed or not; equal weights change nothing", () => {
  fc.assert(
    fc.property(scores, scores, fc.double({ min: 0, max: 1, noNaN: true }), (calibration, tests, u) => {
      const us = tests.map(() => u);
      const ones = calibration.map(() => 1);
      const plain = tests.map((s) => conformalPValue(calibration, s));
      expect([...outlierPValues(calibration, tests)]).toEqual(plain);
      expect([...outlierPValues(calibration, tests, { weights: ones })]).toEqual(plain);
      const smoothed = tests.map((s) => conformalPValue(calibration, s, { u }));
      expect([...outlierPValues(calibration, tests, { u: us })]).toEqual(smoothed);
      expect([...outlierPValues(calibration, tests, { u: us, weights: ones })]).toEqual(smoothed);
      expect([...outlierPValues(calibration.toReversed(), tests)]).toEqual(plain);
    }),
  );
});

test("seeded numbers come from the stream, in the order of the tests", () => {
  const uniform = uniformStream(7);
  const u = [uniform(), uniform()];
  expect(outlierPValues(tenths, [0.3, 0.6], { smoothed: true, seed: 7 })).toEqual(
    outlierPValues(tenths, [0.3, 0.6], { u }),
  );
});

test("valid, enumerated over which of five points with ties is new; exactly uniform when smoothed", () => {
  for (const word of wordsOf(3, 5)) {
    const p = word.map((s, i) => outlierPValues(word.toSpliced(i, 1), [s])[0] as number);
    for (let j = 1; j <= 5; j++) expect(p.filter((value) => value <= j / 5).length).toBeLessThanOrEqual(j);
    for (const t of [0.13, 0.5, 0.77]) {
      let mean = 0;
      word.forEach((s, i) => {
        const [low, high] = [0, 1].map((u) => outlierPValues(word.toSpliced(i, 1), [s], { u: [u] })[0] as number);
        mean += Math.min(1, Math.max(0, (t - (low as number)) / ((high as number) - (low as number)))) / 5;
      });
      expect(mean).toBeCloseTo(t, 12);
    }
  }
});

test("weighted p-values are valid, enumerated: the new point is drawn in proportion to its weight", () => {
  const weights = [1, 2, 3, 1];
  for (const word of wordsOf(3, 4)) {
    for (const t of [1, 2, 3, 4, 5, 6].map((k) => k / 7 + 1e-9)) {
      let mass = 0;
      word.forEach((s, i) => {
        const given = { weights: weights.toSpliced(i, 1), testWeights: [weights[i] as number] };
        if ((outlierPValues(word.toSpliced(i, 1), [s], given)[0] as number) <= t) mass += weights[i] as number;
      });
      expect(mass / 7).toBeLessThanOrEqual(t + 1e-8);
    }
  }
});

test("groups are compared with their own", () => {
  fc.assert(
    fc.property(scores, scores, (calibration, tests) => {
      const groups = calibration.map((_, i) => i % 2);
      const testGroups = tests.map((_, j) => j % 3);
      const p = outlierPValues(calibration, tests, { groups, testGroups });
      tests.forEach((s, j) => {
        const own = calibration.filter((_, i) => i % 2 === j % 3);
        expect(p[j]).toBe(own.length === 0 ? 1 : conformalPValue(own, s));
      });
    }),
  );
  const alone = { groups: ["a"], testGroups: ["b"] };
  expect([...outlierPValues([1], [2], { ...alone, u: [0.25] })]).toEqual([0.25]);
  expect([...outlierPValues([1, 2], [2], { groups: ["a", "b"], testGroups: ["a"], weights: [0, 1] })]).toEqual([1]);
});

test("scaling weights changes nothing, a weight of 0 is a point removed", () => {
  const weights = [1, 0, 2, 1, 0, 1, 3, 1, 1];
  const kept = tenths.filter((_, i) => weights[i] !== 0);
  const p = outlierPValues(tenths, [0.25, 0.7, 2], { weights, testWeights: [1, 2, 3] });
  expect(outlierPValues(kept, [0.25, 0.7, 2], { weights: weights.filter(Boolean), testWeights: [1, 2, 3] })).toEqual(p);
  const scaled = { weights: weights.map((w) => 4 * w), testWeights: [4, 8, 12] };
  expect(outlierPValues(tenths, [0.25, 0.7, 2], scaled)).toEqual(p);
  expect([...outlierPValues([1], [2], { weights: [0], testWeights: [0] })]).toEqual([1]);
});

test("bad input", () => {
  const p = (calibration: number[], tests: number[], options = {}) =>
    codeOf(() => outlierPValues(calibration, tests, options));
  expect(p([], [1])).toBe("E_EMPTY_CALIBRATION");
  expect(p([1, Number.NaN], [1])).toBe("E_NAN at 1");
  expect(p([1], [1, Number.NaN])).toBe("E_NAN at 1");
  expect(p([1], [1], { u: [] })).toBe("E_LENGTH");
  expect(p([1], [1], { u: [2] })).toBe("E_RANGE at 0");
  expect(p([1], [1], { u: [0.5], smoothed: false })).toBe("E_RANGE");
  expect(p([1], [1], { smoothed: true, seed: -1 })).toBe("E_RANGE");
  expect(p([1], [1], { weights: [1, 2] })).toBe("E_LENGTH");
  expect(p([1], [1], { weights: [-1] })).toBe("E_WEIGHTS at 0");
  expect(p([1], [1], { testWeights: [1] })).toBe("E_WEIGHTS");
  expect(p([1], [1], { weights: [1], testWeights: [Infinity] })).toBe("E_WEIGHTS at 0");
  expect(p([1], [1], { weights: [1], testWeights: [] })).toBe("E_LENGTH");
  expect(p([1], [1], { groups: [1] })).toBe("E_LENGTH");
  expect(p([1], [1], { groups: [], testGroups: [1] })).toBe("E_LENGTH");
  expect(p([1], [1], { groups: [1], testGroups: [] })).toBe("E_LENGTH");
});
