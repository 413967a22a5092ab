import { expect, test } from "vitest";
import {
  compositionalBound,
  meanBound,
  orderStatisticBound,
  quantileBoxBound,
  rankOrderings,
  scoreStatistics,
  selectBatch,
  simultaneousThreshold,
} from "../../src/batch/index.ts";
import { clopperPearson } from "../../src/base/binomial.ts";
import { uniformStream } from "../../src/base/random.ts";
import { ascending, mean } from "./enumerate.ts";

const TRIALS = 100_000;

/**
 * Runs independent trials and checks the number of failures against the promise: the share of failures is not above
 * alpha (an exact binomial bound at risk 1e-6), nor, where the level is exact, below 1 - level.
 */
function check(
  alpha: number,
  trial: (draw: () => number) => { holds: boolean; level: number },
  isExact: boolean,
): void {
  const draw = uniformStream(23);
  let failures = 0;
  let level = 1;
  for (let i = 0; i < TRIALS; i++) {
    const result = trial(draw);
    level = result.level;
    if (!result.holds) failures++;
  }
  const { lower, upper } = clopperPearson(failures, TRIALS, 1e-6);
  expect(lower).toBeLessThanOrEqual(1 - level + 1e-12);
  expect(1 - level).toBeLessThanOrEqual(alpha + 1e-12);
  if (isExact) expect(upper).toBeGreaterThanOrEqual(1 - level);
}

/** A skewed score: most near 0, some near 1. */
const skewed = (draw: () => number) => draw() ** 4;
const many = (count: number, draw: () => number) => Array.from({ length: count }, () => skewed(draw));
const unit = { sMin: 0, sMax: 1 };

test("order statistics", () => {
  check(
    0.1,
    (draw) => {
      const {
        lower = 0,
        upper = 1,
        level,
      } = orderStatisticBound({
        calibration: many(60, draw),
        m: 12,
        zeta: 5,
        alpha: 0.1,
        side: "both",
      });
      const value = ascending(many(12, draw))[4] as number;
      return { holds: lower <= value && value <= upper, level };
    },
    true,
  );
});

test("simultaneous thresholds", () => {
  check(
    0.1,
    (draw) => {
      const { threshold, level } = simultaneousThreshold({
        calibration: many(100, draw),
        m: 20,
        missedShare: 0.1,
        alpha: 0.1,
      });
      return { holds: many(20, draw).filter((s) => s <= threshold).length >= 18, level };
    },
    true,
  );
});

test("quartiles", () => {
  check(
    0.2,
    (draw) => {
      const box = quantileBoxBound({ calibration: many(40, draw), m: 12, zetas: [3, 9], alpha: 0.2 });
      const test = ascending(many(12, draw));
      const holds = [3, 9].every((zeta, i) => box.lower[i]! <= test[zeta - 1]! && test[zeta - 1]! <= box.upper[i]!);
      return { holds, level: box.level };
    },
    true,
  );
});

const ways = [
  { name: "by sum", options: { ordering: "sum", ...unit } },
  { name: "lexicographic", options: { ordering: "lexicographic" } },
  { name: "hull", options: { method: "hull" } },
  // The true quantiles of the score: the tightest guess there is.
  { name: "with a good guess", options: { guess: Array.from({ length: 200 }, (_, i) => ((i + 0.5) / 200) ** 4) } },
  { name: "with a bad guess", options: { guess: [-5, 0, 0.01, 3] } },
] as const;

test.each(ways)("means $name", ({ options }) => {
  check(
    0.2,
    (draw) => {
      const { upper = 0, level } = meanBound({ calibration: many(40, draw), m: 5, alpha: 0.2, ...options });
      return { holds: mean(many(5, draw)) <= upper, level };
    },
    false,
  );
});

test("means by few random rank vectors, where a plain quantile of the draws would fall short", () => {
  let seed = 0;
  check(
    0.3,
    (draw) => {
      // A linear score makes the mean of the scores that of the ranks, so that nothing hides a wrong quantile.
      const linear = (count: number) => Array.from({ length: count }, draw);
      const options = { m: 5, alpha: 0.3, method: "montecarlo", draws: 4, seed: seed++, ...unit } as const;
      const { upper = 0 } = meanBound({ calibration: linear(40), ...options });
      return { holds: mean(linear(5)) <= upper, level: 0.8 };
    },
    false,
  );
});

test("weighted sums of the largest scores", () => {
  check(
    0.2,
    (draw) => {
      const { upper = 0, level } = compositionalBound({
        calibration: many(12, draw),
        m: 4,
        alpha: 0.2,
        phi: scoreStatistics.top([2, 1]),
        psi: rankOrderings.top([2, 1]),
        ...unit,
      });
      const test = ascending(many(4, draw));
      return { holds: 2 * (test[3] as number) + (test[2] as number) <= upper + 1e-12, level };
    },
    false,
  );
});

test.each([0, 2])("selections with at most %d duds", (eta) => {
  check(
    0.1,
    (draw) => {
      const points = (count: number) =>
        Array.from({ length: count }, () => {
          const outcome = draw();
          return { isNull: outcome < 0.6, prediction: outcome + 0.8 * draw() };
        });
      const [calibration, candidates] = [points(200), points(20)];
      const { selected, level } = selectBatch({
        calibrationPredictions: calibration.map((p) => p.prediction),
        calibrationIsNull: calibration.map((p) => p.isNull),
        testPredictions: candidates.map((p) => p.prediction),
        eta,
        alpha: 0.1,
      });
      return { holds: selected.filter((j) => candidates[j]?.isNull).length <= eta, level };
    },
    true,
  );
});
