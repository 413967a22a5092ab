import { expect, test } from "vitest";
import {
  aps,
  conformalRank,
  crossClassifier,
  crossClassifierFromJSON,
  cvPlusClassifier,
  lac,
  ordinalAps,
  pValueClassifier,
  raps,
  splitClassifier,
  uniformStream,
} from "../../../src/index.ts";
import { codeOf } from "../../codeOf.ts";
import { nearestMean, scores } from "../methods.ts";

const uniform = uniformStream(2);
const values = Array.from({ length: 20 }, (_, i) => (i % 3) * 1.5 + 2 * uniform());
const labels = values.map((_, i) => i % 3);
const fit = nearestMean(3);
const folds = values.map((_, i) => i % 4);

const plain = scores.filter((score) => !score.randomized);
test.each(plain)("$name: sets and p-values by their definition, each score under the model of its fold", (score) => {
  const models = [0, 1, 2, 3].map((fold) => {
    const kept = [...values.keys()].filter((i) => folds[i] !== fold);
    return fit(
      kept.map((i) => values[i] as number),
      kept.map((i) => labels[i] as number),
    );
  });
  const scoreOf = (x: number, label: number, fold: number) => {
    const model = models[fold] as (x: number) => number[];
    return score.labelScore(Float64Array.from(model(x)), label, 0);
  };
  for (const alpha of [0.1, 0.3]) {
    const predictor = cvPlusClassifier(values, labels, { fit, folds: 4, score, alpha });
    for (const x of [0.3, 1.7, 2.9, 4.4]) {
      const smaller = [0, 1, 2].map(
        (label) =>
          values.filter((value, i) => {
            const fold = folds[i] as number;
            return scoreOf(value, labels[i] as number, fold) < scoreOf(x, label, fold);
          }).length,
      );
      const expected = [0, 1, 2].filter((label) => (smaller[label] as number) < (1 - alpha) * 21 - 1e-9);
      expect(predictor.predictSet(x).labels).toEqual(expected);
      expect([...predictor.pValues(x)]).toEqual(smaller.map((count) => (20 - count + 1) / 21));
    }
  }
});

test("models that are all the same give split conformal prediction", () => {
  const model = fit(values, labels);
  for (const score of scores) {
    const cross = crossClassifier({ score, alpha: 0.2, seed: 1 }).calibrate(values.map(model), labels, folds);
    const split = splitClassifier({ score, alpha: 0.2, seed: 1 }).calibrate(values.map(model), labels);
    const pValues = pValueClassifier({ score, seed: 1 }).calibrate(values.map(model), labels);
    for (const x of [0, 0.7, 1.9, 2.5, 3.3, 8]) {
      const foldRows = Array(4).fill(model(x)) as number[][];
      expect(cross.predictSet(foldRows)).toEqual(split.predictSet(model(x)));
      expect(cross.pValues(foldRows)).toEqual(pValues.pValues(model(x)));
      expect(cross.pValues(foldRows, { tieBreak: 0.5 })).toEqual(pValues.pValues(model(x), { tieBreak: 0.5 }));
    }
  }
});

test("what is proved: 1 - 2 alpha for single rows, less for larger folds, nothing where that is below 0", () => {
  const level = (sizes: readonly number[], alpha: number) => {
    const of = sizes.flatMap((size, fold) => Array<number>(size).fill(fold));
    const rows = of.map(() => [0.5, 0.5]);
    const predictor = crossClassifier({ score: lac, alpha }).calibrate(
      rows,
      rows.map(() => 0),
      of,
    );
    expect([predictor.folds, predictor.n]).toEqual([sizes.length, of.length]);
    expect(predictor.guarantee).toBe(predictor.level > 0 ? "marginal" : "none");
    return predictor.level;
  };
  expect(level(Array(50).fill(1), 0.1)).toBe(0.8);
  // The least of (1 - 10/100)/11 = .0818... and 2 * 9 * .9/110 = .1472...
  expect(level(Array(10).fill(10), 0.1)).toBeCloseTo(0.8 - 0.9 / 11, 12);
  // The least of (1 - 2/100)/3 = .3266... and 2 * .9/102 = .0176...
  expect(level([50, 50], 0.1)).toBeCloseTo(0.8 - 1.8 / 102, 12);
  // Folds of several sizes have the second only.
  expect(level([1, 2, 2], 0.1)).toBeCloseTo(0.8 - (4 * 0.9) / 8, 12);
  expect(level([2, 2], 0.6)).toBe(0);
});

test("too few examples give every label; an empty set can be filled", () => {
  const predictor = cvPlusClassifier([0, 1, 2], [0, 1, 1], { fit: nearestMean(2), score: lac, alpha: 0.1 });
  expect(conformalRank(3, 0.1)).toBe(4);
  expect(predictor.predictSet(0.4)).toEqual({ labels: [0, 1], forced: false, reason: "too-few-calibration" });
  const strict = crossClassifier({ score: lac, alpha: 0.9, allowEmpty: false }).calibrate(
    [
      [0.9, 0.1],
      [0.95, 0.05],
    ],
    [0, 0],
    [0, 1],
  );
  const rows = [
    [0.5, 0.5],
    [0.4, 0.6],
  ];
  expect(strict.predictSet(rows)).toEqual({ labels: [1], forced: true });
  const empty = crossClassifier({ score: lac, alpha: 0.9 }).calibrate(rows, [0, 1], [0, 1]);
  expect(empty.predictSet(rows.map(() => [0.3, 0.7]))).toEqual({ labels: [1], forced: false });
});

