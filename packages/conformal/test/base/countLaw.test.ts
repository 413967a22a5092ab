import { expect, test } from "vitest";
import { betaBinomialLaw, centralInterval } from "../../src/base/countLaw.ts";
import { binomialLaw } from "../binomialLaw.ts";

test("binomial laws by hand", () => {
  expect([...binomialLaw(2, 0.5)]).toEqual([0.25, 0.5, 0.25]);
  [0.001, 0.027, 0.243, 0.729].forEach((p, j) => {
    expect(binomialLaw(3, 0.9)[j]).toBeCloseTo(p, 14);
  });
});

test("the beta-binomial law is that of the rank of an order statistic", () => {
  // n = 4 calibration and m = 3 test scores, second smallest: counts of 35 by enumeration.
  [5, 8, 9, 8, 5].forEach((count, j) => {
    expect(betaBinomialLaw(4, 2, 2)[j]).toBeCloseTo(count / 35, 15);
  });
  [...betaBinomialLaw(4, 1, 1)].forEach((p) => {
    expect(p).toBeCloseTo(0.2, 15);
  });
});

test("long laws sum to 1 and have the right mean", () => {
  const law = betaBinomialLaw(100_000, 4501, 500);
  expect(law.reduce((sum, p) => sum + p)).toBeCloseTo(1, 12);
  expect(law.reduce((sum, p, j) => sum + p * j) / 100_000).toBeCloseTo(4501 / 5001, 12);
});

test("central intervals leave at most the tail outside", () => {
  const law = Float64Array.of(0.1, 0.2, 0.4, 0.2, 0.1);
  expect(centralInterval(law, 0.05)).toEqual({ lower: 0, upper: 4 });
  expect(centralInterval(law, 0.1)).toEqual({ lower: 1, upper: 3 });
  expect(centralInterval(law, 0.35)).toEqual({ lower: 2, upper: 2 });
});
