import fc from "fast-check";
import { expect, test } from "vitest";
import {
  aps,
  type ClassificationScore,
  conformalRank,
  coverage,
  coverageInterval,
  lac,
  rowUniform,
  splitClassifier,
} from "../../src/index.ts";
import { simulate } from "../../examples/simulate.ts";
import { labelledRows } from "../../src/testing/index.ts";
import { codeOf } from "../codeOf.ts";
import { permutations } from "../enumerate.ts";
import { reference } from "../reference.ts";

const deterministicAps = aps({ randomized: false });
const scores: readonly ClassificationScore[] = [lac, aps(), deterministicAps];
const alphas = [0.05, 0.1, 0.2, 0.5];
const labelsOf = (sets: readonly { readonly labels: readonly number[] }[]) => sets.map((set) => set.labels);
const split = (examples: readonly { readonly probabilities: ArrayLike<number>; readonly label: number }[]) =>
  [examples.map((example) => example.probabilities), examples.map((example) => example.label)] as const;

test("thresholds and sets equal numpy's", () => {
  const { rows, labels, u, calibration: n, cases } = reference.classification;
  for (const { alpha, score: name, rank, threshold, sets } of cases) {
    const score = scores.find((candidate) => candidate.name === name) as ClassificationScore;
    const predictor = splitClassifier({ score, alpha }).calibrate(rows.slice(0, n), labels.slice(0, n), {
      u: u.slice(0, n),
    });
    expect(predictor.quantile).toMatchObject({ value: expect.closeTo(threshold, 14), rank, n });
    expect(labelsOf(predictor.predictSets(rows.slice(n), { u: u.slice(n) }))).toEqual(sets);
    expect(rows.slice(n).map((row, i) => predictor.predictSet(row, { u: u[n + i] as number }).labels)).toEqual(sets);
  }
});

test("over all orders of distinct examples, sets hold the label of the last in exactly k / (n + 1) of them", () => {
  const rows = [0.31, 0.42, 0.53, 0.64, 0.75, 0.86].map((p) => [p, 1 - p]);
  const labels = [0, 1, 0, 0, 1, 0];
  const n = rows.length - 1;
  const orders = permutations(n + 1);
  for (const alpha of alphas) {
    let covered = 0;
    for (const order of orders) {
      const pick = <T>(of: readonly T[]) => order.map((i) => of[i] as T);
      const predictor = splitClassifier({ score: lac, alpha }).calibrate(
        pick(rows).slice(0, n),
        pick(labels).slice(0, n),
      );
      const last = order[n] as number;
      if (predictor.predictSet(rows[last] as number[]).labels.includes(labels[last] as number)) covered++;
    }
    expect(covered * (n + 1)).toBe(conformalRank(n, alpha) * orders.length);
  }
});

test.each(scores)("$name: leaving out each example in turn, at least k of n + 1 are covered, ties or not", (score) => {
  fc.assert(
    fc.property(labelledRows(3, { minLength: 2, maxLength: 12 }), fc.constantFrom(...alphas), (examples, alpha) => {
      const covered = examples.filter((example, i) => {
        const predictor = splitClassifier({ score, alpha }).calibrate(...split(examples.toSpliced(i, 1)));
        return predictor.predictSet(example.probabilities).labels.includes(example.label);
      });
      expect(covered.length).toBeGreaterThanOrEqual(conformalRank(examples.length - 1, alpha));
    }),
  );
});

test("label-conditional: leaving out each example in turn, every class is covered", () => {
  fc.assert(
    fc.property(
      labelledRows(3, { maxLength: 20 }).filter((examples) => examples.length > 1),
      (examples) => {
        const options = { score: aps(), alpha: 0.3, mondrian: "label" } as const;
        for (const label of [0, 1, 2]) {
          const members = examples.filter((example) => example.label === label);
          const covered = members.filter((example) => {
            const others = examples.filter((other) => other !== example);
            const predictor = splitClassifier(options).calibrate(...split(others));
            return predictor.predictSet(example.probabilities).labels.includes(label);
          });
          if (members.length > 0) {
            expect(covered.length).toBeGreaterThanOrEqual(conformalRank(members.length - 1, 0.3));
          }
        }
      },
    ),
  );
});

test("label-conditional thresholds are those of each class alone; a class without examples is always in", () => {
  const rows = [
    [0.9, 0.1, 0],
    [0.6, 0.4, 0],
    [0.2, 0.8, 0],
    [0.7, 0.3, 0],
  ];
  const predictor = splitClassifier({ score: lac, alpha: 0.5, mondrian: "label" }).calibrate(rows, [0, 0, 1, 0]);
  expect(predictor.guarantee).toBe("label-conditional");
  expect(predictor.quantiles.map(({ rank, n }) => [rank, n])).toEqual([
    [2, 3],
    [1, 1],
    [1, 0],
  ]);
  expect(predictor.quantiles.map(({ value }) => value)).toEqual([1 - 0.7, 1 - 0.8, Infinity]);
  expect(predictor.quantile).toBe(predictor.quantiles[2]);
  expect(predictor.predictSet([0.75, 0.25, 0])).toEqual({
    labels: [0, 2],
    forced: false,
    reason: "too-few-calibration",
  });
});

