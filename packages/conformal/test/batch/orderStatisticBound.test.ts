import fc from "fast-check";
import { expect, test } from "vitest";
import { medianBound, orderStatisticBound } from "../../src/batch/index.ts";
import { orderStatisticQuantile } from "../../src/batch/orderStatisticLaw.ts";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { codeOf } from "../codeOf.ts";
import { reference } from "./reference.ts";

const ranksAt = (n: number, m: number, zeta: number) =>
  [0.01, 0.05, 0.1, 0.2].map((alpha) => orderStatisticQuantile(n, m, zeta, alpha).rank);

test("ranks at larger sizes", () => {
  expect(ranksAt(200, 100, 90)).toEqual([194, 190, 188, 186]);
  expect(ranksAt(500, 100, 90)).toEqual([479, 472, 467, 461]);
  expect(ranksAt(1000, 100, 100)).toEqual([1001, 1001, 1000, 999]);
  expect(ranksAt(1000, 100, 90)).toEqual([955, 940, 932, 920]);
  expect(ranksAt(2000, 100, 100)).toEqual([2001, 2000, 1999, 1997]);
  expect(ranksAt(2000, 100, 97)).toEqual([1986, 1975, 1967, 1956]);
  expect(ranksAt(2000, 100, 95)).toEqual([1967, 1950, 1939, 1923]);
  expect(ranksAt(200, 40, 20)).toEqual([138, 127, 120, 113]);
  expect(orderStatisticQuantile(200, 100, 90, 0.05).level).toBeCloseTo(0.9506837619, 10);
  expect(orderStatisticQuantile(200, 100, 90, 0.1).level).toBeCloseTo(0.9020427773, 10);
});

test("ranks at small sizes", () => {
  expect([1, 2].map((zeta) => orderStatisticQuantile(3, 2, zeta, 0.3).rank)).toEqual([2, 4]);
  expect([0.1, 0.2, 0.3, 0.5].map((alpha) => orderStatisticQuantile(4, 3, 2, alpha).rank)).toEqual([5, 4, 4, 3]);
});

test("exactly the wanted level is enough, where Bonferroni's correction has no finite answer", () => {
  const all = orderStatisticQuantile(20, 5, 5, 0.2);
  expect([all.rank, all.level]).toEqual([20, 0.8]);
  const ten = orderStatisticQuantile(50, 10, 10, 0.2);
  expect(ten.rank).toBe(50);
  expect(ten.level).toBeCloseTo(5 / 6, 14);
  const scores = Array.from({ length: 20 }, (_, i) => i);
  expect(conformalQuantile(scores, 0.2 / 5).finite).toBe(false);
  expect(orderStatisticBound({ calibration: scores, m: 5, zeta: 5, alpha: 0.2 }).upper).toBe(19);
});

test("ties with the level are exact at sizes where doubles can't tell", () => {
  // P(R_m <= n) = n / (n + m), which is exactly 9/10 here.
  for (const [n, m] of [
    [9, 1],
    [900, 100],
    [90_000, 10_000],
  ] as const) {
    expect(orderStatisticQuantile(n, m, m, 0.1).rank).toBe(n);
    expect(orderStatisticQuantile(n - 1, m, m, 0.1).rank).toBe(n);
    expect(orderStatisticQuantile(n, m, m, 1 - 0.9).rank).toBe(n);
    expect(orderStatisticQuantile(n, m, m, 0.1 - 1e-14).rank).toBe(n + 1);
  }
});

test("quantiles equal exact rational ones", () => {
  for (const { n, m, zeta, alpha, rank, level } of reference.orderQuantiles) {
    const found = orderStatisticQuantile(n, m, zeta, alpha);
    expect(found.rank).toBe(rank);
    expect(found.level).toBeCloseTo(level, 12);
  }
  for (const { n, m, alpha, order } of reference.enumerated) {
    for (const [i, [rank, level]] of order.entries()) {
      const found = orderStatisticQuantile(n, m, i + 1, alpha);
      expect(found.rank).toBe(rank);
      expect(found.level).toBeCloseTo(level, 13);
    }
  }
});

test("a batch of one is split conformal prediction", () => {
  const score = fc.double({ noNaN: true });
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 999 }),
      (calibration, thousandths) => {
        const alpha = thousandths / 1000;
        const quantile = conformalQuantile(calibration, alpha);
        const bound = orderStatisticBound({ calibration, m: 1, zeta: 1, alpha });
        expect([bound.upper, bound.upperRank]).toEqual([quantile.value, quantile.rank]);
        expect(bound.level).toBeCloseTo(quantile.level, 12);
      },
    ),
  );
});

const nine = [0.42, 0.11, 0.73, 0.28, 0.95, 0.05, 0.61, 0.37, 0.54];

test("both sides of a median", () => {
  // P(2 <= R_2 <= 9) = 10/11 for n = 9, m = 3.
  const bound = orderStatisticBound({ calibration: nine, m: 3, zeta: 2, alpha: 0.2, side: "both" });
  expect(bound).toEqual({
    lower: 0.05,
    upper: 0.95,
    lowerRank: 1,
    upperRank: 9,
    level: expect.closeTo(10 / 11, 13) as number,
    finite: true,
    guarantee: "batch",
  });
  expect(medianBound({ calibration: nine, m: 3, alpha: 0.2, side: "both" })).toEqual(bound);
});

