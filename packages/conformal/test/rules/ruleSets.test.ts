import fc from "fast-check";
import { expect, test } from "vitest";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { type BinaryScore, binaryAps, binaryLac } from "../../src/rules/binaryScores.ts";
import { ruleSetsFromJSON } from "../../src/rules/ruleSetPredictor.ts";
import { ruleSets, worstCaseScores } from "../../src/rules/ruleSets.ts";
import { codeOf } from "../codeOf.ts";

const rows = [
  [0.9, 0.2, 0.5],
  [0.7, 0.1, 0.5],
  [0.6, 0.6, 0.5],
  [0.3, 0.8, 0.5],
  [0.2, 0.9, 0.5],
  [0.4, 0.5, 0.5],
  [0.1, 0.7, 0.5],
];
const labels = [0, 0, 0, 1, 1, 1, 1];
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const points = (classes: number) =>
  fc.array(
    fc.record({
      row: fc.array(fc.tuple(unit, unit, unit), { minLength: classes, maxLength: classes }),
      label: fc.integer({ min: 0, max: classes - 1 }),
    }),
    { minLength: 1, maxLength: 25 },
  );
const scores = [binaryLac, binaryAps];
const modes = ["classwise", "union", "paper"] as const;

test("classwise thresholds come from the points of the class", () => {
  const predictor = ruleSets({ classes: 2, alpha: 0.25 }).calibrate(rows, labels);
  // Class 0: scores .1, .3, .4, rank 3; class 1: .2, .1, .5, .3, rank 4.
  expect(predictor.quantiles.map(({ value, rank, n }) => [Math.round(10 * value) / 10, rank, n])).toEqual([
    [0.4, 3, 3],
    [0.5, 4, 4],
  ]);
  expect(predictor.guarantee).toBe("label-conditional");
  expect(predictor.predictSet([0.65, 0.55]).labels).toEqual([0, 1]);
  expect(predictor.predictSet([0.55, 0.55]).labels).toEqual([1]);
  expect(predictor.predictSet([0.1, 0.1, 1]).labels).toEqual([]);
  expect(predictor.predictSetWithin({ lower: [0.5, 0.1], upper: [0.7, 0.2] }).labels).toEqual([0]);
});

test("union thresholds come from both answers of all points, at alpha over the number of classes", () => {
  const union = ruleSets({ classes: 2, alpha: 0.5, mode: "union" }).calibrate(rows, labels);
  const first = rows.map(([p = 0], i) => (labels[i] === 0 ? 1 - p : p));
  const second = rows.map(([, p = 0], i) => (labels[i] === 1 ? 1 - p : 1 - (1 - p)));
  expect(union.quantiles).toEqual([first, second].map((own) => conformalQuantile(own, 0.25)));
  expect(union.guarantee).toBe("marginal");
  const paper = ruleSets({ classes: 2, alpha: 0.25, mode: "paper" }).calibrate(rows, labels);
  expect(paper.quantiles).toEqual(union.quantiles);
  expect(paper.guarantee).toBe("none");
});

test("failures of certificates come off alpha", () => {
  const bounds = rows.map((row) => ({ lower: row, upper: row }));
  const spent = ruleSets({ classes: 2, alpha: 0.4 }).calibrateRobust(bounds, labels, { failure: 0.15 });
  const plain = ruleSets({ classes: 2, alpha: 0.25 }).calibrate(rows, labels);
  expect(spent.quantiles).toEqual(plain.quantiles);
  expect([spent.alpha, spent.failure]).toEqual([0.4, 0.15]);
  expect(codeOf(() => ruleSets({ classes: 2, alpha: 0.4 }).calibrateRobust(bounds, labels, { failure: 0.4 }))).toBe(
    "E_ALPHA",
  );
});

test("too few points of a class put it into every set, and say so", () => {
  const predictor = ruleSets({ classes: 3, alpha: 0.25 }).calibrate(rows, labels);
  expect(predictor.predictSet([0, 0, 0]).labels).toEqual([2]);
  expect([predictor.finite, predictor.reason]).toEqual([false, "too-few-calibration"]);
  expect(predictor.quantiles[2]).toMatchObject({ value: Infinity, n: 0, finite: false, reason: "too-few-calibration" });
});

