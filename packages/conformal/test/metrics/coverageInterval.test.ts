import { expect, test } from "vitest";
import { coverageInterval } from "../../src/metrics/coverageInterval.ts";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { codeOf } from "../codeOf.ts";
import { reference } from "../reference.ts";

test("equals scipy's beta-binomial law", () => {
  for (const { n, rank, tests, confidence, lower, upper, probability } of reference.coverageIntervals) {
    const interval = coverageInterval({ n, rank }, tests, { confidence });
    expect([interval.lowerCount, interval.upperCount]).toEqual([lower, upper]);
    expect(interval.probability).toBeCloseTo(probability, 9);
    expect(interval.probability).toBeGreaterThanOrEqual(confidence);
    expect(interval).toMatchObject({ lower: lower / tests, upper: upper / tests, mean: rank / (n + 1) });
  }
});

test("an infinite threshold covers everything", () => {
  const interval = coverageInterval(conformalQuantile([1, 2], 0.1), 50);
  expect(interval).toMatchObject({ lower: 1, upper: 1, lowerCount: 50, mean: 1, probability: 1 });
});

test("bad input", () => {
  expect(codeOf(() => coverageInterval({ n: 0, rank: 1 }, 10))).toBe("E_RANGE");
  expect(codeOf(() => coverageInterval({ n: 9, rank: 11 }, 10))).toBe("E_RANGE");
  expect(codeOf(() => coverageInterval({ n: 9, rank: 0 }, 10))).toBe("E_RANGE");
  expect(codeOf(() => coverageInterval({ n: 9, rank: 8 }, 0))).toBe("E_RANGE");
  expect(codeOf(() => coverageInterval({ n: 9, rank: 8 }, 10, { confidence: 1 }))).toBe("E_ALPHA");
  const weighted = conformalQuantile([1, 2, 3], 0.5, { weights: [1, 2, 2] });
  // Its level happens to be rank / (n + 1), but it is no order statistic of exchangeable scores.
  expect(weighted).toMatchObject({ rank: 2, n: 3, level: 0.5, weighted: true });
  expect(codeOf(() => coverageInterval(weighted, 10))).toBe("E_WEIGHTS");
});