test("the lower bound mirrors the upper bound", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(),
      fc.constantFrom(0.01, 0.1, 0.25, 0.5, 0.9),
      (calibration, m, pick, alpha) => {
        const zeta = 1 + (pick % m);
        const lower = orderStatisticBound({ calibration, m, zeta, alpha, side: "lower", sMin: -10 });
        const negated = calibration.map((s) => -s);
        const upper = orderStatisticBound({ calibration: negated, m, zeta: m + 1 - zeta, alpha, sMax: 10 });
        expect(lower.lower).toBe(-(upper.upper as number) + 0);
        expect(lower.level).toBe(upper.level);
        const both = orderStatisticBound({ calibration, m, zeta, alpha, side: "both", sMin: -10, sMax: 10 });
        const each = orderStatisticBound({ calibration, m, zeta, alpha: alpha / 2, side: "lower", sMin: -10 });
        expect(both.lower).toBe(each.lower);
        expect(both.lower).toBeLessThanOrEqual(lower.lower as number);
      },
    ),
  );
});

test("an even batch has bounds for either middle score", () => {
  const lower = orderStatisticBound({ calibration: nine, m: 4, zeta: 2, alpha: 0.1, side: "lower" });
  const upper = orderStatisticBound({ calibration: nine, m: 4, zeta: 3, alpha: 0.1 });
  const median = medianBound({ calibration: nine, m: 4, alpha: 0.2, side: "both" });
  expect([median.lower, median.upper]).toEqual([lower.lower, upper.upper]);
});

test("too few points are said to be so", () => {
  const few = { calibration: [1, 2], m: 3, zeta: 3, alpha: 0.1 };
  expect(orderStatisticBound(few)).toEqual({
    upper: Infinity,
    upperRank: 3,
    level: 1,
    finite: false,
    reason: "too-few-calibration",
    guarantee: "batch",
  });
  expect(orderStatisticBound({ ...few, sMax: 9 })).toMatchObject({
    upper: 9,
    finite: true,
    reason: "too-few-calibration",
  });
  expect(orderStatisticBound({ ...few, side: "lower", zeta: 1 })).toMatchObject({ lower: -Infinity, lowerRank: 0 });
  expect(orderStatisticBound({ ...few, calibration: [] })).toMatchObject({ upper: Infinity, upperRank: 1, level: 1 });
});

test("is the same in every order, and leaves the scores alone", () => {
  const scores = Float64Array.from(nine);
  const copy = scores.slice();
  const bound = orderStatisticBound({ calibration: scores, m: 3, zeta: 1, alpha: 0.1 });
  expect(scores).toEqual(copy);
  expect(orderStatisticBound({ calibration: nine.toReversed(), m: 3, zeta: 1, alpha: 0.1 })).toEqual(bound);
});

test("bounds are nested in alpha and in zeta", () => {
  const upper = (zeta: number, alpha: number) =>
    orderStatisticBound({ calibration: nine, m: 5, zeta, alpha }).upper as number;
  for (const [a, b] of [
    [0.05, 0.1],
    [0.1, 0.3],
    [0.3, 0.7],
  ] as const) {
    for (let zeta = 1; zeta < 5; zeta++) {
      expect(upper(zeta, a)).toBeGreaterThanOrEqual(upper(zeta, b));
      expect(upper(zeta + 1, a)).toBeGreaterThanOrEqual(upper(zeta, a));
    }
  }
});

test("errors", () => {
  const good = { calibration: nine, m: 3, zeta: 2, alpha: 0.1 };
  for (const alpha of [0, 1, -0.1, NaN]) expect(codeOf(() => orderStatisticBound({ ...good, alpha }))).toBe("E_ALPHA");
  for (const m of [0, 1.5, NaN]) expect(codeOf(() => orderStatisticBound({ ...good, m }))).toBe("E_RANGE");
  for (const zeta of [0, 4, 1.5]) expect(codeOf(() => orderStatisticBound({ ...good, zeta }))).toBe("E_RANGE");
  expect(codeOf(() => orderStatisticBound({ ...good, side: "left" as "lower" }))).toBe("E_RANGE");
  expect(codeOf(() => orderStatisticBound({ ...good, calibration: [1, NaN] }))).toBe("E_NAN at 1");
  expect(codeOf(() => orderStatisticBound({ ...good, sMax: 0.9 }))).toBe("E_RANGE at 4");
  expect(codeOf(() => orderStatisticBound({ ...good, sMin: 0.1 }))).toBe("E_RANGE at 5");
  expect(codeOf(() => orderStatisticBound({ ...good, sMin: 2, sMax: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => orderStatisticBound({ ...good, sMax: NaN }))).toBe("E_NAN");
  expect(codeOf(() => medianBound({ ...good, m: 0 }))).toBe("E_RANGE");
});
