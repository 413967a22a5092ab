import { expect, test } from "vitest";
import {
  compositionalBound,
  medianBound,
  meanBound,
  orderStatisticBound,
  quantileBoxBound,
  rankOrderings,
  scoreStatistics,
  selectBatch,
  simultaneousThreshold,
} from "../../src/batch/index.ts";
import { uniformStream } from "../../src/base/random.ts";
import { ascending, mean, sizes, splits } from "./enumerate.ts";

// Every choice of test positions among n + m values is equally likely when they are exchangeable, so the share of
// choices in which a statement holds is its probability given the values: a proof for these sizes, not a simulation.

const uniform = uniformStream(17);
const alphas = [0.05, 0.2, 0.3, 0.5];
const distinct = (count: number) => Array.from({ length: count }, () => uniform());
const tied = (count: number) => Array.from({ length: count }, () => Math.floor(4 * uniform()) / 4);
const unit = { sMin: 0, sMax: 1 };

interface Claim {
  readonly level: number;
}

/** Counts the choices in which the claim holds, and checks the count against the claimed level. */
function share<Result extends Claim>(
  values: readonly number[],
  m: number,
  claim: (calibration: number[]) => Result,
  holds: (result: Result, test: number[]) => boolean,
): { readonly covered: number; readonly level: number } {
  const all = splits(values, m);
  const results = all.map(({ calibration, test }) => {
    const result = claim(calibration);
    return { level: result.level, holds: holds(result, test) };
  });
  const level = (results[0] as Claim).level;
  expect(results.every((result) => result.level === level)).toBe(true);
  return { covered: results.filter((result) => result.holds).length / all.length, level };
}

const exact = ({ covered, level }: { covered: number; level: number }, alpha: number): void => {
  expect(Math.abs(covered - level)).toBeLessThan(1e-12);
  expect(level).toBeGreaterThanOrEqual(1 - alpha - 1e-12);
};
const enough = ({ covered, level }: { covered: number; level: number }, alpha: number): void => {
  expect(covered).toBeGreaterThanOrEqual(level - 1e-12);
  expect(level).toBeGreaterThanOrEqual(1 - alpha - 1e-12);
};
const judges = [
  { values: distinct, judge: exact, most: 8 },
  { values: tied, judge: enough, most: 6 },
];
const within = (lower: number | undefined, value: number, upper: number | undefined): boolean =>
  (lower ?? -Infinity) <= value + 1e-12 && value <= (upper ?? Infinity) + 1e-12;

test("order statistics cover with exactly their level", () => {
  for (const { values, judge, most } of judges) {
    for (const [n, m] of sizes(most)) {
      const drawn = values(n + m);
      for (const alpha of alphas) {
        for (let zeta = 1; zeta <= m; zeta += 1 + (m >> 1)) {
          for (const side of ["upper", "lower", "both"] as const) {
            const found = share(
              drawn,
              m,
              (calibration) => orderStatisticBound({ calibration, m, zeta, alpha, side, ...unit }),
              ({ lower = 0, upper = 1 }, test) => {
                const value = ascending(test)[zeta - 1] as number;
                return lower <= value && value <= upper;
              },
            );
            judge(found, alpha);
          }
        }
      }
    }
  }
});

test("medians cover by every convention", () => {
  for (const { values, most } of judges) {
    for (const [n, m] of sizes(most)) {
      const drawn = values(n + m);
      for (const alpha of [0.2, 0.5]) {
        const found = share(
          drawn,
          m,
          (calibration) => medianBound({ calibration, m, alpha, side: "both" }),
          ({ lower, upper }, test) => {
            const sorted = ascending(test);
            const [low, high] = [sorted[Math.ceil(m / 2) - 1] as number, sorted[Math.floor(m / 2)] as number];
            return within(lower, low, upper) && within(lower, (low + high) / 2, upper) && within(lower, high, upper);
          },
        );
        enough(found, alpha);
      }
    }
  }
});

test("pairs and triples of order statistics cover jointly with exactly their level", () => {
  for (const { values, judge, most } of judges) {
    for (const [n, m] of sizes(most)) {
      if (m < 2) continue;
      for (const zetas of m >= 3
        ? [
            [1, m],
            [1, 2, m],
          ]
        : [[1, 2]]) {
        const drawn = values(n + m);
        for (const alpha of alphas) {
          const found = share(
            drawn,
            m,
            (calibration) => quantileBoxBound({ calibration, m, zetas, alpha, ...unit }),
            ({ lower, upper }, test) => {
              const sorted = ascending(test);
              return zetas.every((zeta, i) => within(lower[i], sorted[zeta - 1] as number, upper[i]));
            },
          );
          judge(found, alpha);
        }
      }
    }
  }
});

