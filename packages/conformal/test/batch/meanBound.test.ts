import fc from "fast-check";
import { expect, test } from "vitest";
import { meanBound, type MeanBoundOptions } from "../../src/batch/index.ts";
import { ratio } from "../../src/batch/allowance.ts";
import { sumCounts } from "../../src/batch/sumCounts.ts";
import { acceptBySum, acceptWithoutLastRank } from "../../src/batch/sumLaw.ts";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { codeOf } from "../codeOf.ts";
import { mean, rankVectors } from "./enumerate.ts";
import { reference } from "./reference.ts";

const three = [0.35, 0.1, 0.9, 0.3];
const unit = { sMin: 0, sMax: 1 };
const both = (alpha: number, method: "exact" | "hull" = "exact") => {
  const shared = { calibration: three, m: 2, alpha, method, ...unit };
  const upper = meanBound({ ...shared, side: "upper" });
  const lower = meanBound({ ...shared, side: "lower" });
  return { upper, lower };
};

test("a mean of two, by hand", () => {
  const close = (value: number) => expect.closeTo(value, 12) as number;
  expect(both(0.1)).toEqual({
    upper: { upper: close(0.95), upperRanks: [4, 5], level: 14 / 15, finite: true, guarantee: "batch" },
    lower: { lower: close(0.05), lowerRanks: [0, 1], level: 14 / 15, finite: true, guarantee: "batch" },
  });
  expect(both(0.2)).toMatchObject({
    upper: { upper: close(0.9), upperRanks: [4, 4], level: close(13 / 15) },
    lower: { lower: close(0.1), lowerRanks: [1, 1] },
  });
  expect(both(0.3)).toMatchObject({
    upper: { upper: close(0.65), upperRanks: [2, 5], level: close(11 / 15) },
    lower: { lower: close(0.175) },
  });
  expect(both(0.5)).toMatchObject({
    upper: { upper: close(0.6), upperRanks: [2, 4], level: close(3 / 5) },
    lower: { lower: close(0.225) },
  });
  expect(both(0.05)).toMatchObject({ upper: { upper: 1, reason: "too-few-calibration" }, lower: { lower: 0 } });
  expect(both(0.3, "hull").upper.upper).toBeCloseTo(0.7666666667, 9);
  expect(both(0.5, "hull").upper.upper).toBeCloseTo(0.6333333333, 9);
});

test("largest accepted rank sums by hand", () => {
  expect([0.1, 0.2, 0.3, 0.5, 0.05].map((alpha) => acceptBySum(4, 2, alpha).rankSum)).toEqual([9, 8, 7, 6, 10]);
  const lexicographic = acceptWithoutLastRank;
  expect(lexicographic(18, 2, 0.1)).toEqual({ rankSum: 36, largestRank: 18, level: 0.9 });
  expect(lexicographic(18, 2, 0.2).rankSum).toBe(29);
  expect(lexicographic(12, 3, 0.2)).toMatchObject({ rankSum: 36, level: 0.8 });
  expect(lexicographic(8, 2, 0.3).rankSum).toBe(13);
});

test("independent ranks would give quantiles that fall short of the level", () => {
  // First the exact quantile of the rank sum, then what the authors' code samples, and the level that this really has.
  for (const [n, m, alpha, exact, independent, level] of [
    [40, 10, 0.05, 278, 272, 0.93447],
    [40, 10, 0.1, 263, 258, 0.87818],
    [40, 10, 0.2, 245, 242, 0.78177],
    [100, 5, 0.05, 365, 363, 0.94803],
    [100, 5, 0.1, 341, 340, 0.8975],
    [100, 5, 0.2, 312, 311, 0.79674],
    [200, 40, 0.05, 4700, 4644, 0.93405],
    [200, 40, 0.1, 4555, 4511, 0.87977],
    [200, 40, 0.2, 4378, 4350, 0.78001],
  ] as const) {
    expect(acceptBySum(n, m, alpha).rankSum).toBe(exact);
    const { total, atMost } = sumCounts(n, m);
    expect(ratio(atMost(independent - m), total)).toBeCloseTo(level, 5);
    expect(level).toBeLessThan(1 - alpha);
  }
});

test("quantiles of rank sums equal exact ones", () => {
  for (const { n, m, quantiles } of reference.gaussianBinomials) {
    for (const [alpha, rankSum, level] of quantiles) {
      const found = acceptBySum(n, m, alpha);
      expect(found.rankSum).toBe(rankSum);
      expect(found.level).toBeCloseTo(level, 14);
    }
  }
});

