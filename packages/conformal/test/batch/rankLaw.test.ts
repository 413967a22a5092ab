import { expect, test } from "vitest";
import { rankLaw } from "../../src/batch/index.ts";
import { binomialCoefficient } from "../../src/batch/allowance.ts";
import { boxCount, exactBoxProbability } from "../../src/batch/boxLaw.ts";
import { sumCounts } from "../../src/batch/sumCounts.ts";
import { uniformStream } from "../../src/base/random.ts";
import { codeOf } from "../codeOf.ts";
import { rankVectors, sizes } from "./enumerate.ts";
import { reference } from "./reference.ts";

const counts = (law: Float64Array, total: number) => [...law].map((p) => Math.round(p * total * 1e6) / 1e6);

test("order statistics by hand", () => {
  expect(counts(rankLaw.orderStatistic(3, 2, 1), 10)).toEqual([4, 3, 2, 1]);
  expect(counts(rankLaw.orderStatistic(3, 2, 2), 10)).toEqual([1, 2, 3, 4]);
  expect(counts(rankLaw.orderStatistic(4, 3, 2), 35)).toEqual([5, 8, 9, 8, 5]);
  expect(counts(rankLaw.orderStatistic(5, 3, 3), 56)).toEqual([1, 3, 6, 10, 15, 21]);
  expect(counts(rankLaw.orderStatistic(9, 3, 2), 110)).toEqual([5, 9, 12, 14, 15, 15, 14, 12, 9, 5]);
});

test("sums by hand", () => {
  expect(counts(rankLaw.sum(3, 2), 10)).toEqual([1, 1, 2, 2, 2, 1, 1]);
  expect(counts(rankLaw.sum(4, 2), 15)).toEqual([1, 1, 2, 2, 3, 2, 2, 1, 1]);
  expect(counts(rankLaw.sum(4, 3), 35)).toEqual([1, 1, 2, 3, 4, 4, 5, 4, 4, 3, 2, 1, 1]);
  expect(counts(rankLaw.sum(5, 3), 56)).toEqual([1, 1, 2, 3, 4, 5, 6, 6, 6, 6, 5, 4, 3, 2, 1, 1]);
});

test("order statistics and sums are those of the listed rank vectors", () => {
  for (const [n, m] of sizes(9)) {
    const vectors = rankVectors(n, m);
    const sums = rankLaw.sum(n, m);
    for (let u = 0; u <= n * m; u++) {
      const found = vectors.filter((r) => r.reduce((sum, rank) => sum + rank - 1, 0) === u).length;
      expect(sums[u]).toBeCloseTo(found / vectors.length, 12);
    }
    for (let zeta = 1; zeta <= m; zeta++) {
      const law = rankLaw.orderStatistic(n, m, zeta);
      for (let k = 1; k <= n + 1; k++) {
        const found = vectors.filter((r) => r[zeta - 1] === k).length;
        expect(Math.abs((law[k - 1] as number) - found / vectors.length)).toBeLessThan(1e-14);
      }
    }
  }
});