test("label-conditional with one class is the ordinary predictor", () => {
  const calibrate = (mondrian: "none" | "label") =>
    splitClassifier({ score: lac, alpha: 0.5, mondrian }).calibrate([[1], [1], [1]], [0, 0, 0]);
  expect(calibrate("label").quantiles).toEqual(calibrate("none").quantiles);
});

test("too few examples give the full set, with the reason", () => {
  const predictor = splitClassifier({ score: aps(), alpha: 0.1 }).calibrate([[0.5, 0.5]], [1]);
  expect(predictor.quantile).toMatchObject({ value: Infinity, finite: false, reason: "too-few-calibration" });
  expect(predictor.predictSet([1, 0])).toEqual({ labels: [0, 1], forced: false, reason: "too-few-calibration" });
});

test("allowEmpty: false gives the most probable label instead of nothing, and changes nothing else", () => {
  fc.assert(
    fc.property(labelledRows(3), labelledRows(3), fc.constantFrom(...scores), (calibration, tests, score) => {
      const predict = (allowEmpty: boolean) =>
        splitClassifier({ score, alpha: 0.5, allowEmpty })
          .calibrate(...split(calibration))
          .predictSets(split(tests)[0]);
      const filled = predict(false);
      predict(true).forEach((set, i) => {
        const row = tests[i]?.probabilities as number[];
        const best = row.indexOf(Math.max(...row));
        expect(filled[i]).toEqual(set.labels.length > 0 ? set : { labels: [best], forced: true });
      });
    }),
  );
});

test("the same matrix in every accepted form gives the same predictor and sets", () => {
  const flat = Float32Array.of(0.5, 0.25, 0.25, 0.125, 0.75, 0.125, 0.25, 0.25, 0.5);
  const shape = [3, 3] as const;
  const rows = [flat.subarray(0, 3), flat.subarray(3, 6), flat.subarray(6)];
  const asTensor = { shape, dataSync: () => flat, data: async () => flat };
  const forms = [rows, rows.map((row) => [...row]), { data: flat, shape }, { data: [...flat], shape }, asTensor];
  const results = forms.map((form) => {
    const predictor = splitClassifier({ score: aps(), alpha: 0.4 }).calibrate(form, Uint8Array.of(0, 1, 2));
    return JSON.stringify([predictor, predictor.predictSets(form)]);
  });
  expect(new Set(results).size).toBe(1);
});

test("a row has the same set alone, in any batch and in any order", () => {
  fc.assert(
    fc.property(labelledRows(4), labelledRows(4), fc.nat(), (calibration, tests, seed) => {
      const predictor = splitClassifier({ score: aps(), alpha: 0.3, seed }).calibrate(...split(calibration));
      const [rows] = split(tests);
      const sets = predictor.predictSets(rows);
      expect(rows.map((row) => predictor.predictSet(row))).toEqual(sets);
      expect(predictor.predictSets(rows.toReversed()).toReversed()).toEqual(sets);
    }),
  );
});

test("the seeded u is that of rowUniform", () => {
  const rows = Array.from({ length: 30 }, (_, i) => [(i + 1) / 40, 1 - (i + 1) / 40]);
  const labels = rows.map((_, i) => i % 2);
  const seeded = splitClassifier({ score: aps(), alpha: 0.2, seed: 9 }).calibrate(rows, labels);
  const explicit = splitClassifier({ score: aps(), alpha: 0.2 }).calibrate(rows, labels, {
    u: rows.map((row) => rowUniform(9, row)),
  });
  expect(seeded.quantile).toEqual(explicit.quantile);
});

test("coverage on simulated data is within its exact law", () => {
  const { rows, labels } = simulate(6000, 5, 11);
  for (const score of [lac, aps()]) {
    const predictor = splitClassifier({ score, alpha: 0.1 }).calibrate(rows.slice(0, 1000), labels.slice(0, 1000));
    const observed = coverage(predictor.predictSets(rows.slice(1000)), labels.slice(1000));
    const { lower, upper } = coverageInterval(predictor.quantile, 5000, { confidence: 1 - 2e-6 });
    expect(observed).toBeGreaterThanOrEqual(lower);
    expect(observed).toBeLessThanOrEqual(upper);
  }
});

test("rows must sum to 1 unless they are normalised; single precision has more room", () => {
  const calibrate = (row: ArrayLike<number>, normalize = false) =>
    splitClassifier({ score: lac, alpha: 0.5, normalize }).calibrate([row], [0]);
  expect(codeOf(() => calibrate([0.5, 0.50001]))).toBe("E_PROBS at 0");
  expect(calibrate([0.5, 0.5000001]).classes).toBe(2);
  expect(calibrate(Float32Array.of(0.5, 0.50001)).classes).toBe(2);
  expect(codeOf(() => calibrate(Float32Array.of(0.5, 0.501)))).toBe("E_PROBS at 0");
  expect(calibrate([3, 1], true).quantile.value).toBe(0.25);
  expect(calibrate([3, 1], true).predictSet([8, 8]).labels).toEqual([]);
  expect(codeOf(() => calibrate([0, 0], true))).toBe("E_PROBS at 0");
});

