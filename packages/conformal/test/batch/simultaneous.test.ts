import { expect, test } from "vitest";
import { simultaneousIntervals, simultaneousThreshold } from "../../src/batch/index.ts";
import { orderStatisticQuantile } from "../../src/batch/orderStatisticLaw.ts";
import { codeOf } from "../codeOf.ts";

const scores = Array.from({ length: 500 }, (_, i) => ((77 * i) % 500) + 1);

test("a threshold for 90 of 100, by hand", () => {
  const at = (alpha: number) => simultaneousThreshold({ calibration: scores, m: 100, missedShare: 0.1, alpha });
  expect([0.01, 0.05, 0.1, 0.2, 0.3].map((alpha) => at(alpha).rank)).toEqual([479, 472, 467, 461, 456]);
  expect(at(0.1)).toEqual({
    threshold: 467,
    rank: 467,
    covered: 90,
    level: orderStatisticQuantile(500, 100, 90, 0.1).level,
    finite: true,
    guarantee: "batch",
  });
});

test("the covered number is rounded as the decimal was meant", () => {
  const covered = (m: number, missedShare: number) =>
    simultaneousThreshold({ calibration: scores, m, missedShare, alpha: 0.1 }).covered;
  expect([covered(10, 0.3), covered(10, 0.1), covered(7, 0.1), covered(1000, 0.059), covered(3, 1 / 3)]).toEqual([
    7, 9, 7, 941, 2,
  ]);
});

test("all of m are covered by a finite threshold iff n / (n + m) reaches the level", () => {
  const all = (n: number, m: number) => simultaneousThreshold({ calibration: scores.slice(0, n), m, alpha: 0.1 });
  expect(all(90, 10)).toMatchObject({ rank: 90, finite: true, level: expect.closeTo(0.9, 13) as number });
  expect(all(89, 10)).toMatchObject({ rank: 90, threshold: Infinity, finite: false, reason: "too-few-calibration" });
  expect(simultaneousThreshold({ calibration: [], m: 10, alpha: 0.1, sMax: 3 })).toMatchObject({
    threshold: 3,
    finite: true,
  });
});

test("more misses or more error never raise the threshold", () => {
  let last = Infinity;
  for (const missedShare of [0, 0.05, 0.1, 0.3, 0.9]) {
    const { threshold } = simultaneousThreshold({ calibration: scores, m: 40, missedShare, alpha: 0.1 });
    expect(threshold).toBeLessThanOrEqual(last);
    last = threshold;
  }
});

test("intervals for all points, with and without scales", () => {
  const batch = {
    calibrationPredictions: [1, 2, 3, 4, 5, 6, 7, 8],
    calibrationTargets: [1.5, 2.1, 2.8, 4.4, 5.3, 5.1, 7.6, 8],
    testPredictions: [10, 20],
    alpha: 0.2,
  };
  const found = simultaneousIntervals(batch);
  // Residuals .5 .1 .2 .4 .3 .9 .6 0: n = 8, m = 2 has P(R_2 <= 8) = 8/10.
  expect(found).toMatchObject({ rank: 8, level: expect.closeTo(0.8, 13) as number, covered: 2 });
  expect([...found.lower, ...found.upper].map((x) => Number(x.toFixed(9)))).toEqual([9.1, 19.1, 10.9, 20.9]);
  const scaled = simultaneousIntervals({ ...batch, calibrationScales: Array(8).fill(0.5), testScales: [1, 2] });
  expect([...scaled.lower, ...scaled.upper].map((x) => Number(x.toFixed(9)))).toEqual([8.2, 16.4, 11.8, 23.6]);
  expect(simultaneousIntervals({ ...batch, alpha: 0.1 }).upper[0]).toBe(Infinity);
  expect(codeOf(() => simultaneousIntervals({ ...batch, calibrationScales: [1] }))).toBe("E_SIGMA");
  expect(codeOf(() => simultaneousIntervals({ ...batch, testScales: [1, 1] }))).toBe("E_SIGMA");
  const scales = { calibrationScales: Array<number>(8).fill(1), testScales: [1, 0] };
  expect(codeOf(() => simultaneousIntervals({ ...batch, ...scales }))).toBe("E_SIGMA at 1");
  expect(codeOf(() => simultaneousIntervals({ ...batch, ...scales, testScales: [1] }))).toBe("E_LENGTH");
  expect(codeOf(() => simultaneousIntervals({ ...batch, calibrationTargets: [1] }))).toBe("E_LENGTH");
  expect(codeOf(() => simultaneousIntervals({ ...batch, testPredictions: [1, NaN] }))).toBe("E_NAN at 1");
  expect(codeOf(() => simultaneousIntervals({ ...batch, testPredictions: [] }))).toBe("E_RANGE");
});

test("errors", () => {
  const good = { calibration: scores, m: 10, alpha: 0.1 };
  for (const missedShare of [-0.1, 1, NaN])
    expect(codeOf(() => simultaneousThreshold({ ...good, missedShare }))).toBe("E_RANGE");
  expect(codeOf(() => simultaneousThreshold({ ...good, alpha: 2 }))).toBe("E_ALPHA");
  expect(codeOf(() => simultaneousThreshold({ ...good, m: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => simultaneousThreshold({ ...good, calibration: [0, NaN] }))).toBe("E_NAN at 1");
  expect(codeOf(() => simultaneousThreshold({ ...good, sMax: 10 }))).toMatch(/^E_RANGE at /);
});
