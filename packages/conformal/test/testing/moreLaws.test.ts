import fc from "fast-check";
import { expect, test } from "vitest";
import { binomialUpperTail } from "../../src/base/binomial.ts";
import { uniformStream } from "../../src/base/random.ts";
import { conformalQuantile, conformalRank, lac } from "../../src/index.ts";
import {
  batchLaw,
  calibrationScores,
  conditionalCoverageLaw,
  enumeratedCoverage,
  exchangeabilityCheck,
  labelOrderLaw,
  longRunLaw,
  marginalCoverageLaw,
  nestedInAlphaLaw,
  pacLaw,
  permutationInvarianceLaw,
  predictedValues,
  type Procedure,
  scoreOrderLaw,
  type ScoreProcedure,
  scoreSequences,
  splitProcedure,
  tiePatterns,
  truthBlindLaw,
} from "../../src/testing/index.ts";
import { codeOf } from "../codeOf.ts";

const conformal: ScoreProcedure = (scores, alpha) => {
  const { value } = conformalQuantile(scores, alpha);
  return (score) => score <= value;
};
const clamped: ScoreProcedure = (scores, alpha) => {
  const rank = Math.min(scores.length, conformalRank(scores.length, alpha));
  return (score) => score <= (scores.toSorted((a, b) => a - b)[rank - 1] as number);
};

test("enumerated coverage of split conformal prediction is rank / (n + 1), and more with ties", () => {
  for (let size = 2; size <= 6; size++) {
    const distinct = Array.from({ length: size }, (_, i) => i);
    const verdict = enumeratedCoverage(conformal, distinct, { tight: true });
    expect(verdict).toMatchObject({ holds: true, message: expect.stringContaining("proved") });
    for (const { alpha, covered, total } of verdict.levels) {
      expect(covered * size).toBe(total * conformalRank(size - 1, alpha));
    }
    for (const scores of tiePatterns(size)) {
      const tied = enumeratedCoverage(conformal, scores);
      expect(tied.holds).toBe(true);
      tied.levels.forEach(({ covered }, i) => {
        expect(covered).toBeGreaterThanOrEqual(verdict.levels[i]?.covered as number);
      });
      const once = enumeratedCoverage(conformal, scores, { orders: "leave-one-out" });
      expect(once.levels.map(({ covered, total }) => covered / total)).toEqual(
        tied.levels.map(({ covered, total }) => covered / total),
      );
    }
  }
});

test("enumeration counts what it says, by hand", () => {
  // Covered if the score is the last of three in order: 2 of 6 orders put the largest last.
  const record: Procedure<number> = (calibration) => (score) => calibration.every((other) => other < score);
  expect(enumeratedCoverage(record, [5, 1, 3], { alphas: [0.5, 0.7] })).toEqual({
    law: "enumeratedCoverage",
    holds: false,
    message: "2 of 6 orders are covered at alpha = 0.5: too few",
    levels: [
      { alpha: 0.5, covered: 2, total: 6 },
      { alpha: 0.7, covered: 2, total: 6 },
    ],
  });
  expect(enumeratedCoverage(clamped, [1, 2, 3, 4]).holds).toBe(false);
});

test("enumeration reads the true value of labels and targets", () => {
  const rows = [0.9, 0.8, 0.6, 0.7].map((p, i) => ({ probabilities: [p, 1 - p], label: i % 2 }));
  expect(enumeratedCoverage(splitProcedure({ score: lac }), rows).holds).toBe(true);
  const everything: Procedure<{ readonly target: number }> = () => () => ({ lower: -1, upper: 1 });
  expect(enumeratedCoverage(everything, [{ target: 0 }, { target: 1 }]).holds).toBe(true);
  expect(enumeratedCoverage(everything, [{ target: 0 }, { target: 2 }], { alphas: [0.4] }).holds).toBe(false);
  const named: Procedure<{ readonly y: number }> = () => () => ({ lower: 0, upper: 1 });
  const truth = ({ y }: { readonly y: number }): number => y;
  expect(enumeratedCoverage(named, [{ y: 0 }, { y: 1 }], { truth }).holds).toBe(true);
  expect(codeOf(() => enumeratedCoverage(named, [{ y: 0 }, { y: 1 }]))).toBe("E_RANGE");
});

test("tie patterns are all of them, once", () => {
  expect(tiePatterns(1)).toEqual([[1]]);
  expect(tiePatterns(3)).toEqual([
    [1, 1, 1],
    [1, 2, 2],
    [1, 1, 2],
    [1, 2, 3],
  ]);
  expect(new Set(tiePatterns(6).map(String)).size).toBe(32);
});

