import fc from "fast-check";
import { expect, test } from "vitest";
import { binomialUpperTail } from "../../src/base/binomial.ts";
import { uniformStream } from "../../src/base/random.ts";
import { sizeErrorCorrelation } from "../../src/metrics/correlation.ts";
import { sizeCoverageDependence } from "../../src/metrics/hsic.ts";
import { worstSlab } from "../../src/metrics/slab.ts";
import { featureStratifiedCoverage, sizeStratifiedCoverage } from "../../src/metrics/strata.ts";
import { worstSlabCoverage } from "../../src/metrics/worstSlabCoverage.ts";
import { codeOf } from "../codeOf.ts";
import { intervals, reference } from "./reference.ts";

const sets = [[0], [0, 1], [2], [], [0, 1, 2], [1]].map((labels) => ({ labels }));
const labels = [0, 2, 2, 1, 1, 0];

test("size strata by hand", () => {
  expect(
    sizeStratifiedCoverage(sets, labels).map(({ from, to, count, covered }) => [from, to, count, covered]),
  ).toEqual([
    [0, 0, 1, 0],
    [1, 1, 3, 2],
    [2, 2, 1, 0],
    [3, 3, 1, 1],
  ]);
  expect(sizeStratifiedCoverage(sets, labels, { bins: 2 }).map(({ from, to, count }) => [from, to, count])).toEqual([
    [0, 0, 1],
    [1, 3, 5],
  ]);
});

test("strata hold every example once, about equally many, and never part equal values", () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (feature, bins) => {
      const all = feature.map(() => ({ labels: [0] }));
      const truths = feature.map((_, i) => i % 2);
      const strata = featureStratifiedCoverage(all, truths, feature, { bins });
      expect(strata.length).toBeLessThanOrEqual(bins);
      expect(strata.reduce((sum, { count }) => sum + count, 0)).toBe(feature.length);
      strata.forEach(({ from, to, count }, i) => {
        expect(count).toBe(feature.filter((x) => x >= from && x <= to).length);
        if (i > 0) expect(from).toBeGreaterThan(strata[i - 1]?.to as number);
      });
      if (new Set(feature.map((x) => x + 0)).size === feature.length) {
        expect(strata.length).toBe(Math.min(bins, feature.length));
        for (const { count } of strata) expect(Math.abs(count - feature.length / strata.length)).toBeLessThan(1);
      }
    }),
  );
});

test("HSIC and correlations equal full matrices in numpy, and scipy", () => {
  expect(sizeCoverageDependence(intervals, reference.truth)).toBeCloseTo(reference.hsic, 14);
  const errors = intervals.map(({ lower, upper }, i) => Math.abs((reference.truth[i] as number) - (lower + upper) / 2));
  const { pearson, spearman } = sizeErrorCorrelation(intervals, errors);
  expect(pearson).toBeCloseTo(reference.pearson, 12);
  expect(spearman).toBeCloseTo(reference.spearman, 12);
});

test("HSIC is free of units and order, 0 without dependence", () => {
  const scaled = intervals.map(({ lower, upper }) => ({ lower: 8 * lower, upper: 8 * upper }));
  const truth = reference.truth.map((y) => 8 * y);
  expect(sizeCoverageDependence(scaled, truth)).toBeCloseTo(reference.hsic, 14);
  expect(sizeCoverageDependence(scaled.toReversed(), truth.toReversed())).toBe(sizeCoverageDependence(scaled, truth));
  // Half of each size is covered: exactly independent.
  const independent = [[0], [0], [0, 1], [0, 1], [0, 1, 2], [0, 1, 2]].map((list) => ({ labels: list }));
  expect(sizeCoverageDependence(independent, [0, 9, 0, 9, 0, 9])).toBe(0);
  expect(sizeCoverageDependence(independent, [0, 0, 0, 9, 9, 9])).toBeGreaterThan(0.01);
  expect(sizeCoverageDependence([{ labels: [1] }, { labels: [2] }], [1, 1])).toBe(0);
});

test("correlation: constant sizes say nothing, infinite ones have ranks", () => {
  expect(sizeErrorCorrelation([{ labels: [0] }, { labels: [1] }], [1, 2])).toEqual({
    pearson: Number.NaN,
    spearman: Number.NaN,
  });
  const three = [1, 2, Infinity].map((upper) => ({ lower: 0, upper }));
  expect(sizeErrorCorrelation(three, [5, 6, 7])).toEqual({ pearson: Number.NaN, spearman: 1 });
});

