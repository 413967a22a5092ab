import fc from "fast-check";
import { expect, test } from "vitest";
import { concaveHullAt } from "../../src/batch/hull.ts";
import { bestPicks } from "../../src/batch/knapsack.ts";

/** One pick after another over all budgets: the textbook. */
function plain(values: readonly number[], m: number, budget: number): number {
  let best = [0, ...Array<number>(budget).fill(-Infinity)];
  for (let i = 0; i < m; i++) {
    best = best.map((_, j) =>
      values.slice(0, j + 1).reduce((most, value, w) => Math.max(most, (best[j - w] as number) + value), -Infinity),
    );
  }
  return Math.max(...best);
}

const cases = fc
  .tuple(
    fc.oneof(
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 14 }),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 14 }),
      // A few large values far out make the best picks uneven.
      fc.array(
        fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x ** 8),
        { minLength: 1, maxLength: 14 },
      ),
    ),
    fc.integer({ min: 1, max: 11 }),
    fc.nat(),
  )
  .map(([values, m, pick]) => {
    const sorted = Float64Array.from(values).sort();
    return { values: sorted, m, budget: pick % (m * (values.length - 1) + 3) };
  });

test("equals the textbook knapsack, with a multiset that attains it", () => {
  fc.assert(
    fc.property(cases, ({ values, m, budget }) => {
      const { sum, weights } = bestPicks(values, m, budget);
      expect(Math.abs(sum - plain([...values], m, budget))).toBeLessThan(1e-12);
      expect(weights.length).toBe(m);
      expect(weights.reduce((a, b) => a + b)).toBeLessThanOrEqual(budget);
      const attained = weights.map((w) => values[w] as number).reduce((a, b) => a + b);
      expect(Math.abs(attained - sum)).toBeLessThan(1e-12);
    }),
    { numRuns: 2000 },
  );
});

test("the hull is never below it, and touches it where all picks are corners of the hull", () => {
  fc.assert(
    fc.property(cases, ({ values, m, budget }) => {
      const hull = concaveHullAt(values, budget / m);
      expect(hull).toBeGreaterThanOrEqual(bestPicks(values, m, budget).sum / m - 1e-12);
    }),
    { numRuns: 1000 },
  );
  const concave = Float64Array.of(0, 5, 8, 10, 11);
  for (let w = 0; w <= 4; w++) expect(concaveHullAt(concave, w)).toBeCloseTo(concave[w] as number, 12);
  expect(concaveHullAt(Float64Array.of(0, 0, 0, 3), 1)).toBeCloseTo(1, 12);
  expect(concaveHullAt(Float64Array.of(2), 0)).toBe(2);
  expect(concaveHullAt(Float64Array.of(2, 3), 7)).toBe(3);
});

test("more budget never lowers the sum", () => {
  fc.assert(
    fc.property(cases, ({ values, m, budget }) => {
      const less = bestPicks(values, m, budget).sum;
      expect(bestPicks(values, m, budget + 1).sum).toBeGreaterThanOrEqual(less - 1e-12);
    }),
  );
});