test("ordinal sets are intervals, also where the models of the folds disagree", () => {
  const score = ordinalAps({ randomized: false });
  const peak = (at: number) => [0, 1, 2, 3, 4].map((label) => (label === at ? 0.8 : 0.05));
  const calibration = [0, 0, 4, 4].map(peak);
  const cross = crossClassifier({ score, alpha: 0.4 }).calibrate(calibration, [0, 1, 4, 3], [0, 0, 1, 1]);
  // Each model finds its own end likely, and the other end has just enough votes with it.
  const { labels: set } = cross.predictSet([peak(0), peak(4)]);
  expect(set).toEqual([0, 1, 2, 3, 4]);
  expect(
    crossClassifier({ score: { ...score, contiguous: false }, alpha: 0.4 })
      .calibrate(calibration, [0, 1, 4, 3], [0, 0, 1, 1])
      .predictSet([peak(0), peak(4)]).labels,
  ).toEqual([0, 4]);
});

test("jackknife+ is as many folds as examples; folds can be given", () => {
  const all = { fit, score: aps({ randomized: false }), alpha: 0.3 };
  const jackknife = cvPlusClassifier(values, labels, { ...all, folds: 20 });
  expect(jackknife.level).toBeCloseTo(0.4, 12);
  const given = cvPlusClassifier(values, labels, { ...all, folds });
  expect(given.cross.toJSON()).toEqual(cvPlusClassifier(values, labels, { ...all, folds: 4 }).cross.toJSON());
  expect(cvPlusClassifier(values, labels, all).cross.folds).toBe(10);
});

test("saved and loaded, bit for bit", () => {
  const { cross } = cvPlusClassifier(values, labels, { fit, folds: 4, score: raps({ kReg: 1 }), alpha: 0.2, seed: 3 });
  const text = JSON.stringify(cross);
  const loaded = crossClassifierFromJSON(JSON.parse(text));
  expect(JSON.stringify(loaded)).toBe(text);
  expect(loaded.level).toBe(cross.level);
  const foldRows = [0, 1, 2, 3].map((i) => [0.2 + i / 10, 0.5 - i / 10, 0.3]);
  expect(loaded.pValues(foldRows)).toEqual(cross.pValues(foldRows));
  for (const [change, code] of [
    [{ kind: "x" }, "E_JSON"],
    [{ alpha: 0 }, "E_ALPHA"],
    [{ classes: 0.5 }, "E_RANGE"],
    [{ seed: -1 }, "E_RANGE"],
    [{ scores: [] }, "E_JSON"],
    [{ scores: [[1], []] }, "E_JSON"],
    [{ allowEmpty: 1 }, "E_JSON"],
  ] as const) {
    expect(codeOf(() => crossClassifierFromJSON({ ...cross.toJSON(), ...change }))).toBe(code);
  }
});

test("bad input", () => {
  const method = crossClassifier({ score: lac, alpha: 0.2 });
  const rows = [
    [0.5, 0.5],
    [0.25, 0.75],
  ];
  expect(codeOf(() => crossClassifier({ score: lac, alpha: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => crossClassifier({ score: aps as never, alpha: 0.1 }))).toBe("E_RANGE");
  expect(codeOf(() => crossClassifier({ score: lac, alpha: 0.1, seed: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => method.calibrate([], [], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => method.calibrate(rows, [0, 1], [0]))).toBe("E_LENGTH");
  expect(codeOf(() => method.calibrate(rows, [0, 1], [0, 2]))).toBe("E_RANGE");
  expect(codeOf(() => method.calibrate(rows, [0, 1], [0, -1]))).toBe("E_RANGE at 1");
  expect(codeOf(() => method.calibrate(rows, [0, 1], [0, Number.NaN]))).toBe("E_NAN at 1");
  const cross = method.calibrate(rows, [0, 1], [0, 1]);
  expect(codeOf(() => cross.predictSet([[0.5, 0.5]]))).toBe("E_LENGTH");
  expect(codeOf(() => cross.predictSet([[1], [1]]))).toBe("E_LENGTH");
  expect(codeOf(() => cross.predictSet(rows, { u: 2 }))).toBe("E_RANGE at 0");
  expect(codeOf(() => cross.pValues(rows, { tieBreak: 2 }))).toBe("E_RANGE at 0");
  expect(
    codeOf(() =>
      cross.pValues([
        [0.5, 0.5],
        [1, 1],
      ]),
    ),
  ).toBe("E_PROBS at 1");
  const train = (change: object, examples = values, own = labels) =>
    cvPlusClassifier(examples, own, { fit, score: lac, alpha: 0.2, ...change });
  expect(codeOf(() => train({ fit: undefined }))).toBe("E_RANGE");
  expect(codeOf(() => train({}, [1], [0]))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => train({}, values, [0]))).toBe("E_LENGTH");
  expect(codeOf(() => train({ folds: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => train({ folds: 21 }))).toBe("E_RANGE");
  expect(codeOf(() => train({ folds: values.map(() => 0) }))).toBe("E_RANGE");
  expect(codeOf(() => train({ fit: () => () => [1, 1, 1] }))).toBe("E_PROBS at 0");
});