test("bounds equal those over all listed rank vectors, with and without ties", () => {
  for (const { n, m, alpha, scores, sum, meanUpper, meanLower, lexicographic } of reference.enumerated) {
    const shared = { calibration: scores, m, alpha, ...unit };
    const upper = meanBound({ ...shared, ordering: "sum" });
    const lower = meanBound({ ...shared, ordering: "sum", side: "lower" });
    expect(acceptBySum(n, m, alpha).rankSum).toBe(sum[0]);
    expect([upper.level, lower.level]).toEqual([expect.closeTo(sum[1], 13), expect.closeTo(sum[1], 13)]);
    expect(upper.upper).toBeCloseTo(meanUpper, 13);
    expect(lower.lower).toBeCloseTo(meanLower, 13);
    expect(mean(upper.upperRanks!.map((r) => [0, ...scores, 1][r] as number))).toBeCloseTo(meanUpper, 13);
    const hull = meanBound({ ...shared, ordering: "sum", method: "hull" });
    expect(hull.upper).toBeGreaterThanOrEqual(meanUpper - 1e-13);
    const free = meanBound({ calibration: scores, m, alpha });
    if (lexicographic === undefined) expect(free).toMatchObject({ upper: Infinity, reason: "too-few-calibration" });
    else {
      expect(free.upper).toBeCloseTo(lexicographic[2], 13);
      expect(free.level).toBeCloseTo(lexicographic[1], 13);
      expect(free.finite).toBe(true);
    }
  }
});

test("a batch of one is split conformal prediction", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 999 }),
      (calibration, thousandths) => {
        const alpha = thousandths / 1000;
        const quantile = conformalQuantile(calibration, alpha);
        for (const ordering of ["sum", "lexicographic", "auto"] as const) {
          const bound = meanBound({ calibration, m: 1, alpha, ordering });
          expect(bound.upper).toBe(quantile.value);
          expect(bound.level).toBeCloseTo(quantile.level, 13);
        }
      },
    ),
  );
});

const batches = fc.record({
  calibration: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 25 }),
  m: fc.integer({ min: 1, max: 9 }),
  alpha: fc.constantFrom(0.05, 0.1, 0.2, 0.4, 0.7),
  ordering: fc.constantFrom("sum", "lexicographic", "auto"),
});

test("bounds contain every batch with accepted ranks", () => {
  const calibration = [0.9, 0.2, 0.4, 0.75, 0.1];
  const sorted = [0, ...calibration.toSorted(), 1];
  for (const alpha of [0.1, 0.3, 0.6]) {
    const { rankSum } = acceptBySum(5, 3, alpha);
    const upper = meanBound({ calibration, m: 3, alpha, ...unit, ordering: "sum" }).upper as number;
    const lower = meanBound({ calibration, m: 3, alpha, ...unit, ordering: "sum", side: "lower" }).lower as number;
    for (const ranks of rankVectors(5, 3)) {
      const sum = ranks.reduce((a, b) => a + b);
      // The extreme scores with these ranks: just above the score below, and the score itself.
      if (sum <= rankSum) expect(mean(ranks.map((r) => sorted[r] as number))).toBeLessThanOrEqual(upper + 1e-12);
      if (sum >= 3 * 7 - rankSum) {
        expect(mean(ranks.map((r) => sorted[r - 1] as number))).toBeGreaterThanOrEqual(lower - 1e-12);
      }
    }
  }
});

