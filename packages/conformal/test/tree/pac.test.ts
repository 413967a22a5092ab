import fc from "fast-check";
import { expect, test } from "vitest";
import { conformalQuantile } from "@parsimony/conformal";
import { binomialTailK, pacThreshold } from "@parsimony/conformal/tree";
import { binomialCdf } from "../../src/base/binomial.ts";
import { codeOf } from "../codeOf.ts";
import { wordsOf } from "../enumerate.ts";
import { reference } from "./reference.ts";

test("known numbers of errors", () => {
  const known: [number, number, number, number | null][] = [
    [28, 0.1, 0.05, null],
    [29, 0.1, 0.05, 0],
    [100, 0.1, 0.05, 4],
    [100, 0.1, 0.01, 3],
    [500, 0.1, 0.05, 38],
    [1000, 0.1, 0.05, 84],
    [1000, 0.05, 1e-5, 22],
    [1000, 0.1, 1e-5, 61],
    [5000, 0.01, 1e-3, 29],
    [200, 0.2, 0.1, 32],
  ];
  for (const [n, alpha, delta, k] of known) expect(binomialTailK(n, alpha, delta), `${n} ${alpha} ${delta}`).toBe(k);
});

test("the least number of examples that can prove anything", () => {
  const known: [number, number, number][] = [
    [0.1, 0.05, 29],
    [0.1, 0.1, 22],
    [0.05, 0.05, 59],
    [0.01, 0.05, 299],
    [0.01, 0.001, 688],
  ];
  for (const [alpha, delta, n] of known) {
    expect([binomialTailK(n - 1, alpha, delta), binomialTailK(n, alpha, delta)]).toEqual([null, 0]);
  }
  expect(binomialTailK(0, 0.1, 0.1)).toBe(null);
});

test("equals exact rationals, also where the tail is delta to the last digit", () => {
  for (const { n, eps: alpha, delta, k } of reference.tails) expect(binomialTailK(n, alpha, delta)).toBe(k);
});

test("k is the largest there is, and rises with n, alpha and delta", () => {
  const level = fc.integer({ min: 1, max: 999 }).map((thousandths) => thousandths / 1000);
  fc.assert(
    fc.property(fc.nat(300), level, level, (n, alpha, delta) => {
      const k = binomialTailK(n, alpha, delta) ?? -1;
      if (k >= 0) expect(binomialCdf(k, n, alpha)).toBeLessThanOrEqual(delta * (1 + 1e-12));
      expect(binomialCdf(k + 1, n, alpha)).toBeGreaterThan(delta);
      expect(binomialTailK(n + 1, alpha, delta) ?? -1).toBeGreaterThanOrEqual(k);
      expect(binomialTailK(n, (alpha + 1) / 2, delta) ?? -1).toBeGreaterThanOrEqual(k);
      expect(binomialTailK(n, alpha, (delta + 1) / 2) ?? -1).toBeGreaterThanOrEqual(k);
    }),
    { numRuns: 500 },
  );
});

test("a threshold is the (n - k)-th smallest score", () => {
  const scores = Float64Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);
  const level = 1 - binomialCdf(4, 100, 0.1);
  const threshold = pacThreshold(scores, 0.1, 0.05);
  expect(threshold).toEqual({ value: 96, rank: 96, n: 100, k: 4, finite: true, level, guarantee: "pac" });
  expect(level).toBeGreaterThan(0.95);
  expect(pacThreshold(scores.slice(0, 28), 0.1, 0.05)).toEqual({
    value: Infinity,
    rank: 29,
    n: 28,
    k: null,
    finite: false,
    level: 1,
    guarantee: "pac",
    reason: "too-few-calibration",
  });
  expect(pacThreshold([...scores].reverse(), 0.1, 0.05)).toEqual(threshold);
});

test("at delta <= .2 it is at least the split conformal threshold", () => {
  for (let n = 1; n <= 400; n += 3) {
    const scores = Float64Array.from({ length: n }, (_, i) => i);
    for (const alpha of [0.01, 0.05, 0.1, 0.2, 0.5]) {
      for (const delta of [0.001, 0.05, 0.2]) {
        const pac = pacThreshold(scores, alpha, delta);
        const split = conformalQuantile(scores, alpha);
        if (pac.finite && split.finite) expect(pac.value).toBeGreaterThanOrEqual(split.value);
      }
    }
  }
});

test("over all samples of a finite law, the error rate exceeds alpha with probability at most delta", () => {
  const law = [0.5, 0.2, 0.15, 0.1, 0.05];
  for (const n of [3, 5]) {
    for (const alpha of [0.06, 0.149, 0.2, 0.31, 0.5]) {
      for (const delta of [0.05, 0.2, 0.4]) {
        let misled = 0;
        for (const sample of wordsOf(law.length, n)) {
          const { value } = pacThreshold(sample, alpha, delta);
          const error = law.reduce((sum, p, score) => (score > value ? sum + p : sum), 0);
          if (error > alpha + 1e-12) misled += sample.reduce((product, score) => product * (law[score] as number), 1);
        }
        expect(misled, `${n} ${alpha} ${delta}`).toBeLessThanOrEqual(delta + 1e-12);
      }
    }
  }
});

test("bad input", () => {
  for (const level of [0, 1, -0.1, Number.NaN, Infinity]) {
    expect(codeOf(() => binomialTailK(10, level, 0.1))).toBe("E_ALPHA");
    expect(codeOf(() => binomialTailK(10, 0.1, level))).toBe("E_ALPHA");
    expect(codeOf(() => pacThreshold([1], level, 0.1))).toBe("E_ALPHA");
  }
  expect(codeOf(() => binomialTailK(-1, 0.1, 0.1))).toBe("E_RANGE");
  expect(codeOf(() => pacThreshold([], 0.1, 0.1))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => pacThreshold([1, Number.NaN], 0.1, 0.1))).toBe("E_NAN at 1");
});
