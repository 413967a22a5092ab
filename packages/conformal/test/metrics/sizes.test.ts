import fc from "fast-check";
import { expect, test } from "vitest";
import { coverageWidthCriterion, intervalScore, pinballLoss } from "../../src/metrics/intervalScore.ts";
import { meanSetSize, meanWidth, medianWidth, setSizes } from "../../src/metrics/sizes.ts";
import { codeOf } from "../codeOf.ts";
import { intervals, reference } from "./reference.ts";

const sets = [[0], [0, 1], [2], [], [0, 1, 2], [1]].map((labels) => ({ labels }));

test("sizes by hand", () => {
  expect(setSizes(sets)).toEqual([1, 3, 1, 1]);
  expect(setSizes(sets, 5)).toEqual([1, 3, 1, 1, 0, 0]);
  expect(setSizes([])).toEqual([0]);
  expect(meanSetSize(sets)).toBe(8 / 6);
});

test("widths by hand", () => {
  const some = [3, 1, Infinity, 2].map((upper) => ({ lower: 0, upper }));
  expect(medianWidth(some)).toBe(2);
  expect(medianWidth(some, { share: 0.75 })).toBe(3);
  expect(medianWidth(some, { share: 0.76 })).toBe(Infinity);
  expect(meanWidth(some)).toBe(Infinity);
  expect(meanWidth(some.filter(({ upper }) => upper < 9))).toBe(2);
});

test("equal scipy and scikit-learn", () => {
  expect(meanWidth(intervals)).toBeCloseTo(reference.meanWidth, 12);
  expect(intervalScore(intervals, reference.truth, reference.alpha)).toBeCloseTo(reference.intervalScore, 12);
  expect(pinballLoss(reference.lower, reference.truth, 0.1)).toBeCloseTo(reference.pinball, 12);
});

test("the interval score is 2/alpha times the pinball losses of the two ends", () => {
  const number = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(number, number, number, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (a, b, y, alpha) => {
      const [lower, upper] = [Math.min(a, b), Math.max(a, b)];
      const losses = pinballLoss([lower], [y], alpha / 2) + pinballLoss([upper], [y], 1 - alpha / 2);
      expect(intervalScore([{ lower, upper }], [y], alpha)).toBeCloseTo((2 / alpha) * losses, 8);
    }),
  );
});

test("an empty interval is scored as a point", () => {
  expect(intervalScore([{ lower: 2, upper: 1 }], [2.5], 0.5)).toBe(4);
  expect(intervalScore([{ lower: Infinity, upper: -Infinity }], [0], 0.5)).toBe(Infinity);
  expect(intervalScore([{ lower: -Infinity, upper: Infinity }], [0], 0.5)).toBe(Infinity);
});

test("coverage-width criterion by hand", () => {
  const two = [
    { lower: 0, upper: 1 },
    { lower: 0, upper: 1 },
  ];
  expect(coverageWidthCriterion(two, [0, 1], 0.5)).toBe(1);
  expect(coverageWidthCriterion(two, [0, 2], 0.5)).toBe(0.5);
  expect(coverageWidthCriterion(two, [0, 2], 0.25, { eta: 4, range: 4 })).toBeCloseTo((1 + Math.E) / 4, 15);
});

test("bad input", () => {
  expect(codeOf(() => setSizes(sets, 2))).toBe("E_RANGE at 4");
  expect(codeOf(() => meanSetSize([]))).toBe("E_RANGE");
  expect(codeOf(() => meanWidth([{ lower: Number.NaN, upper: 1 }]))).toBe("E_NAN at 0");
  expect(codeOf(() => medianWidth(intervals, { share: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => intervalScore(intervals, reference.truth, 0))).toBe("E_ALPHA");
  expect(codeOf(() => pinballLoss([1], [Number.NaN], 0.5))).toBe("E_NAN at 0");
  expect(codeOf(() => pinballLoss([], [], 0.5))).toBe("E_RANGE");
  expect(codeOf(() => coverageWidthCriterion(intervals.slice(0, 1), [1], 0.5))).toBe("E_RANGE");
  expect(codeOf(() => coverageWidthCriterion(intervals, reference.truth, 0.5, { eta: -1 }))).toBe("E_RANGE");
});