test("exact probabilities make robust sets equal to ordinary ones; bounds only add classes", () => {
  fc.assert(
    fc.property(
      points(3),
      fc.constantFrom(...scores),
      fc.constantFrom(...modes),
      fc.constantFrom(0.1, 0.3, 0.6),
      (drawn, score, mode, alpha) => {
        const method = ruleSets({ classes: 3, alpha, mode, score });
        const exact = drawn.map(({ row }) => row.map(([p]) => p));
        const truth = drawn.map(({ label }) => label);
        const ordinary = method.calibrate(exact, truth);
        const same = method.calibrateRobust(
          exact.map((row) => ({ lower: row, upper: row })),
          truth,
        );
        expect(same.quantiles).toEqual(ordinary.quantiles);
        const wide = drawn.map(({ row }) => ({
          lower: row.map(([p, a]) => p * a),
          upper: row.map(([p, , b]) => Math.max(p, 1 - (1 - p) * b)),
        }));
        const robust = method.calibrateRobust(wide, truth);
        exact.forEach((row, i) => {
          const set = ordinary.predictSet(row).labels;
          expect(same.predictSet(row).labels).toEqual(set);
          expect(same.predictSetWithin({ lower: row, upper: row }).labels).toEqual(set);
          expect(robust.predictSet(row).labels).toEqual(expect.arrayContaining([...set]));
          const within = robust.predictSetWithin(wide[i] as (typeof wide)[number]).labels;
          expect(within).toEqual(expect.arrayContaining([...robust.predictSet(row).labels]));
        });
      },
    ),
    { numRuns: 40 },
  );
});

test("scores: highest and lowest are the extremes over an interval", () => {
  for (const { score, highest, lowest } of scores) {
    for (let a = 0; a <= 20; a++) {
      for (let b = a; b <= 20; b++) {
        const inside = Array.from({ length: 20 * (b - a) + 1 }, (_, i) => score(a / 20 + i / 400));
        // The supremum of aps on an interval that ends at 1/2 is not attained on the grid.
        expect(highest(a / 20, b / 20)).toBeGreaterThanOrEqual(Math.max(...inside) - 1e-12);
        expect(lowest(a / 20, b / 20)).toBeLessThanOrEqual(Math.min(...inside) + 1e-12);
        if (a === b) expect([highest(a / 20, a / 20), lowest(a / 20, a / 20)]).toEqual([score(a / 20), score(a / 20)]);
      }
    }
  }
});

test("the order of the calibration points does not matter, and nothing is modified", () => {
  fc.assert(
    fc.property(points(2), fc.constantFrom(...modes), (drawn, mode) => {
      const run = (of: typeof drawn) =>
        ruleSets({ classes: 2, alpha: 0.3, mode }).calibrate(
          of.map(({ row }) => Object.freeze(row.map(([p]) => p))),
          of.map(({ label }) => label),
        ).quantiles;
      expect(run(drawn.toReversed())).toEqual(run(drawn));
    }),
    { numRuns: 30 },
  );
});

test("worst-case scores of the true classes", () => {
  const bounds = [
    { lower: [0.2, 0.3], upper: [0.4, 0.9] },
    { lower: [0.2, 0.6], upper: [0.4, 0.9] },
  ];
  expect([...worstCaseScores(bounds, [0, 1])]).toEqual([0.8, 0.4]);
  expect([...worstCaseScores(bounds, [1, 1], binaryAps)]).toEqual([1, 0.9]);
  expect(codeOf(() => worstCaseScores(bounds, [0, 2]))).toBe("E_RANGE at 0");
});

