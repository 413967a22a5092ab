import { expect, test } from "vitest";
import { aps, type ClassificationScore, fullClassifier, lac, pValueClassifier, topK } from "../../../src/index.ts";
import { codeOf } from "../../codeOf.ts";
import { nearestMean } from "../methods.ts";

const values = [0.1, 2.3, 1.9, 0.4, 3.7, 2.2];
const labels = [0, 1, 0, 0, 1, 1];

test("with a model that ignores the new example, p-values are those of split conformal prediction", () => {
  const model = nearestMean(3)([0, 1, 5], [0, 1, 2]);
  for (const score of [lac, aps(), topK({ randomized: false })]) {
    const full = fullClassifier(values, labels, { classes: 3, fit: () => model, score, alpha: 0.3, seed: 8 });
    const split = pValueClassifier({ score, seed: 8 }).calibrate(values.map(model), labels);
    for (const x of [-1, 0, 0.4, 1, 2.5, 9]) {
      expect(full.pValues(x)).toEqual(split.pValues(model(x)));
      expect(full.pValues(x, { tieBreak: 0.25 })).toEqual(split.pValues(model(x), { tieBreak: 0.25 }));
      expect(full.predictSet(x)).toEqual(split.predictSet(model(x), 0.3));
    }
  }
});

test("p-values by hand, from one training for each label", () => {
  const fit = nearestMean(2);
  const full = fullClassifier(values, labels, { classes: 2, fit, score: lac, alpha: 0.3 });
  const x = 1;
  const expected = [0, 1].map((tried) => {
    const model = fit([...values, x], [...labels, tried]);
    const scores = [...values, x].map((v, i) => 1 - (model(v)[[...labels, tried][i] as number] as number));
    return scores.filter((s) => s >= (scores.at(-1) as number)).length / 7;
  });
  expect([...full.pValues(x)]).toEqual(expected);
  expect(full.predictSet(x).labels).toEqual([0, 1].filter((label) => (expected[label] as number) > 0.3));
});

test("allowEmpty: false gives the label of the largest p-value instead of nothing", () => {
  const model = (x: number) => [0.4 - x, 0.6 - x, 2 * x];
  const of = (allowEmpty: boolean) =>
    fullClassifier([0, 0, 0, 0], [1, 1, 1, 1], { classes: 3, fit: () => model, score: lac, alpha: 0.5, allowEmpty });
  expect(of(true).predictSet(0.1)).toEqual({ labels: [], forced: false });
  expect(of(false).predictSet(0.1)).toEqual({ labels: [0], forced: true });
  expect(of(false).predictSet(0)).toEqual({ labels: [1], forced: false });
});

test("too few examples give every label, with the reason; later changes of the arrays don't matter", () => {
  const examples = [0, 1];
  const full = fullClassifier(examples, [0, 1], { classes: 2, fit: nearestMean(2), score: lac, alpha: 0.1 });
  const before = full.pValues(0.2);
  examples.push(5);
  expect(full.pValues(0.2)).toEqual(before);
  expect(full.predictSet(0.2)).toEqual({ labels: [0, 1], forced: false, reason: "too-few-calibration" });
});

test("bad input", () => {
  const options = { classes: 2, fit: nearestMean(2), score: lac, alpha: 0.1 };
  const full = (change: object, examples = values, own = labels) =>
    fullClassifier(examples, own, { ...options, ...change });
  expect(codeOf(() => full({ alpha: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => full({ classes: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => full({ classes: 1 }))).toBe("E_RANGE at 1");
  expect(codeOf(() => full({ fit: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => full({ score: aps }))).toBe("E_RANGE");
  expect(codeOf(() => full({ seed: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => full({}, [], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => full({}, [1]))).toBe("E_LENGTH");
  expect(codeOf(() => full({ fit: () => () => [1] }).pValues(1))).toBe("E_LENGTH");
  expect(codeOf(() => full({ fit: () => () => [1, 1] }).predictSet(1))).toBe("E_PROBS");
  expect(codeOf(() => full({}).pValues(1, { tieBreak: -1 }))).toBe("E_RANGE at 0");
  const broken: ClassificationScore = { ...lac, name: "broken", labelScore: () => Number.NaN };
  expect(codeOf(() => full({ score: broken }).pValues(1))).toBe("E_NAN");
});