test("order statistics are symmetric, sum to 1, and are uniform for a batch of one", () => {
  for (const [n, m] of [
    [7, 3],
    [40, 25],
    [3, 100],
    [1000, 60],
  ] as const) {
    for (let zeta = 1; zeta <= m; zeta++) {
      const law = rankLaw.orderStatistic(n, m, zeta);
      const mirror = rankLaw.orderStatistic(n, m, m + 1 - zeta);
      expect(Math.abs(law.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
      for (const k of [0, 1, n >> 1, n - 1, n]) {
        expect(Math.abs((law[k] as number) / (mirror[n - k] as number) - 1)).toBeLessThan(1e-11);
      }
    }
  }
  for (const p of rankLaw.orderStatistic(9, 1, 1)) expect(p).toBeCloseTo(0.1, 14);
});

test("order statistics equal scipy's beta-binomial", () => {
  for (const { n, m, zeta, at, pmf } of reference.orderStatistics) {
    const law = rankLaw.orderStatistic(n, m, zeta);
    for (const [i, k] of at.entries()) {
      expect(Math.abs((law[k] as number) - (pmf[i] as number))).toBeLessThan(1e-10 * (pmf[i] as number) + 1e-300);
    }
  }
});

test("nothing overflows at n = 1e6, m = 1e5", () => {
  const law = rankLaw.orderStatistic(1_000_000, 100_000, 90_000);
  expect(Math.abs(law.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-9);
});

test("cumulative counts of sums equal Python's integers", () => {
  for (const { n, m, at, cumulative } of reference.gaussianBinomials) {
    const { total, atMost } = sumCounts(n, m);
    expect(total).toBe(binomialCoefficient(n + m, m));
    expect(at.map((u) => String(atMost(u)))).toEqual(cumulative);
  }
});

test("counts of sums are palindromic, unimodal, complete, and the same with n and m swapped", () => {
  for (const [n, m] of [
    [1, 1],
    [6, 5],
    [31, 4],
    [60, 23],
  ] as const) {
    const { total, atMost } = sumCounts(n, m);
    const single = Array.from({ length: n * m + 1 }, (_, u) => atMost(u) - atMost(u - 1));
    expect(single).toEqual(single.toReversed());
    for (let u = 1; 2 * u <= n * m; u++) expect(single[u]! >= single[u - 1]!).toBe(true);
    expect(single.reduce((a, b) => a + b)).toBe(total);
    const swapped = sumCounts(m, n);
    expect(Array.from({ length: n * m + 1 }, (_, u) => swapped.atMost(u))).toEqual(
      Array.from({ length: n * m + 1 }, (_, u) => atMost(u)),
    );
  }
});

test("tails of sums are those of scipy's exact Mann-Whitney test", () => {
  for (const { n, m, u, tail } of reference.mannWhitney) {
    const law = rankLaw.sum(n, m);
    const found = law.subarray(u).reduce((a, b) => a + b, 0);
    expect(Math.abs(found / tail - 1)).toBeLessThan(1e-9);
  }
});

test("boxes by hand", () => {
  const box = (n: number, m: number, zetas: number[], lower: number[], upper: number[]) =>
    rankLaw.box({ n, m, zetas, lower, upper });
  expect(box(5, 4, [1, 4], [1, 1], [6, 5])).toBeCloseTo(5 / 9, 14);
  expect(box(5, 4, [1, 4], [2, 1], [6, 5])).toBeCloseTo(5 / 18, 14);
  expect(box(6, 4, [2, 3], [2, 1], [7, 5])).toBeCloseTo(23 / 42, 14);
  expect(box(5, 5, [1, 3, 5], [1, 2, 2], [4, 5, 6])).toBeCloseTo(23 / 28, 14);
  expect(box(6, 5, [2, 4], [2, 3], [6, 6])).toBeCloseTo(289 / 462, 14);
});

test("boxes equal those counted in Python, as doubles and as counts", () => {
  for (const { count, probability, ...box } of reference.boxes) {
    expect(Math.abs(rankLaw.box(box) - probability)).toBeLessThan(1e-13);
    expect(boxCount(box)).toBe(BigInt(count));
  }
});

test("larger boxes equal exact counts and are monotone in their ends", () => {
  const base = { n: 60, m: 20, zetas: [5, 10, 16], lower: [6, 20, 35], upper: [25, 45, 58] };
  const probability = rankLaw.box(base);
  expect(Math.abs(probability / exactBoxProbability(base) - 1)).toBeLessThan(1e-12);
  for (let i = 0; i < 3; i++) {
    const wider = { ...base, upper: base.upper.map((rank, j) => rank + (i === j ? 1 : 0)) };
    const narrower = { ...base, lower: base.lower.map((rank, j) => rank + (i === j ? 1 : 0)) };
    expect(rankLaw.box(wider)).toBeGreaterThan(probability);
    expect(rankLaw.box(narrower)).toBeLessThan(probability);
  }
  expect(rankLaw.box({ ...base, lower: [1, 1, 1], upper: [61, 61, 61] })).toBeCloseTo(1, 12);
  expect(rankLaw.box({ ...base, lower: [20, 20, 35], upper: [10, 45, 58] })).toBe(0);
});

test("drawn rank vectors are uniform over H: chi-square at risk 1e-6", () => {
  // Upper 1e-6 quantiles of chi-square with 9, 34 and 55 degrees of freedom (scipy.stats.chi2.isf).
  for (const [n, m, quantile] of [
    [3, 2, 44.811],
    [4, 3, 88.383],
    [5, 3, 119.902],
  ] as const) {
    const uniform = uniformStream(5);
    const vectors = rankVectors(n, m);
    const seen = new Map(vectors.map((r) => [r.join(), 0]));
    const draws = 400 * vectors.length;
    for (let i = 0; i < draws; i++) {
      const drawn = rankLaw.sample(n, m, uniform).join();
      seen.set(drawn, (seen.get(drawn) as number) + 1);
    }
    expect(seen.size).toBe(vectors.length);
    const statistic = [...seen.values()].reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
    expect(statistic).toBeLessThan(quantile);
  }
});

test("errors", () => {
  expect(codeOf(() => rankLaw.orderStatistic(-1, 2, 1))).toBe("E_RANGE");
  expect(codeOf(() => rankLaw.orderStatistic(3, 0, 1))).toBe("E_RANGE");
  expect(codeOf(() => rankLaw.orderStatistic(3, 2, 3))).toBe("E_RANGE");
  expect(codeOf(() => rankLaw.orderStatistic(3, 2, 0))).toBe("E_RANGE");
  expect(codeOf(() => rankLaw.sum(3, 1.5))).toBe("E_RANGE");
  expect(codeOf(() => rankLaw.sum(100_000, 10_000))).toBe("E_RANGE");
  expect(codeOf(() => rankLaw.sample(3, 0, () => 0.5))).toBe("E_RANGE");
  const box = { n: 5, m: 4, zetas: [1, 3], lower: [1, 1], upper: [6, 6] };
  expect(codeOf(() => rankLaw.box({ ...box, zetas: [] }))).toBe("E_RANGE");
  expect(codeOf(() => rankLaw.box({ ...box, zetas: [3, 3] }))).toBe("E_RANGE at 1");
  expect(codeOf(() => rankLaw.box({ ...box, zetas: [1, 5] }))).toBe("E_RANGE at 1");
  expect(codeOf(() => rankLaw.box({ ...box, lower: [1] }))).toBe("E_LENGTH");
  expect(codeOf(() => rankLaw.box({ ...box, upper: [6, 7] }))).toBe("E_RANGE at 1");
  expect(codeOf(() => rankLaw.box({ ...box, lower: [0, 1] }))).toBe("E_RANGE");
});