test("survives JSON to the bit, infinite thresholds included", () => {
  fc.assert(
    fc.property(
      points(3),
      fc.constantFrom(...scores),
      fc.constantFrom(...modes),
      fc.constantFrom(0.05, 0.3),
      (drawn, score, mode, alpha) => {
        const bounds = drawn.map(({ row }) => ({ lower: row.map(([p, a]) => p * a), upper: row.map(([p]) => p) }));
        const predictor = ruleSets({ classes: 3, alpha, mode, score }).calibrateRobust(
          bounds,
          drawn.map(({ label }) => label),
          { failure: 0.01 },
        );
        const loaded = ruleSetsFromJSON(JSON.parse(JSON.stringify(predictor)));
        expect(loaded.quantiles).toEqual(predictor.quantiles);
        expect(loaded.toJSON()).toEqual(predictor.toJSON());
        expect([loaded.guarantee, loaded.finite, loaded.reason]).toEqual([
          predictor.guarantee,
          predictor.finite,
          predictor.reason,
        ]);
        for (const { lower } of bounds) expect(loaded.predictSet(lower)).toEqual(predictor.predictSet(lower));
      },
    ),
    { numRuns: 40 },
  );
});

test("a score of one's own", () => {
  const squared: BinaryScore = {
    name: "squared",
    score: (p) => (1 - p) ** 2,
    highest: (lower) => (1 - lower) ** 2,
    lowest: (_, upper) => (1 - upper) ** 2,
  };
  const predictor = ruleSets({ classes: 2, alpha: 0.25, score: squared }).calibrate(rows, labels);
  const json = JSON.parse(JSON.stringify(predictor)) as unknown;
  expect(codeOf(() => ruleSetsFromJSON(json))).toBe("E_JSON");
  expect(ruleSetsFromJSON(json, { score: squared }).quantiles).toEqual(predictor.quantiles);
  const broken = { ...squared, score: () => Number.NaN };
  expect(codeOf(() => ruleSets({ classes: 2, alpha: 0.25, score: broken }).calibrate(rows, labels))).toBe("E_NAN at 0");
});

test("bad input", () => {
  const sets = ruleSets({ classes: 2, alpha: 0.25 });
  expect(codeOf(() => ruleSets({ classes: 0, alpha: 0.1 }))).toBe("E_RANGE");
  expect(codeOf(() => ruleSets({ classes: 2, alpha: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => ruleSets({ classes: 2, alpha: 0.1, mode: "exact" as "union" }))).toBe("E_RANGE");
  expect(codeOf(() => sets.calibrate([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => sets.calibrateRobust([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => sets.calibrate(rows, [0]))).toBe("E_LENGTH");
  expect(codeOf(() => sets.calibrate([[0.5]], [0]))).toBe("E_LENGTH");
  expect(
    codeOf(() =>
      sets.calibrate(
        [
          [0.5, 0.5],
          [0.5, 2],
        ],
        [0, 1],
      ),
    ),
  ).toBe("E_PROBS at 1");
  expect(
    codeOf(() =>
      sets.calibrate(
        [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
        [0, 2],
      ),
    ),
  ).toBe("E_RANGE at 1");
  expect(codeOf(() => sets.calibrate([[0.5, 0.5]], [Number.NaN]))).toBe("E_NAN at 0");
  expect(codeOf(() => sets.calibrateRobust([{ lower: [0, 0.5], upper: [1, 0.4] }], [0]))).toBe("E_RANGE at 0");
  const predictor = sets.calibrate(rows, labels);
  expect(codeOf(() => predictor.predictSet([0.5]))).toBe("E_LENGTH");
  expect(codeOf(() => predictor.predictSet([0.5, Number.NaN]))).toBe("E_NAN at 1");
  expect(codeOf(() => predictor.predictSetWithin({ lower: [0.5, 0.5], upper: [0.4, 0.5] }))).toBe("E_RANGE at 0");
  const saved = JSON.parse(JSON.stringify(predictor)) as Record<string, unknown>;
  for (const change of [
    { kind: "x" },
    { mode: "x" },
    { failure: 0.5 },
    { score: "x" },
    { quantiles: [] },
    {
      quantiles: [
        { value: 1, rank: 2, n: 3 },
        { value: 1, rank: 4, n: 4 },
      ],
    },
    {
      quantiles: [
        { value: 1, rank: 2, n: 1 },
        { value: 1, rank: 4, n: 4 },
      ],
    },
    { quantiles: [null, null] },
  ]) {
    expect(codeOf(() => ruleSetsFromJSON({ ...saved, ...change }))).toBe("E_JSON");
  }
});
