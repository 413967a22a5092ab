import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compositionalBound,
  meanBound,
  orderStatisticBound,
  type RankOrdering,
  rankOrderings,
  type ScoreStatistic,
  scoreStatistics,
} from "../../src/batch/index.ts";
import { codeOf } from "../codeOf.ts";
import { mean, rankVectors } from "./enumerate.ts";
import { reference } from "./reference.ts";

const unit = { sMin: 0, sMax: 1 };
const batches = fc.record({
  calibration: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
  m: fc.integer({ min: 1, max: 6 }),
  alpha: fc.constantFrom(0.05, 0.1, 0.3, 0.6),
  side: fc.constantFrom("upper" as const, "lower" as const, "both" as const),
});

test("the mean by sums of ranks is meanBound, bounded and unbounded", () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const close = (value: number | undefined) =>
        Number.isFinite(value) ? expect.closeTo(value as number, 12) : value;
      const bySum = meanBound({ ...batch, ...unit, ordering: "sum" });
      const same = compositionalBound({ ...batch, ...unit, phi: scoreStatistics.mean, psi: rankOrderings.sum });
      expect([same.lower, same.upper]).toEqual([close(bySum.lower), close(bySum.upper)]);
      expect(same.level).toBeCloseTo(bySum.level, 12);
      if (batch.side === "both") return;
      const psi =
        batch.side === "upper"
          ? rankOrderings.lastRankLast(rankOrderings.sum)
          : rankOrderings.firstRankFirst(rankOrderings.sum);
      const free = meanBound({ ...batch, ordering: "lexicographic" });
      const freeToo = compositionalBound({ ...batch, phi: scoreStatistics.mean, psi });
      expect([freeToo.lower, freeToo.upper]).toEqual([close(free.lower), close(free.upper)]);
      expect([freeToo.finite, freeToo.level]).toEqual([free.finite, expect.closeTo(free.level, 12)]);
    }),
  );
});

test("the largest score by the largest rank is an order statistic", () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const { largest } = scoreStatistics;
      const found = compositionalBound({ ...batch, phi: largest, psi: rankOrderings.largest });
      const known = orderStatisticBound({ ...batch, zeta: batch.m });
      expect([found.lower, found.upper]).toEqual([known.lower, known.upper]);
      expect(found.level).toBeCloseTo(known.level, 12);
    }),
  );
});

test("weighted sums of the two largest scores equal those over all listed rank vectors", () => {
  for (const { m, alpha, scores, top } of reference.enumerated.filter((_, i) => i % 3 === 0)) {
    if (top === undefined) continue;
    const [level, upper] = top;
    const psi = rankOrderings.top([1, 1]);
    const found = compositionalBound({
      calibration: scores,
      m,
      alpha,
      phi: scoreStatistics.top([1, 0.5]),
      psi,
      ...unit,
    });
    expect([found.level, found.upper]).toEqual([expect.closeTo(level, 12), expect.closeTo(upper, 12)]);
  }
});

test("a statistic and an ordering of one's own, against all listed rank vectors", () => {
  // The range of a batch isn't monotone, but the mean of its middle is: the smallest and the largest score are dropped.
  const trimmed: ScoreStatistic = {
    start: 0,
    step: (value, score, position, m) => (position === 1 || position === m ? value : value + score / (m - 2)),
  };
  const inner: RankOrdering = {
    start: 0,
    step: (state, rank, position, m) => (position === 1 || position === m ? state : state + rank),
  };
  const [n, m, alpha] = [7, 4, 0.15];
  const calibration = [0.61, 0.05, 0.33, 0.9, 0.47, 0.12, 0.78];
  const sorted = [0, ...calibration.toSorted(), 1];
  const vectors = rankVectors(n, m);
  const h = (r: number[]) => (r[1] as number) + (r[2] as number);
  const q = vectors.map(h).toSorted((a, b) => a - b)[Math.ceil(0.85 * vectors.length) - 1] as number;
  const kept = vectors.filter((r) => h(r) <= q);
  const best = Math.max(...kept.map((r) => mean([sorted[r[1] as number] as number, sorted[r[2] as number] as number])));
  const found = compositionalBound({ calibration, m, alpha, phi: trimmed, psi: inner, ...unit });
  expect([found.upper, found.level]).toEqual([
    expect.closeTo(best, 12),
    expect.closeTo(kept.length / vectors.length, 12),
  ]);
  // 7/11 of the vectors do without rank n + 1.
  const finite = rankOrderings.lastRankLast(inner);
  expect(compositionalBound({ calibration, m, alpha: 0.4, phi: trimmed, psi: finite }).finite).toBe(true);
});

test("counts and clipped sums are finite without a range", () => {
  const calibration = Array.from({ length: 30 }, (_, i) => i / 30);
  const shared = { calibration, m: 10, alpha: 0.1, side: "both" } as const;
  const phi = scoreStatistics.countAbove(0.75);
  const count = compositionalBound({ ...shared, phi, psi: rankOrderings.countAbove(23) });
  expect(count).toMatchObject({ lower: 0, finite: true });
  expect(count.upper).toBeLessThan(10);
  const psi = rankOrderings.clippedSum(7, 25);
  const clipped = compositionalBound({ ...shared, phi: scoreStatistics.clippedSum(0.2, 0.8), psi });
  expect(clipped.finite).toBe(true);
  expect(clipped.lower).toBeGreaterThan(2);
  expect(clipped.upper).toBeLessThan(8);
});

test("too few points are said to be so", () => {
  const sums = { phi: scoreStatistics.sum, psi: rankOrderings.sum };
  expect(compositionalBound({ calibration: [1, 2], m: 2, alpha: 0.1, ...sums })).toEqual({
    upper: Infinity,
    level: 1,
    finite: false,
    reason: "too-few-calibration",
    guarantee: "batch",
  });
  expect(compositionalBound({ calibration: [], m: 2, alpha: 0.1, ...sums, ...unit })).toMatchObject({
    upper: 2,
    reason: "too-few-calibration",
  });
});

test("errors", () => {
  const good = { calibration: [1, 3, 2], m: 2, alpha: 0.1, phi: scoreStatistics.sum, psi: rankOrderings.sum };
  expect(codeOf(() => compositionalBound({ ...good, alpha: 1 }))).toBe("E_ALPHA");
  expect(codeOf(() => compositionalBound({ ...good, m: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => compositionalBound({ ...good, side: "x" as "both" }))).toBe("E_RANGE");
  expect(codeOf(() => compositionalBound({ ...good, calibration: [1, NaN] }))).toBe("E_NAN at 1");
  expect(codeOf(() => compositionalBound({ ...good, calibration: [1, -Infinity] }))).toBe("E_RANGE at 1");
  expect(codeOf(() => compositionalBound({ ...good, maxStates: 3 }))).toBe("E_RANGE");
  const falling = { start: 0, step: (value: number, score: number) => value - score };
  expect(codeOf(() => compositionalBound({ ...good, phi: falling }))).toBe("E_MONOTONE");
  expect(codeOf(() => compositionalBound({ ...good, psi: { start: NaN, step: (s: number) => s } }))).toBe("E_NAN");
});
