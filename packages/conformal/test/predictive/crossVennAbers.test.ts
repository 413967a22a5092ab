import fc from "fast-check";
import { expect, test } from "vitest";
import { crossVennAbers, crossVennAbersFromJSON, vennAbers } from "../../src/predictive/index.ts";
import { codeOf } from "../codeOf.ts";

const folds = [
  { scores: [0.1, 0.4, 0.6, 0.9], labels: [0, 1, 0, 1] },
  { scores: [0.2, 0.3, 0.7], labels: [0, 0, 1] },
];

test("two folds by hand: geometric means of p1 and of 1 - p0", () => {
  const [a, b] = folds.map(({ scores, labels }) => vennAbers(scores, labels).predictProbability(0.5));
  expect([a?.p0, a?.p1, b?.p0, b?.p1]).toEqual([1 / 3, 2 / 3, 0, 1]);
  const positive = Math.sqrt((2 / 3) * 1);
  const negative = Math.sqrt((2 / 3) * 1);
  const merged = crossVennAbers(folds).predictProbability([0.5, 0.5]);
  expect(merged.p).toBeCloseTo(positive / (positive + negative), 14);
  expect([...merged.p0, ...merged.p1]).toEqual([1 / 3, 0, 2 / 3, 1]);
  const skew = crossVennAbers(folds).predictProbability([0.1, 0.95]);
  const pair = [
    vennAbers(folds[0]?.scores ?? [], folds[0]?.labels ?? []).predictProbability(0.1),
    { p0: 1 / 2, p1: 1 },
  ];
  const gm = (x: number[]) => Math.sqrt((x[0] as number) * (x[1] as number));
  const up = gm(pair.map(({ p1 }) => p1));
  expect(skew.p).toBeCloseTo(up / (up + gm(pair.map(({ p0 }) => 1 - p0))), 14);
});

test("one fold is the inductive predictor; any fold's order gives the same up to rounding", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (s) => {
      const single = crossVennAbers(folds.slice(0, 1)).predictProbability([s]).p;
      expect(single).toBeCloseTo(vennAbers(folds[0]?.scores ?? [], folds[0]?.labels ?? []).predictProbability(s).p, 14);
      const merged = crossVennAbers(folds).predictProbability([s, 1 - s]).p;
      expect(crossVennAbers(folds.toReversed()).predictProbability([1 - s, s]).p).toBeCloseTo(merged, 14);
      expect(merged > 0 && merged < 1).toBe(true);
    }),
  );
});

test("saved and loaded, it is the same bit for bit", () => {
  const predictor = crossVennAbers(folds);
  const loaded = crossVennAbersFromJSON(JSON.parse(JSON.stringify(predictor)));
  expect(loaded.predictProbability([0.3, 0.6])).toEqual(predictor.predictProbability([0.3, 0.6]));
  expect(loaded.guarantee).toBe("none");
  expect(codeOf(() => crossVennAbersFromJSON({ ...predictor.toJSON(), folds: [] }))).toBe("E_JSON");
  expect(codeOf(() => crossVennAbersFromJSON({ ...predictor.toJSON(), folds: [1] }))).toBe("E_JSON");
  expect(codeOf(() => crossVennAbersFromJSON(null))).toBe("E_JSON");
});

test("bad input", () => {
  expect(codeOf(() => crossVennAbers([]))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => crossVennAbers([{ scores: [], labels: [] }]))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => crossVennAbers(folds).predictProbability([1]))).toBe("E_LENGTH");
  expect(codeOf(() => crossVennAbers(folds).predictProbability([1, Number.NaN]))).toBe("E_NAN");
});
