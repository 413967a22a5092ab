import { expect, test } from "vitest";
import { clopperPearson } from "../../src/base/index.ts";
import { conformalQuantile } from "../../src/quantile/index.ts";

test("a weighted threshold misses no more than a tiny alpha", () => {
  const weighted = (alpha: number, testWeight: number) =>
    conformalQuantile([1], alpha, { weights: [1e10], testWeight }).finite;
  expect(weighted(1e-12, 1)).toBe(false);
  expect(weighted(1e-10, 2)).toBe(false);
  expect(weighted(1e-9, 1)).toBe(true);
  expect(conformalQuantile([1, 2], 0.9999999999, { weights: [0, 1] }).value).toBe(2);
});

test("lower bounds for a tiny error keep their digits", () => {
  // One success of one: the bound is alpha itself.
  for (const alpha of [1e-20, 1e-12, 0.05]) {
    const { lower } = clopperPearson(1, 1, alpha);
    expect(Math.abs(lower / alpha - 1)).toBeLessThan(1e-12);
  }
});
