// Mistakes that people make in conformal prediction, each next to what it should have been, and what the laws of
// @parsimony/conformal/testing say about both: every mistake is caught, and nothing that is right is accused.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/brokenPredictors.ts
import {
  aps,
  clopperPearson,
  conformalQuantile,
  conformalRank,
  lac,
  rowUniform,
  uniformStream,
} from "@parsimony/conformal";
import {
  batchLaw,
  type BatchProcedure,
  conditionalCoverageLaw,
  enumeratedCoverage,
  exchangeabilityCheck,
  labelOrderLaw,
  type LabelledRow,
  type LawVerdict,
  longRunLaw,
  marginalCoverageLaw,
  nestedInAlphaLaw,
  type OnlineProcedure,
  pacLaw,
  permutationInvarianceLaw,
  type PredictedValue,
  type Procedure,
  scoreOrderLaw,
  type ScoreProcedure,
  type SetProcedure,
  splitProcedure,
  tiePatterns,
  truthBlindLaw,
} from "@parsimony/conformal/testing";
import { simulate } from "./simulate.ts";

/** Everything the laws say about a predictor; `splits` is for the laws that repeat an experiment. */
export type Suite = (seed?: number, splits?: number) => LawVerdict[];

const { rows, labels } = simulate(400, 4, 1);
const classified: LabelledRow[] = rows.map((probabilities, i) => ({ probabilities, label: labels[i] ?? 0 }));
const [calibration, tests] = [classified.slice(0, 100), classified.slice(100, 130)];

const uniform = uniformStream(2);
const noise = (): number => 2 * (uniform() + uniform() + uniform()) - 3;
const predicted: PredictedValue[] = Array.from({ length: 400 }, () => {
  const prediction = 10 * uniform();
  return { prediction, target: prediction + noise() };
});
const residual = ({ prediction, target }: PredictedValue): number => Math.abs(target - prediction);

/** For procedures on bare scores: proofs by enumeration, with and without ties. */
const scoreSuite =
  (procedure: ScoreProcedure): Suite =>
  () => [
    scoreOrderLaw({
      procedure,
      calibration: [2, 7, 1, 8, 2.5, 9, 4, 5, 9.5, 0, 6],
      tests: [0, 1, 3, 5, 7, 9, 9.75, 20],
    }),
    enumeratedCoverage(procedure, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { tight: true }),
    enumeratedCoverage(procedure, [3, 1, 4, 2, 5]),
    ...tiePatterns(5).map((scores) => enumeratedCoverage(procedure, scores, { orders: "leave-one-out" })),
  ];

const setSuite =
  (procedure: SetProcedure<LabelledRow>): Suite =>
  (seed = 0, splits = 1000) => [
    marginalCoverageLaw({ procedure, examples: classified, seed, splits }),
    nestedInAlphaLaw({ procedure, calibration, tests }),
    permutationInvarianceLaw({ procedure, calibration, tests, seed, orders: 2 }),
    truthBlindLaw({ procedure, calibration, tests: tests.slice(0, 20) }),
    labelOrderLaw({ procedure, calibration, tests }),
  ];

const intervalSuite =
  (procedure: Procedure<PredictedValue>): Suite =>
  (seed = 0, splits = 1000) => [
    marginalCoverageLaw({ procedure, examples: predicted, seed, splits }),
    nestedInAlphaLaw({ procedure, calibration: predicted.slice(0, 100), tests: predicted.slice(100, 120) }),
    truthBlindLaw({ procedure, calibration: predicted.slice(0, 100), tests: predicted.slice(100, 120) }),
  ];

const everyClassSuite =
  (procedure: SetProcedure<LabelledRow>): Suite =>
  (seed = 0, splits = 400) => [
    conditionalCoverageLaw({
      procedure,
      examples: neglected,
      groupOf: ({ label }) => label,
      calibrationSize: 100,
      seed,
      splits,
    }),
  ];
/** Class 0 gets half of the probability that it should. */
const neglected = classified.map(({ probabilities, label }) => {
  const [first = 0, ...others] = Array.from(probabilities);
  const rest = 1 - first;
  return { label, probabilities: [first / 2, ...others.map((p) => p + ((first / 2) * p) / rest)] };
});

const pacSuite =
  (procedure: ScoreProcedure): Suite =>
  (seed = 0, splits = 1000) => [
    pacLaw({ procedure, examples: predicted.map(residual), alpha: 0.1, delta: 0.1, seed, draws: splits }),
  ];

const batchSuite =
  (procedure: BatchProcedure<PredictedValue>): Suite =>
  (seed = 0, splits = 1000) => [
    batchLaw({ procedure, examples: predicted, calibrationSize: 100, batchSize: 10, seed, splits }),
  ];

