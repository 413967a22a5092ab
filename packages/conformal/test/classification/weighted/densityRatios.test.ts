import { expect, test } from "vitest";
import { densityRatios } from "../../../src/index.ts";
import { codeOf } from "../../codeOf.ts";

test("the odds, with the domain classifier's class sizes taken out", () => {
  expect([...densityRatios([0.5, 0.75, 0.2])]).toEqual([1, 3, 0.25]);
  expect([...densityRatios([0.5], { calibrationCount: 300, testCount: 100 })]).toEqual([3]);
});

test("exact probabilities of two laws give their exact ratio", () => {
  // Calibration rows are x = 0, 1, 2 with odds 4 : 1 : 1, test rows with 1 : 1 : 2; 60 of one and 20 of the other.
  const calibration = [4 / 6, 1 / 6, 1 / 6];
  const test = [1 / 4, 1 / 4, 1 / 2];
  const p = test.map((q, x) => (20 * q) / (20 * q + 60 * (calibration[x] as number)));
  const ratios = densityRatios(p, { calibrationCount: 60, testCount: 20 });
  const expected = test.map((q, x) => expect.closeTo(q / (calibration[x] as number), 12));
  expect([...ratios]).toEqual(expected);
});

test("clipping bounds the ratios; without it a certain row is an error", () => {
  const [zero, one] = densityRatios([0, 1]);
  expect(zero).toBeCloseTo(0.001 / 0.999, 15);
  expect(one).toBeCloseTo(999, 9);
  expect([...densityRatios([0, 0.5], { clip: 0 })]).toEqual([0, 1]);
  expect(codeOf(() => densityRatios([0.5, 1], { clip: 0 }))).toBe("E_PROBS at 1");
});

test("bad input", () => {
  expect(codeOf(() => densityRatios([0.5, Number.NaN]))).toBe("E_NAN at 1");
  expect(codeOf(() => densityRatios([1.1]))).toBe("E_PROBS at 0");
  expect(codeOf(() => densityRatios([0.5], { clip: 0.5 }))).toBe("E_RANGE");
  expect(codeOf(() => densityRatios([0.5], { testCount: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => densityRatios([0.5], { calibrationCount: Infinity }))).toBe("E_RANGE");
});