test("the conformal quantile passes for scores of any kind; a clamped rank never does", () => {
  fc.assert(
    fc.property(calibrationScores({ minLength: 2, maxLength: 9 }), (scores) => {
      expect(enumeratedCoverage(conformal, scores, { orders: "leave-one-out" }).holds).toBe(true);
      expect(scoreOrderLaw({ procedure: conformal, calibration: scores, tests: scores }).holds).toBe(true);
    }),
  );
});

const interval: Procedure<{ readonly prediction: number; readonly target: number }> = (calibration, alpha) => {
  const { value } = conformalQuantile(
    calibration.map(({ prediction, target }) => Math.abs(target - prediction)),
    alpha,
  );
  return ({ prediction }) => ({ lower: prediction - value, upper: prediction + value });
};

test("intervals: enumerated, nested, blind and invariant on any data", () => {
  fc.assert(
    fc.property(predictedValues({ minLength: 2, maxLength: 7 }), (examples) => {
      expect(enumeratedCoverage(interval, examples, { orders: "leave-one-out" }).holds).toBe(true);
      const options = { procedure: interval, calibration: examples, tests: examples };
      expect(nestedInAlphaLaw(options).holds).toBe(true);
      expect(permutationInvarianceLaw({ ...options, orders: 2 }).holds).toBe(true);
      expect(truthBlindLaw(options).holds).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("intervals that grow with alpha are not nested", () => {
  const growing: typeof interval = (_calibration, alpha) => () => ({ lower: 0, upper: alpha });
  const tests = [{ prediction: 0, target: 0 }];
  expect(nestedInAlphaLaw({ procedure: growing, calibration: tests, tests }).message).toBe(
    "test 0 has [0, 0.05] at alpha = 0.05, not at 0.01",
  );
  const shifting: Procedure<number> = (_calibration, alpha) => () => alpha > 0.3;
  expect(nestedInAlphaLaw({ procedure: shifting, calibration: [1], tests: [1] }).message).toBe(
    "test 0 is covered at alpha = 0.5, not at 0.2",
  );
});

test("coverage by group, by hand", () => {
  const examples = Array.from({ length: 8 }, (_, i) => ({ label: i % 2 }));
  const zeroOnly: Procedure<{ readonly label: number }> = () => () => [0];
  const verdict = conditionalCoverageLaw({ procedure: zeroOnly, examples, groupOf: ({ label }) => label, splits: 10 });
  expect(verdict.trials.map(({ group, covered, calibrationSize }) => [group, covered, calibrationSize])).toEqual([
    [0, 10, 4],
    [1, 0, 4],
  ]);
  expect(verdict.holds).toBe(false);
  expect(verdict.message).toMatch(/^group 1: with 4 calibration examples 0 of 10 splits were covered, p = 1\.0e-10/);
});

test("the PAC law counts draws that leave too much uncovered", () => {
  const examples = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const all =
    (upTo: number): Procedure<number> =>
    () =>
    (score) =>
      score < upTo;
  const options = { examples, alpha: 0.1, delta: 0.5, draws: 30 };
  expect(pacLaw({ ...options, procedure: all(9) })).toMatchObject({
    holds: true,
    trials: [
      { calibrationSize: 7, covered: 30 },
      { calibrationSize: 14, covered: 30 },
    ],
  });
  const failed = pacLaw({ ...options, procedure: all(8), calibrationSizes: [1] });
  expect(failed.trials[0]).toMatchObject({ covered: 0 });
  expect(failed.trials[0]?.pValue).toBeCloseTo(2 ** -30, 20);
  expect(failed.holds).toBe(false);
});

test("the batch law gives disjoint calibration examples and batch", () => {
  const examples = Array.from({ length: 12 }, (_, i) => i);
  const seen = new Set<string>();
  const verdict = batchLaw<number>({
    procedure: (calibration) => (batch) => {
      seen.add(`${calibration.length} ${batch.length} ${new Set([...calibration, ...batch]).size}`);
      return batch.includes(0);
    },
    examples,
    calibrationSize: 5,
    batchSize: 6,
    splits: 200,
  });
  expect([...seen]).toEqual(["5 6 11"]);
  expect(verdict.holds).toBe(false);
});

test("the long-run law finds the step at which the bound breaks", () => {
  const start = () => () => false;
  expect(longRunLaw({ start, bound: (steps) => 2 / steps, alpha: 0.5, sequences: { zero: () => 0 } })).toEqual({
    law: "longRunLaw",
    holds: false,
    message: '"zero": 5 errors in 5 steps, allowed distance 0.4 from 0.5',
  });
  const sequences = Object.values(scoreSequences(1));
  for (const sequence of sequences) {
    for (let t = 0; t < 300; t++) {
      const score = sequence(t, t === 0 ? null : t % 3 > 0);
      expect(score >= 0 && score <= 1).toBe(true);
    }
  }
});

test("label order and score order, by hand", () => {
  const row = { probabilities: [0.5, 0.3, 0.2], label: 0 };
  const skipping = () => () => [0, 2];
  expect(labelOrderLaw({ procedure: skipping, calibration: [row], tests: [row] }).message).toBe(
    "test 0 has {0, 2} without the more probable 1 at alpha = 0.05",
  );
  expect(labelOrderLaw({ procedure: () => () => [], calibration: [row], tests: [row] }).holds).toBe(true);
  const upside: ScoreProcedure = () => (score) => score >= 2;
  expect(scoreOrderLaw({ procedure: upside, calibration: [1], tests: [1, 2, 3] }).message).toBe(
    "score 1 is not covered at alpha = 0.05, though 3 is",
  );
});

test("exchangeability: the p-value is exact, ties or not", () => {
  let alarms = 0;
  for (let seed = 0; seed < 400; seed++) {
    const uniform = uniformStream(seed);
    const scores = Array.from({ length: 30 }, () => Math.floor(8 * uniform()));
    const options = { permutations: 19, seed, risk: 0.05 };
    if (!exchangeabilityCheck(scores.slice(0, 20), scores.slice(20), options).holds) alarms++;
  }
  expect(binomialUpperTail(alarms, 400, 0.05)).toBeGreaterThan(1e-6);
  expect(alarms).toBeGreaterThan(0);
});

test("exchangeability by hand", () => {
  // Of the 10 divisions of 1..5 into 3 and 2, the two with the tests at an end are furthest apart.
  const { statistic, pValue } = exchangeabilityCheck([1, 2, 3], [4, 5], { permutations: 9999 });
  expect(statistic).toBe(1);
  expect(pValue).toBeGreaterThan(0.18);
  expect(pValue).toBeLessThan(0.22);
  expect(exchangeabilityCheck([1, 1], [1], { permutations: 9 })).toMatchObject({ statistic: 0, pValue: 1 });
  expect(exchangeabilityCheck([1], [2, Infinity, Infinity], { permutations: 9 }).statistic).toBe(1);
});

test("bad options", () => {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  expect(codeOf(() => enumeratedCoverage(conformal, [1]))).toBe("E_RANGE");
  expect(codeOf(() => enumeratedCoverage(conformal, numbers, { orders: "all" }))).toBe("E_RANGE");
  expect(codeOf(() => enumeratedCoverage(conformal, [1, 2], { alphas: [0] }))).toBe("E_ALPHA");
  expect(codeOf(() => tiePatterns(0))).toBe("E_RANGE");
  expect(codeOf(() => tiePatterns(17))).toBe("E_RANGE");
  expect(codeOf(() => exchangeabilityCheck([], [1]))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => exchangeabilityCheck([1], [Number.NaN]))).toBe("E_NAN at 1");
  expect(codeOf(() => exchangeabilityCheck([1], [1], { permutations: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => pacLaw({ procedure: conformal, examples: [], alpha: 0.1, delta: 0.1 }))).toBe("E_RANGE");
  expect(codeOf(() => pacLaw({ procedure: conformal, examples: [1], alpha: 0, delta: 0.1 }))).toBe("E_ALPHA");
  const groupOf = (): number => 0;
  expect(
    codeOf(() => conditionalCoverageLaw({ procedure: conformal, examples: [1, 2], groupOf, calibrationSize: 2 })),
  ).toBe("E_RANGE");
  const statement = () => () => true;
  expect(codeOf(() => batchLaw({ procedure: statement, examples: [1, 2], calibrationSize: 2, batchSize: 1 }))).toBe(
    "E_RANGE",
  );
  expect(codeOf(() => longRunLaw({ start: () => () => true, bound: () => 1, alpha: 1 }))).toBe("E_ALPHA");
  const says: Procedure<{ readonly label: number }> = () => () => true;
  const tests = [{ label: 0 }];
  expect(codeOf(() => truthBlindLaw({ procedure: says, calibration: tests, tests }))).toBe("E_RANGE");
  expect(marginalCoverageLaw({ procedure: says, examples: Array(30).fill({ label: 0 }), splits: 5 }).holds).toBe(true);
});