const onlineSuite =
  (start: (alpha: number) => OnlineProcedure): Suite =>
  () => [longRunLaw({ start, bound: (steps) => (1 + rate) / (rate * steps) })];
const rate = 0.05;

/** A threshold among the sorted scores, by a rank of the author's choice; everything is covered past the end. */
const atRank =
  (rankOf: (n: number, alpha: number) => number): ScoreProcedure =>
  (scores, alpha) => {
    const threshold = scores.toSorted((a, b) => a - b)[rankOf(scores.length, alpha) - 1] ?? Infinity;
    return (score) => score <= threshold;
  };

const quantile = (scores: readonly number[], alpha: number): number => conformalQuantile(scores, alpha).value;

/** Remembers every example that it saw: perfect there, and useless elsewhere. */
const fittedToCalibration: SetProcedure<LabelledRow> = (chosen, alpha) => {
  const seen = new Map(chosen.map(({ probabilities, label }) => [probabilities, label]));
  const memory = ({ probabilities }: LabelledRow): LabelledRow => {
    const label = seen.get(probabilities) ?? 0;
    return { probabilities: [0, 1, 2, 3].map((other) => (other === label ? 0.97 : 0.01)), label };
  };
  const setOf = splitProcedure({ score: lac })(chosen.map(memory), alpha);
  return (test) => setOf(memory(test));
};

/** APS whose u is any function of row and label, in the calibration and afterwards. */
const apsWith =
  (u: U, later: U = u): SetProcedure<LabelledRow> =>
  (chosen, alpha) => {
    const score = ({ probabilities }: LabelledRow, label: number, draw: U): number => {
      const row = Array.from(probabilities);
      return aps().labelScore(Float64Array.from(row), label, draw(row, label));
    };
    const threshold = quantile(
      chosen.map((example) => score(example, example.label, u)),
      alpha,
    );
    return (test) => [0, 1, 2, 3].filter((label) => score(test, label, later) <= threshold);
  };
type U = (row: readonly number[], label: number) => number;
const stream = uniformStream(3);

const centred =
  (halfWidth: (residuals: readonly number[], alpha: number) => number, of = residual): Procedure<PredictedValue> =>
  (chosen, alpha) => {
    const half = halfWidth(chosen.map(of), alpha);
    return ({ prediction }) => ({ lower: prediction - half, upper: prediction + half });
  };

/** All of a batch of m below the r-th of n scores: probability C(r - 1 + m, m) / C(n + m, m). */
function rankForAll(n: number, m: number, alpha: number): number {
  let probability = 1;
  let rank = n + 1;
  while (rank > 1) {
    const next = (probability * (rank - 1)) / (rank - 1 + m);
    if (next < 1 - alpha) break;
    probability = next;
    rank--;
  }
  return rank;
}

/** Moves a threshold by the last error. */
const tracker =
  (direction: number) =>
  (alpha: number): OnlineProcedure => {
    let threshold = 0.5;
    return (score) => {
      const covered = score <= threshold;
      threshold += direction * rate * ((covered ? 0 : 1) - alpha);
      return covered;
    };
  };

/** Risk 1/1000 in place of 1/100: one in a hundred is too many false alarms for a list of right predictors. */
const drift =
  (slope: number): Suite =>
  (seed = 0, splits = 1000) => {
    const u = uniformStream(4 + seed);
    const scores = Array.from({ length: 400 }, (_, i) => u() + slope * Math.max(0, i - 200));
    return [exchangeabilityCheck(scores.slice(0, 200), scores.slice(200), { permutations: splits - 1, risk: 0.001 })];
  };

export const validPredictors: Readonly<Record<string, Suite>> = {
  "the conformal quantile": scoreSuite((scores, alpha) => {
    const threshold = quantile(scores, alpha);
    return (score) => score <= threshold;
  }),
  LAC: setSuite(splitProcedure({ score: lac })),
  "APS, u from the row": setSuite(splitProcedure({ score: aps() })),
  // At most one label of a row has a score whose side of the threshold depends on u, so it is as good as one u for the row.
  "APS, u from row and label": setSuite(apsWith((row, label) => rowUniform(label, row))),
  "APS without u": setSuite(splitProcedure({ score: aps({ randomized: false }) })),
  "intervals from absolute residuals": intervalSuite(centred(quantile)),
  "a threshold for each class": everyClassSuite(splitProcedure({ score: lac, mondrian: "label" })),
  "a PAC threshold": pacSuite((scores, alpha) => {
    let errors = -1; // The most calibration errors that still prove, at confidence 0.9, a rate of at most alpha.
    while (clopperPearson(errors + 1, scores.length, 0.1).upper <= alpha) errors++;
    const threshold = errors < 0 ? Infinity : scores.toSorted((a, b) => b - a)[errors];
    return (score) => score <= (threshold ?? Infinity);
  }),
  "a threshold for all of a batch": batchSuite((chosen, alpha) => (batch) => {
    const scores = chosen.map(residual).sort((a, b) => a - b);
    const threshold = scores[rankForAll(scores.length, batch.length, alpha) - 1] ?? Infinity;
    return batch.every((example) => residual(example) <= threshold);
  }),
  "a threshold that follows its errors": onlineSuite(tracker(1)),
  "test scores drawn like the calibration scores": drift(0),
};

