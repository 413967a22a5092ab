import { expect, test } from "vitest";
import { simulate } from "../../examples/simulate.ts";
import { aps, conformalRank, lac } from "../../src/index.ts";
import {
  assertLaw,
  type LabelledRow,
  marginalCoverageLaw,
  nestedInAlphaLaw,
  permutationInvarianceLaw,
  type SetProcedure,
  splitProcedure,
} from "../../src/testing/index.ts";
import { codeOf } from "../codeOf.ts";

const { rows, labels } = simulate(400, 4, 1);
const examples: LabelledRow[] = rows.map((probabilities, i) => ({ probabilities, label: labels[i] as number }));
const calibration = examples.slice(0, 100);
const tests = examples.slice(100, 150);

/** LAC with a threshold of the tester's choice among the sorted calibration scores; past the end, every label. */
const lacAtRank =
  (rankOf: (n: number, alpha: number) => number): SetProcedure<LabelledRow> =>
  (chosen, alpha) => {
    const scores = Float64Array.from(chosen, ({ probabilities, label }) => 1 - (probabilities[label] as number)).sort();
    const threshold = scores[rankOf(chosen.length, alpha) - 1] ?? Infinity;
    return ({ probabilities }) => [0, 1, 2, 3].filter((label) => 1 - (probabilities[label] as number) <= threshold);
  };

/** Remembers every example that it saw, so that its probabilities are perfect there and useless elsewhere. */
const calibratedOnTrainingData: SetProcedure<LabelledRow> = (chosen, alpha) => {
  const seen = new Map(chosen.map(({ probabilities, label }) => [probabilities, label]));
  const memory = ({ probabilities }: LabelledRow): LabelledRow => {
    const label = seen.get(probabilities) ?? 0;
    return { probabilities: [0, 1, 2, 3].map((other) => (other === label ? 0.97 : 0.01)), label };
  };
  const setOf = splitProcedure({ score: lac })(chosen.map(memory), alpha);
  return (test) => setOf(memory(test));
};

test.each([
  ["lac", splitProcedure({ score: lac })],
  ["aps", splitProcedure({ score: aps() })],
  ["deterministic aps", splitProcedure({ score: aps({ randomized: false }) })],
  ["never empty", splitProcedure({ score: lac, allowEmpty: false })],
  ["label-conditional", splitProcedure({ score: lac, mondrian: "label" })],
  ["lac by hand", lacAtRank(conformalRank)],
])("valid: %s", (_name, procedure) => {
  assertLaw(marginalCoverageLaw({ procedure, examples, alpha: 0.1 }));
  assertLaw(marginalCoverageLaw({ procedure, examples, alpha: 0.3, seed: 1 }));
  assertLaw(nestedInAlphaLaw({ procedure, calibration, tests }));
  assertLaw(permutationInvarianceLaw({ procedure, calibration, tests }));
});

test.each([
  ["rank clamped to n", lacAtRank((n, alpha) => Math.min(n, conformalRank(n, alpha))), [1, 3]],
  ["one rank too low", lacAtRank((n, alpha) => conformalRank(n, alpha) - 1), [1, 3, 9]],
  ["(1 - alpha) quantile of n scores", lacAtRank((n, alpha) => Math.ceil(n * (1 - alpha))), [1, 3]],
  ["calibrated on training data", calibratedOnTrainingData, [9, 19]],
  ["coverage ignored", () => () => [0], [1, 3, 9, 19]],
])("broken: %s", (_name, procedure, caughtAt) => {
  const verdict = marginalCoverageLaw({ procedure, examples, alpha: 0.1 });
  expect(verdict.holds).toBe(false);
  const failing = verdict.trials.filter((trial) => trial.pValue < 1e-6).map((trial) => trial.calibrationSize);
  expect(failing).toEqual(expect.arrayContaining(caughtAt));
  expect(() => assertLaw(verdict)).toThrow(/marginalCoverageLaw: with \d+ calibration examples/);
});

test("exact binomial verdict by hand", () => {
  // Covers nothing: of 3 splits 0 are covered, which has probability 0.5^3.
  const nothing: SetProcedure<LabelledRow> = () => () => [];
  const options = { procedure: nothing, examples, alpha: 0.5, calibrationSizes: [2], splits: 3 };
  expect(marginalCoverageLaw({ ...options, risk: 0.125 })).toMatchObject({ holds: true, trials: [{ covered: 0 }] });
  const verdict = marginalCoverageLaw({ ...options, risk: 0.13 });
  expect(verdict.holds).toBe(false);
  expect(verdict.trials[0]?.pValue).toBeCloseTo(0.125, 15);
});

test("sets that gain labels with alpha are not nested", () => {
  const growing: SetProcedure<LabelledRow> = (_calibration, alpha) => () => (alpha > 0.1 ? [0, 1] : [0]);
  expect(nestedInAlphaLaw({ procedure: growing, calibration, tests })).toEqual({
    law: "nestedInAlphaLaw",
    holds: false,
    message: "test 0 has label 1 at alpha = 0.2, not at 0.1",
  });
});

test("looking at the order of calibration examples is caught", () => {
  const lastCounts: SetProcedure<LabelledRow> = (chosen) => () => [chosen.at(-1)?.label ?? 0];
  const verdict = permutationInvarianceLaw({ procedure: lastCounts, calibration, tests });
  expect(verdict.holds).toBe(false);
  expect(verdict.message).toMatch(/^test 0 has \{\d\}, and \{\d\} in another order$/);
});

test("bad options", () => {
  const procedure = splitProcedure({ score: lac });
  expect(codeOf(() => marginalCoverageLaw({ procedure, examples, alpha: 1 }))).toBe("E_ALPHA");
  expect(codeOf(() => marginalCoverageLaw({ procedure, examples, splits: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => marginalCoverageLaw({ procedure, examples, calibrationSizes: [0] }))).toBe("E_RANGE");
  expect(codeOf(() => marginalCoverageLaw({ procedure, examples: examples.slice(0, 19) }))).toBe("E_RANGE");
});