test("means cover with at least their level, however they are computed", () => {
  const ways = [{ ordering: "sum" }, { ordering: "lexicographic" }, { ordering: "sum", method: "hull" }] as const;
  for (const { values, most } of judges) {
    for (const [n, m] of sizes(most)) {
      const drawn = values(n + m);
      for (const alpha of [0.1, 0.3, 0.5]) {
        for (const way of ways) {
          for (const side of ["upper", "lower", "both"] as const) {
            const found = share(
              drawn,
              m,
              (calibration) => meanBound({ calibration, m, alpha, side, ...unit, ...way }),
              ({ lower, upper }, test) => within(lower, mean(test), upper),
            );
            enough(found, alpha);
          }
        }
        const free = share(
          drawn,
          m,
          (calibration) => meanBound({ calibration, m, alpha, side: "both" }),
          ({ lower, upper }, test) => within(lower, mean(test), upper),
        );
        enough(free, alpha);
      }
    }
  }
});

test("order statistics reach the levels computed by hand", () => {
  for (const [n, m, alpha, level] of [
    [5, 3, 0.2, 25 / 28],
    [6, 2, 0.2, 25 / 28],
    [6, 2, 0.25, 11 / 14],
    [4, 4, 0.3, 53 / 70],
    [8, 2, 0.3, 7 / 9],
  ] as const) {
    const zeta = Math.ceil(m / 2);
    const drawn = distinct(n + m);
    const found = share(
      drawn,
      m,
      (calibration) => orderStatisticBound({ calibration, m, zeta, alpha }),
      ({ upper }, test) => within(undefined, ascending(test)[zeta - 1] as number, upper),
    );
    expect(found.covered).toBeCloseTo(level, 12);
    // Lexicographic means exist for two of these sizes.
    const free = meanBound({ calibration: drawn.slice(0, n), m, alpha });
    expect(free.finite).toBe(n / (n + m) >= 1 - alpha);
  }
});

test("simultaneous thresholds cover the share of the batch with exactly their level", () => {
  for (const { values, judge, most } of judges) {
    for (const [n, m] of sizes(most)) {
      const drawn = values(n + m);
      for (const alpha of alphas) {
        for (const missedShare of [0, 0.25, 0.5]) {
          const found = share(
            drawn,
            m,
            (calibration) => simultaneousThreshold({ calibration, m, missedShare, alpha }),
            ({ threshold }, test) => test.filter((s) => s <= threshold).length >= (1 - missedShare) * m - 1e-9,
          );
          judge(found, alpha);
        }
      }
    }
  }
});

test("selections have more than eta duds in at most a share alpha", () => {
  for (const { values, most } of judges) {
    for (const [n, m] of sizes(most)) {
      const predictions = values(n + m);
      for (let goods = 0; goods <= n + m; goods += 3) {
        // The label is part of the point: the first `goods` of the pool are no duds.
        const points = predictions.map((prediction, i) => prediction - 0.5 + (i < goods ? 10 : 0));
        const prediction = (point: number) => (point > 5 ? point - 10 : point);
        for (const eta of [0, 1, m]) {
          for (const alpha of [0.1, 0.3, 0.6]) {
            const found = share(
              points,
              m,
              (calibration) => ({
                level: selectBatch({
                  calibrationPredictions: calibration.map(prediction),
                  calibrationIsNull: calibration.map((point) => point <= 5),
                  testPredictions: [0],
                  alpha: 0.5,
                }).level,
                calibration,
              }),
              ({ calibration }, test) => {
                const { selected } = selectBatch({
                  calibrationPredictions: calibration.map(prediction),
                  calibrationIsNull: calibration.map((point) => point <= 5),
                  testPredictions: test.map(prediction),
                  eta,
                  alpha,
                });
                return selected.filter((j) => (test[j] as number) <= 5).length <= eta;
              },
            );
            expect(found.covered).toBeGreaterThanOrEqual(1 - alpha - 1e-12);
          }
        }
      }
    }
  }
});

test("compositional statistics cover with at least their level", () => {
  const pairs = [
    [scoreStatistics.top([2, 1]), rankOrderings.top([1, 1]), (s: number[]) => 2 * s.at(-1)! + (s.at(-2) ?? 0)],
    [scoreStatistics.countAbove(0.5), rankOrderings.countAbove(2), (s: number[]) => s.filter((x) => x > 0.5).length],
    [
      scoreStatistics.clippedSum(0.2, 0.7),
      rankOrderings.clippedSum(2, 4),
      (s: number[]) => s.reduce((sum, x) => sum + Math.min(Math.max(x, 0.2), 0.7), 0),
    ],
  ] as const;
  for (const { values } of judges) {
    for (const [n, m] of sizes(6)) {
      const drawn = values(n + m);
      for (const [phi, psi, statistic] of pairs) {
        for (const alpha of [0.1, 0.3, 0.5]) {
          for (const side of ["upper", "lower", "both"] as const) {
            const found = share(
              drawn,
              m,
              (calibration) => compositionalBound({ calibration, m, alpha, phi, psi, side, ...unit }),
              ({ lower, upper }, test) => within(lower, statistic(ascending(test)), upper),
            );
            enough(found, alpha);
          }
        }
      }
    }
  }
});
