import { expect, test } from "vitest";
import { binomialCdf, binomialProbability, binomialUpperTail, clopperPearson } from "../../src/base/binomial.ts";

test("small cases against the definition", () => {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
  for (const n of [1, 2, 7, 20]) {
    for (const p of [0.01, 0.3, 0.5, 0.9]) {
      let below = 0;
      for (let k = 0; k <= n; k++) {
        const exact = choose(n, k) * p ** k * (1 - p) ** (n - k);
        below += exact;
        expect(Math.abs(binomialProbability(k, n, p) / exact - 1)).toBeLessThan(1e-13);
        expect(Math.abs(binomialCdf(k, n, p) - below)).toBeLessThan(1e-14);
        expect(Math.abs(binomialUpperTail(k, n, p) - (1 - below + exact))).toBeLessThan(1e-14);
      }
    }
  }
});

/** Summed with mpmath in 40 digits. */
const reference: [number, number, number, number][] = [
  [40, 500, 0.1, 0.07508928965904299],
  [3, 100, 0.1, 0.007836487121184395],
  [120, 1000, 0.1, 0.9827427694733799],
  [20, 5000, 0.01, 1.126007749927028e-6],
  [49000, 100000, 0.5, 1.294358019173449e-10],
  [90100, 100000, 0.9, 0.8553227491012818],
  [10, 1000, 0.1, 1.4508988321782885e-32],
  [99990, 100000, 0.9999, 0.5420765413843016],
  [650000, 1000000, 0.65, 0.5003763845588195],
];

test("agrees with mpmath for large counts and far tails", () => {
  for (const [k, n, p, cdf] of reference) {
    expect(Math.abs(binomialCdf(k, n, p) / cdf - 1), `${k} of ${n} at ${p}`).toBeLessThan(1e-9);
  }
});

test("Clopper-Pearson bounds are Beta quantiles", () => {
  const { lower, upper } = clopperPearson(9800, 10_000, 0.001);
  expect(lower).toBeCloseTo(0.9752917418, 10);
  expect(upper).toBeCloseTo(0.9840550925, 10);
  expect(clopperPearson(0, 20, 0.05)).toEqual({ lower: 0, upper: expect.closeTo(1 - 0.05 ** (1 / 20), 13) as number });
  expect(clopperPearson(20, 20, 0.05)).toEqual({ lower: expect.closeTo(0.05 ** (1 / 20), 13) as number, upper: 1 });
});