test("affine maps of the scores carry over; bounds are nested in alpha; the lower bound mirrors the upper one", () => {
  fc.assert(
    fc.property(
      batches,
      fc.constantFrom(0.5, 3, 100),
      fc.constantFrom(-7, 0, 2.5),
      ({ ordering, ...batch }, scale, shift) => {
        const options = { ...batch, ordering, sMin: -1, sMax: 1 } as MeanBoundOptions;
        const bound = meanBound(options).upper as number;
        const map = (s: number) => scale * s + shift;
        const mapped = meanBound({ ...options, calibration: batch.calibration.map(map), sMin: map(-1), sMax: map(1) });
        expect(Math.abs((mapped.upper as number) - map(bound))).toBeLessThan(1e-9 * (scale + Math.abs(shift)));
        expect(meanBound({ ...options, alpha: batch.alpha / 2 }).upper).toBeGreaterThanOrEqual(bound - 1e-12);
        const negated = meanBound({ ...options, calibration: batch.calibration.map((s) => -s), side: "lower" });
        expect(negated.lower).toBe(0 - bound);
        const two = meanBound({ ...options, side: "both" });
        expect(two.upper).toBe(meanBound({ ...options, alpha: batch.alpha / 2 }).upper);
        expect(two.lower).toBe(meanBound({ ...options, alpha: batch.alpha / 2, side: "lower" }).lower);
        expect(two.level).toBeGreaterThanOrEqual(1 - batch.alpha - 1e-12);
        const hull = meanBound({ ...options, method: "hull" });
        expect(hull.upper).toBeGreaterThanOrEqual(bound - 1e-12);
        expect(hull.upperRanks === undefined || hull.reason === undefined).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});

test("is the same in every order, and leaves the scores alone", () => {
  const calibration = Float64Array.of(0.3, -0.7, 0.1, 0.1 + 0.2, 0.9, -0, 0);
  const copy = calibration.slice();
  const bound = meanBound({ calibration, m: 4, alpha: 0.3, side: "both", sMin: -1, sMax: 1 });
  expect(calibration).toEqual(copy);
  const turned = meanBound({
    calibration: calibration.toReversed(),
    m: 4,
    alpha: 0.3,
    side: "both",
    sMin: -1,
    sMax: 1,
  });
  expect(turned).toEqual(bound);
});

test("random rank vectors: near the exact quantile, infinite where there are too few of them, repeatable", () => {
  const calibration = Array.from({ length: 60 }, (_, i) => i / 60);
  const shared = { calibration, m: 8, alpha: 0.1, ...unit } as const;
  const exact = meanBound(shared).upper as number;
  const sampled = meanBound({ ...shared, method: "montecarlo", draws: 999 });
  expect(Math.abs((sampled.upper as number) - exact)).toBeLessThan(0.05);
  expect(sampled.level).toBe(0.9);
  expect(meanBound({ ...shared, method: "montecarlo", draws: 999 })).toEqual(sampled);
  expect(meanBound({ ...shared, method: "montecarlo", draws: 999, seed: 3 }).upper).not.toBe(sampled.upper);
  const few = meanBound({ ...shared, method: "montecarlo", draws: 8 });
  expect(few).toMatchObject({ upper: 1, level: 1, reason: "too-few-calibration" });
  expect(meanBound({ ...shared, method: "montecarlo", draws: 9 }).level).toBe(0.9);
  const free = meanBound({ calibration, m: 5, alpha: 0.2, method: "montecarlo", draws: 99 });
  expect(free.finite).toBe(true);
  expect(meanBound({ calibration: [1, 2, 3], m: 5, alpha: 0.2, method: "montecarlo", draws: 99 }).upper).toBe(Infinity);
});

test("too few points are said to be so", () => {
  expect(meanBound({ calibration: [1, 2], m: 2, alpha: 0.1 })).toMatchObject({
    upper: Infinity,
    finite: false,
    reason: "too-few-calibration",
  });
  expect(meanBound({ calibration: [], m: 2, alpha: 0.1, side: "both" })).toEqual({
    lower: -Infinity,
    upper: Infinity,
    lowerRanks: [0, 0],
    upperRanks: [1, 1],
    level: 1,
    finite: false,
    reason: "too-few-calibration",
    guarantee: "batch",
  });
  const infeasible = { calibration: [1, 2], m: 2, alpha: 0.1, ordering: "lexicographic", sMax: 5 } as const;
  expect(meanBound(infeasible)).toMatchObject({ upper: 5, level: 1, finite: true, reason: "too-few-calibration" });
  // An ordering by sum may be finite without sMax when alpha is large.
  expect(meanBound({ calibration: [1, 2, 3, 4], m: 2, alpha: 0.7, ordering: "sum" }).finite).toBe(true);
});

test("errors", () => {
  const good = { calibration: three, m: 2, alpha: 0.1 };
  for (const alpha of [0, 1, NaN]) expect(codeOf(() => meanBound({ ...good, alpha }))).toBe("E_ALPHA");
  for (const m of [0, 1.5]) expect(codeOf(() => meanBound({ ...good, m }))).toBe("E_RANGE");
  expect(codeOf(() => meanBound({ ...good, calibration: [1, NaN, 2] }))).toBe("E_NAN at 1");
  expect(codeOf(() => meanBound({ ...good, calibration: [1, Infinity] }))).toBe("E_RANGE at 1");
  expect(codeOf(() => meanBound({ ...good, sMax: 0.5 }))).toBe("E_RANGE at 2");
  expect(codeOf(() => meanBound({ ...good, side: "up" as "upper" }))).toBe("E_RANGE");
  expect(codeOf(() => meanBound({ ...good, method: "fast" as "hull" }))).toBe("E_RANGE");
  expect(codeOf(() => meanBound({ ...good, ordering: "size" as "sum" }))).toBe("E_RANGE");
  expect(codeOf(() => meanBound({ ...good, draws: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => meanBound({ ...good, seed: -1 }))).toBe("E_RANGE");
});