test("bad options", () => {
  expect(codeOf(() => splitClassifier({ score: lac, alpha: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => splitClassifier({ score: lac, alpha: 0.1, seed: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => splitClassifier({ score: aps as never, alpha: 0.1 }))).toBe("E_RANGE");
  expect(codeOf(() => splitClassifier({ score: "lac" as never, alpha: 0.1 }))).toBe("E_RANGE");
  expect(codeOf(() => splitClassifier({ score: lac, alpha: 0.1, mondrian: "group" as never }))).toBe("E_RANGE");
});

test("bad calibration data", () => {
  const calibrate = (rows: never[] | unknown, labels: number[], u?: number[]) =>
    splitClassifier({ score: aps(), alpha: 0.1 }).calibrate(rows as number[][], labels, u === undefined ? {} : { u });
  const good = [
    [0.5, 0.5],
    [0.25, 0.75],
  ];
  expect(codeOf(() => calibrate([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => calibrate({ data: [], shape: [0, 3] }, []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => calibrate(good, [0]))).toBe("E_LENGTH");
  expect(codeOf(() => calibrate([[1], [0.5, 0.5]], [0, 0]))).toBe("E_LENGTH");
  expect(codeOf(() => calibrate({ data: [1], shape: [1, 2] }, [0]))).toBe("E_LENGTH");
  expect(codeOf(() => calibrate(good, [0, 2]))).toBe("E_RANGE at 1");
  expect(codeOf(() => calibrate(good, [0, 0.5]))).toBe("E_RANGE at 1");
  expect(codeOf(() => calibrate(good, [Number.NaN, 0]))).toBe("E_NAN at 0");
  expect(
    codeOf(() =>
      calibrate(
        [
          [0.5, 0.5],
          [Number.NaN, 1],
        ],
        [0, 0],
      ),
    ),
  ).toBe("E_NAN at 1");
  expect(codeOf(() => calibrate([[1.5, -0.5]], [0]))).toBe("E_PROBS at 0");
  expect(codeOf(() => calibrate([[Infinity, 0]], [0]))).toBe("E_PROBS at 0");
  expect(codeOf(() => calibrate([[]], [0]))).toBe("E_PROBS at 0");
  expect(codeOf(() => calibrate([1, 2], [0, 0]))).toBe("E_PROBS at 0");
  expect(codeOf(() => calibrate([["1", "0"]], [0]))).toBe("E_PROBS at 0");
  expect(codeOf(() => calibrate({ data: [1, 0], shape: [2] }, [0]))).toBe("E_PROBS");
  expect(codeOf(() => calibrate({ data: [1, 0, 1], shape: [1.5, 2] }, [0]))).toBe("E_PROBS");
  expect(codeOf(() => calibrate({ data: [1, 0], shape: [-1, -2] }, [0]))).toBe("E_PROBS");
  expect(codeOf(() => calibrate({ shape: [1, 2], data: async () => [1, 0] }, [0]))).toBe("E_PROBS");
  expect(codeOf(() => calibrate(undefined, [0]))).toBe("E_PROBS");
  expect(codeOf(() => calibrate({ shape: [1, 2], dataSync: () => BigInt64Array.of(1n, 0n) }, [0]))).toBe(
    "E_PROBS at 0",
  );
  expect(codeOf(() => calibrate(good, [0, 1], [0.5]))).toBe("E_LENGTH");
  expect(codeOf(() => calibrate(good, [0, 1], [0.5, 1.5]))).toBe("E_RANGE at 1");
  const broken: ClassificationScore = { ...lac, name: "broken", labelScore: () => Number.NaN };
  expect(codeOf(() => splitClassifier({ score: broken, alpha: 0.1 }).calibrate(good, [0, 1]))).toBe("E_NAN at 0");
});

test("bad rows to predict for", () => {
  const predictor = splitClassifier({ score: aps(), alpha: 0.5 }).calibrate([[0.5, 0.5]], [0]);
  expect(codeOf(() => predictor.predictSet([1]))).toBe("E_LENGTH");
  expect(codeOf(() => predictor.predictSet([0.5, Number.NaN]))).toBe("E_NAN");
  expect(codeOf(() => predictor.predictSet([0.5, 0.5], { u: -1 }))).toBe("E_RANGE at 0");
  expect(codeOf(() => predictor.predictSets([[0.5, 0.25, 0.25]]))).toBe("E_LENGTH");
  expect(codeOf(() => predictor.predictSets([[0.5, 0.5]], { u: [] }))).toBe("E_LENGTH");
  expect(
    codeOf(() =>
      predictor.predictSets([
        [0.5, 0.5],
        [1, 1],
      ]),
    ),
  ).toBe("E_PROBS at 1");
  expect(predictor.predictSets([])).toEqual([]);
});

test("a predictor cannot be changed", () => {
  const predictor = splitClassifier({ score: lac, alpha: 0.5 }).calibrate([[1, 0]], [0]);
  for (const part of [predictor, predictor.quantiles, predictor.quantile, predictor.score]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});
