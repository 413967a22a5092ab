import fc from "fast-check";
import { expect, test } from "vitest";
import { meanBound } from "../../src/batch/index.ts";
import { weightBudget, weightResolution, weightsLike } from "../../src/batch/rankWeights.ts";
import { acceptBySum } from "../../src/batch/sumLaw.ts";
import { codeOf } from "../codeOf.ts";
import { mean, rankVectors } from "./enumerate.ts";

const unit = { sMin: 0, sMax: 1 };

test("with evenly spaced weights, the law is that of the rank sum", () => {
  for (const [n, m, alpha] of [
    [8, 3, 0.1],
    [40, 10, 0.05],
    [100, 5, 0.2],
    [60, 12, 0.7],
  ] as const) {
    const even = Int32Array.from({ length: n + 1 }, (_, i) => i);
    const { rankSum, level } = acceptBySum(n, m, alpha);
    const found = weightBudget(even, m, 0, alpha);
    expect(found).toEqual({ budget: rankSum - m, level: expect.closeTo(level, 12) as number });
  }
});

test("bounds equal those over all listed rank vectors", () => {
  const cases = fc.record({
    calibration: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 }),
    m: fc.integer({ min: 1, max: 4 }),
    alpha: fc.constantFrom(0.1, 0.2, 0.3, 0.5),
    guess: fc.uniqueArray(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 9 }),
  });
  fc.assert(
    fc.property(cases, ({ calibration, m, alpha, guess }) => {
      const n = calibration.length;
      const sorted = [0, ...calibration.toSorted((a, b) => a - b), 1];
      const weights = weightsLike("test", guess, n, n + 1, weightResolution(n, m));
      expect([...weights]).toEqual([...weights].sort((a, b) => a - b));
      const vectors = rankVectors(n, m);
      const h = (ranks: number[]) => ranks.reduce((sum, r) => sum + (weights[r - 1] as number), 0);
      const need = Math.ceil((1 - alpha) * vectors.length - 1e-9);
      const budget = vectors.map(h).sort((a, b) => a - b)[need - 1] as number;
      const kept = vectors.filter((ranks) => h(ranks) <= budget);
      const best = Math.max(...kept.map((ranks) => mean(ranks.map((r) => sorted[r] as number))));
      const found = meanBound({ calibration, m, alpha, guess, ordering: "sum", ...unit });
      expect(found.upper).toBeCloseTo(best, 12);
      expect(found.level).toBeCloseTo(kept.length / vectors.length, 12);
      const hull = meanBound({ calibration, m, alpha, guess, ordering: "sum", method: "hull", ...unit });
      expect(hull.upper).toBeGreaterThanOrEqual(best - 1e-12);
    }),
  );
});

const tails = (count: number) => Array.from({ length: count }, (_, i) => ((i + 0.5) / count) ** 6);

test("a good guess makes the bound for a skewed score much tighter, on both sides", () => {
  const shared = { calibration: tails(200), m: 10, alpha: 0.1 };
  const plain = meanBound(shared).upper as number;
  const guessed = meanBound({ ...shared, guess: tails(57) });
  expect(guessed).toMatchObject({ finite: true, guarantee: "batch" });
  expect(guessed.upper).toBeLessThan(0.6 * plain);
  const negated = { ...shared, calibration: shared.calibration.map((s) => -s), side: "lower" as const };
  const lower = meanBound({ ...negated, guess: tails(57).map((s) => -s) });
  expect(lower.lower).toBe(0 - (guessed.upper as number));
  const drawn = meanBound({ ...shared, guess: tails(57), method: "montecarlo", draws: 499 });
  expect(Math.abs((drawn.upper as number) - (guessed.upper as number))).toBeLessThan(0.1);
});

test("without a range, vectors with rank n + 1 are lost from the start", () => {
  const calibration = [0.1, 0.2, 0.4, 0.5, 0.7, 0.9];
  const [n, m, guess] = [6, 2, [0, 1, 3, 9]];
  const vectors = rankVectors(n, m);
  const inner = vectors.filter((ranks) => ranks[1] !== n + 1);
  const weights = weightsLike("test", guess, n, n, weightResolution(n, m));
  const h = (ranks: number[]) => ranks.reduce((sum, r) => sum + (weights[r - 1] as number), 0);
  for (const alpha of [0.25, 0.3, 0.4, 0.6]) {
    const need = Math.ceil((1 - alpha) * vectors.length - 1e-9);
    const budget = inner.map(h).sort((a, b) => a - b)[need - 1] as number;
    const kept = inner.filter((ranks) => h(ranks) <= budget);
    const best = Math.max(...kept.map((ranks) => mean(ranks.map((r) => calibration[r - 1] as number))));
    const found = meanBound({ calibration, m, alpha, guess });
    expect([found.upper, found.level]).toEqual([expect.closeTo(best, 12), expect.closeTo(kept.length / 28, 12)]);
  }
  // Random vectors with rank n + 1 come last too: 2,000 draws find the exact quantile.
  const shared = { calibration, m, alpha: 0.27 };
  expect(meanBound({ ...shared, method: "montecarlo", draws: 1999 }).upper).toBe(meanBound(shared).upper);
});

test("the order of the guess, its shift and its scale don't matter", () => {
  const shared = { calibration: tails(40), m: 4, alpha: 0.2 };
  const guess = [0, 1, 2, 8, 16];
  const bound = meanBound({ ...shared, guess });
  expect(meanBound({ ...shared, guess: guess.toReversed() })).toEqual(bound);
  expect(meanBound({ ...shared, guess: guess.map((s) => 4 * s - 64) })).toEqual(bound);
});

test("errors", () => {
  const shared = { calibration: tails(40), m: 4, alpha: 0.2 };
  for (const guess of [[], [1], [2, 2]]) expect(codeOf(() => meanBound({ ...shared, guess }))).toBe("E_RANGE");
  expect(codeOf(() => meanBound({ ...shared, guess: [1, NaN] }))).toBe("E_NAN at 1");
  expect(codeOf(() => meanBound({ ...shared, guess: [1, 2, Infinity] }))).toBe("E_RANGE at 2");
  expect(
    codeOf(() =>
      weightBudget(
        Int32Array.from({ length: 10_000 }, (_, i) => i),
        1000,
        0,
        0.1,
      ),
    ),
  ).toBe("E_RANGE");
});
