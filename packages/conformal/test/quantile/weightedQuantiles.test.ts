import fc from "fast-check";
import { expect, test } from "vitest";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { weightedQuantiles } from "../../src/quantile/weightedQuantiles.ts";
import { codeOf } from "../codeOf.ts";
import { permutations, wordsOf } from "../enumerate.ts";
import { reference } from "../reference.ts";

const nine = [0.42, 0.11, 0.73, 0.28, 0.95, 0.05, 0.61, 0.37, 0.54];
const weights = [1, 2, 1, 0.5, 1, 3, 1, 1, 0.5];

test("nine weighted scores by hand", () => {
  expect(weightedQuantiles(nine, weights, 0.1)(1.5)).toMatchObject({ value: Infinity, reason: "too-few-calibration" });
  expect(weightedQuantiles(nine, weights, 0.2)(1.5)).toMatchObject({ value: 0.73, rank: 8, level: 0.8 });
  expect(weightedQuantiles(nine, weights, 0.3)(1.5).value).toBe(0.61);
  expect(weightedQuantiles(nine, weights, 0.1, { sMax: 1 })(1.5)).toMatchObject({ value: 1, finite: true, rank: 10 });
});

test("the largest test weights leave no finite threshold, a weight of zero asks for the least", () => {
  const at = weightedQuantiles(nine, weights, 0.5);
  expect(at(1e300).value).toBe(Infinity);
  expect(at(Number.MAX_VALUE).value).toBe(Infinity);
  // 5.5 of 11 is half: the scores 0.05 (3), 0.11 (2) and 0.28 (0.5).
  expect(at(0)).toMatchObject({ value: 0.28, level: 0.5 });
});

test("equal exact rational quantiles", () => {
  for (const { scores, weights: given, testWeight, alpha, value } of reference.weightedQuantiles) {
    expect(weightedQuantiles(scores, given, alpha)(testWeight).value).toBe(value ?? Infinity);
  }
});

test("agree bit for bit with conformalQuantile, in every order of the points", () => {
  const point = fc.tuple(
    fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 3 })),
    fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constantFrom(0, 0.1, 1)),
  );
  const points = fc
    .array(point, { minLength: 1, maxLength: 40 })
    .filter((list) => list.some(([, weight]) => weight > 0))
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  const testWeight = fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constantFrom(0, 0.1, 1));
  fc.assert(
    fc.property(points, testWeight, fc.integer({ min: 1, max: 99 }), ([list, reordered], w, percent) => {
      const alpha = percent / 100;
      const scores = list.map(([score]) => score);
      const given = list.map(([, weight]) => weight);
      const expected = conformalQuantile(scores, alpha, { weights: given, testWeight: w });
      expect(weightedQuantiles(scores, given, alpha)(w)).toEqual(expected);
      const other = weightedQuantiles(
        reordered.map(([score]) => score),
        reordered.map(([, weight]) => weight),
        alpha,
      );
      expect(other(w)).toEqual(expected);
    }),
  );
});

test("weighted exchangeability, enumerated: the point drawn last is covered with probability at least 1 - alpha", () => {
  // Three of a population of four are calibration points; the last is the test point with probability proportional to
  // its weight, which is the law of a population where test points are drawn from the reweighted one.
  for (const scores of [[1, 2, 3, 4], [1, 1, 2, 2], ...wordsOf(3, 4).filter((_, i) => i % 7 === 0)]) {
    for (const drawn of [
      [1, 2, 3, 4],
      [4, 1, 1, 2],
      [0, 1, 5, 1],
    ]) {
      for (const alpha of [0.1, 0.25, 0.4, 0.5, 0.75]) {
        let covered = 0;
        let total = 0;
        for (const order of permutations(4)) {
          const test = order[3] as number;
          const rest = order.slice(0, 3);
          const probability = drawn[test] as number;
          total += probability;
          if (rest.every((i) => drawn[i] === 0)) continue;
          const at = weightedQuantiles(
            rest.map((i) => scores[i] as number),
            rest.map((i) => drawn[i] as number),
            alpha,
          );
          if ((scores[test] as number) <= at(probability).value) covered += probability;
        }
        expect(covered).toBeGreaterThanOrEqual((1 - alpha) * total - 1e-9);
      }
    }
  }
});

test("bad input", () => {
  expect(codeOf(() => weightedQuantiles([], [], 0.1))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => weightedQuantiles([1], [1], 0))).toBe("E_ALPHA");
  expect(codeOf(() => weightedQuantiles([1, Number.NaN], [1, 1], 0.1))).toBe("E_NAN at 1");
  expect(codeOf(() => weightedQuantiles([1], [1, 1], 0.1))).toBe("E_LENGTH");
  expect(codeOf(() => weightedQuantiles([1, 2], [1, -1], 0.1))).toBe("E_WEIGHTS at 1");
  expect(codeOf(() => weightedQuantiles([1, 2], [1, Number.NaN], 0.1))).toBe("E_NAN at 1");
  expect(codeOf(() => weightedQuantiles([1, 2], [0, 0], 0.1))).toBe("E_WEIGHTS");
  expect(codeOf(() => weightedQuantiles([1, 2], [1e308, 1e308], 0.1))).toBe("E_WEIGHTS");
  expect(codeOf(() => weightedQuantiles([1, 2], [1, 1], 0.1, { sMax: 1 }))).toBe("E_RANGE at 1");
  expect(codeOf(() => weightedQuantiles([1], [1], 0.1)(-1))).toBe("E_WEIGHTS");
  expect(codeOf(() => weightedQuantiles([1], [1], 0.1)(Infinity))).toBe("E_WEIGHTS");
  expect(codeOf(() => weightedQuantiles([1], [1], 0.1)(Number.NaN))).toBe("E_NAN");
});