export const brokenPredictors: Readonly<Record<string, Suite>> = {
  "rank clamped to n": scoreSuite(atRank((n, alpha) => Math.min(n, conformalRank(n, alpha)))),
  "one rank too low": scoreSuite(atRank((n, alpha) => conformalRank(n, alpha) - 1)),
  "quantile of n scores, without the + 1": scoreSuite(atRank((n, alpha) => Math.ceil(n * (1 - alpha)))),
  "Math.ceil of a product that was rounded": scoreSuite(atRank((n, alpha) => Math.ceil((n + 1) * (1 - alpha)))),
  "strictly below the threshold": scoreSuite((scores, alpha) => (score) => score < quantile(scores, alpha)),
  "mean plus two deviations": scoreSuite((scores) => {
    const mean = scores.reduce((sum, score) => sum + score) / scores.length;
    const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
    return (score) => score <= mean + 2 * deviation;
  }),
  "fitted to the calibration examples": setSuite(fittedToCalibration),
  "looks at the label of the test example": setSuite((chosen, alpha) => {
    const setOf = splitProcedure({ score: lac })(chosen, alpha);
    return (test) => [...new Set([...setOf(test), test.label])].sort();
  }),
  "depends on the order of the calibration examples": setSuite((chosen, alpha) =>
    splitProcedure({ score: lac })(chosen.slice(0, Math.ceil(chosen.length / 2)), alpha),
  ),
  "APS, u drawn anew at each call": setSuite(apsWith(() => stream())),
  "APS, u in the calibration only": setSuite(
    apsWith(
      (row) => rowUniform(0, row),
      () => 0,
    ),
  ),
  "the least probable labels first": setSuite((chosen, alpha) => {
    const score = (p: ArrayLike<number>, label: number): number =>
      Array.from(p).reduce((sum, q) => (q <= (p[label] ?? 0) ? sum + q : sum), 0);
    const threshold = quantile(
      chosen.map(({ probabilities, label }) => score(probabilities, label)),
      alpha,
    );
    return ({ probabilities }) => [0, 1, 2, 3].filter((label) => score(probabilities, label) <= threshold);
  }),
  "more labels at larger alpha": setSuite((chosen, alpha) =>
    alpha < 0.15 ? splitProcedure({ score: lac })(chosen, alpha) : splitProcedure({ score: aps() })(chosen, 0.15),
  ),
  "quantile of signed residuals": intervalSuite(centred(quantile, ({ prediction, target }) => target - prediction)),
  "half of the width": intervalSuite(centred((residuals, alpha) => quantile(residuals, alpha) / 2)),
  "an interval around the truth": intervalSuite((chosen, alpha) => {
    const half = quantile(chosen.map(residual), alpha);
    return ({ target }) => ({ lower: target - half, upper: target + half });
  }),
  "one threshold, promised for every class": everyClassSuite(splitProcedure({ score: lac })),
  "the conformal quantile, promised as PAC": pacSuite((scores, alpha) => {
    const threshold = quantile(scores, alpha);
    return (score) => score <= threshold;
  }),
  "the conformal quantile, promised for all of a batch": batchSuite((chosen, alpha) => (batch) => {
    const threshold = quantile(chosen.map(residual), alpha);
    return batch.every((example) => residual(example) <= threshold);
  }),
  "a threshold that never moves": onlineSuite(tracker(0)),
  "a threshold that flees from its errors": onlineSuite(tracker(-1)),
  "test scores that drift": drift(0.004),
};

const failures = (suite: Suite): LawVerdict[] => suite().filter(({ holds }) => !holds);

for (const [name, suite] of Object.entries(validPredictors)) {
  console.log(`right: ${name}: ${failures(suite).length === 0 ? "every law holds" : "accused"}`);
}
for (const [name, suite] of Object.entries(brokenPredictors)) {
  const [first] = failures(suite);
  console.log(`broken: ${name}: ${first === undefined ? "not caught" : `caught by ${first.law}: ${first.message}`}`);
}