test("the worst run equals trying all of them", () => {
  for (const { values, flags, least, hits, count } of reference.slabs) {
    const { from, to, covered } = worstSlab(Float64Array.from(values), Uint8Array.from(flags), least);
    expect(covered * count).toBe(hits * (to - from));
    expect(to - from).toBeGreaterThanOrEqual(least);
    expect(flags.slice(from, to).reduce((sum, flag) => sum + flag, 0)).toBe(covered);
  }
});

/** Coverage 0.9 everywhere, or 0.5 in a slab across the square and 0.96 elsewhere. */
function square(count: number, seed: number, uneven: boolean) {
  const uniform = uniformStream(seed);
  const features = Array.from({ length: count }, () => [uniform(), 100 * uniform()] as const);
  const truths = features.map(([x, y]) => {
    const inSlab = Math.abs(x + y / 100 - 1) < 0.15;
    return uniform() < (uneven ? (inSlab ? 0.5 : 0.96) : 0.9) ? 0 : 1;
  });
  return { features, truths, regions: features.map(() => ({ labels: [0] })) };
}

test("the worst slab is found where it is, and measured on other examples", () => {
  const { features, truths, regions } = square(2000, 5, true);
  const found = worstSlabCoverage(regions, truths, features, { directions: 200, slabShare: 0.2 });
  expect(found.upper).toBeLessThan(0.75);
  expect(found.searchCoverage).toBeLessThan(0.65);
  // The direction x + y/100, up to a factor.
  const [a = 0, b = 0] = found.direction;
  expect(b / a).toBeGreaterThan(0.005);
  expect(b / a).toBeLessThan(0.02);
  const inside = features.filter(([x, y]) => a * x + b * y >= found.from && a * x + b * y <= found.to);
  expect(inside.length).toBeGreaterThanOrEqual(0.2 * 1000);
});

test("without a bad slab the measured coverage is not biased, though the searched one is", () => {
  let covered = 0;
  let count = 0;
  for (let seed = 0; seed < 20; seed++) {
    const { features, truths, regions } = square(400, seed, false);
    const found = worstSlabCoverage(regions, truths, features, { directions: 30, seed });
    expect(found.searchCoverage).toBeLessThan(0.9);
    covered += found.covered;
    count += found.count;
  }
  expect(binomialUpperTail(count - covered, count, 0.1)).toBeGreaterThan(1e-6);
});

test("bad input", () => {
  const features = intervals.map(({ lower }) => [lower]);
  const wsc = (options: object, rows: number[][] = features) =>
    codeOf(() => worstSlabCoverage(intervals, reference.truth, rows, options));
  expect(wsc({}, [[1]])).toBe("E_LENGTH");
  expect(
    wsc(
      {},
      features.map((_, i) => (i === 3 ? [Number.NaN] : [1])),
    ),
  ).toBe("E_NAN at 3");
  expect(
    wsc(
      {},
      features.map((_, i) => (i === 3 ? [Infinity] : [1])),
    ),
  ).toBe("E_RANGE at 3");
  expect(
    wsc(
      {},
      features.map(() => []),
    ),
  ).toBe("E_RANGE");
  expect(wsc({ slabShare: 0 })).toBe("E_ALPHA");
  expect(wsc({ searchShare: 1 })).toBe("E_ALPHA");
  expect(wsc({ searchShare: 0.001 })).toBe("E_RANGE");
  expect(wsc({ directions: 0 })).toBe("E_RANGE");
  expect(wsc({ seed: -1 })).toBe("E_RANGE");
  expect(codeOf(() => sizeStratifiedCoverage([], []))).toBe("E_RANGE");
  expect(codeOf(() => sizeStratifiedCoverage(intervals, reference.truth, { bins: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => featureStratifiedCoverage(sets, labels, [1, 2, 3, Number.NaN, 5, 6]))).toBe("E_NAN at 3");
  expect(codeOf(() => sizeCoverageDependence([{ lower: 0, upper: Infinity }], [0]))).toBe("E_RANGE at 0");
  expect(codeOf(() => sizeCoverageDependence(intervals, reference.truth, { bandwidth: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => sizeErrorCorrelation(sets, [1, 2, 3, 4, 5, Number.NaN]))).toBe("E_NAN at 5");
});
