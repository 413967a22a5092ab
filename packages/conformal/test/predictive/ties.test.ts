import { expect, test } from "vitest";
import { predictiveSystem } from "../../src/predictive/index.ts";

test("an outcome that ties with all residuals is held, and its cdf is u, also after rounding", () => {
  for (let a = 1; a <= 20; a++) {
    for (let b = 1; b <= 20; b++) {
      const [prediction, y] = [a / 10, b / 7];
      const repeat = (value: number): number[] => Array.from({ length: 9 }, () => value);
      const plain = predictiveSystem().calibrate(repeat(prediction), repeat(y)).predictDistribution(prediction);
      const scaled = predictiveSystem()
        .calibrate(repeat(prediction), repeat(y), { scales: repeat(0.3) })
        .predictDistribution(prediction, { scale: 0.3 });
      for (const distribution of [plain, scaled]) {
        expect(distribution.cdfBounds(y)).toEqual({ lower: 0, upper: 1 });
        const { lower, upper } = distribution.interval(0.3);
        expect(lower).toBeLessThanOrEqual(y);
        expect(upper).toBeGreaterThanOrEqual(y);
      }
    }
  }
});

test("percentiles hold all values that have the residual of the point", () => {
  // Next to a prediction of 1, all outcomes from 0 to 2^-54 have the residual -1.
  const distribution = predictiveSystem().calibrate([1], [1e-20]).predictDistribution(1);
  expect(distribution.quantile(0.5, "upper")).toBeGreaterThanOrEqual(1e-20);
  expect(distribution.quantile(0.5, "upper")).toBeLessThan(1e-15);
  expect(distribution.quantile(0.5, "lower")).toBeLessThanOrEqual(0);
  expect(distribution.cdfBounds(1e-20)).toEqual({ lower: 0, upper: 1 });
});

test("a probability that 1 - p cannot hold", () => {
  const distribution = predictiveSystem().calibrate([0, 0], [1, 2]).predictDistribution(0);
  expect(distribution.quantile(1e-17, "upper")).toBe(1);
  expect(distribution.quantile(1e-17, "lower")).toBe(-Infinity);
});
