import fc from "fast-check";
import { expect, test } from "vitest";
import { isotonicRegression, vennAbers, vennAbersFromJSON } from "../../src/predictive/index.ts";
import { codeOf } from "../codeOf.ts";
import { wordsOf } from "../enumerate.ts";
import { reference } from "./reference.ts";

const scores = [0.1, 0.2, 0.35, 0.4, 0.55, 0.6, 0.8, 0.9];
const labels = [0, 0, 1, 0, 1, 0, 1, 1];

/** Isotonic fit at `at` with one more labelled point there: equal scores pooled, then a weighted fit. */
function refit(points: readonly (readonly [number, number])[], at: number, label: number): number {
  const all = [...points, [at, label] as const];
  const distinct = [...new Set(all.map(([score]) => score))].sort((a, b) => a - b);
  const groups = distinct.map((score) => all.filter(([other]) => other === score).map(([, y]) => y));
  const fit = isotonicRegression(
    groups.map((group) => group.reduce((sum, y) => sum + y, 0) / group.length),
    { weights: groups.map((group) => group.length) },
  );
  return fit[distinct.indexOf(at)] as number;
}

test("eight scores by hand", () => {
  const predictor = vennAbers(scores, labels);
  const rows: [number, number, number, number][] = [
    [0.05, 0, 1 / 3, 0.25],
    [0.3, 0, 0.6, 0.375],
    [0.4, 1 / 3, 0.6, 0.4736842105],
    [0.5, 1 / 3, 2 / 3, 0.5],
    [0.7, 0.4, 1, 0.625],
    [0.95, 2 / 3, 1, 0.75],
  ];
  for (const [at, p0, p1, p] of rows) {
    const prediction = predictor.predictProbability(at);
    expect(prediction).toMatchObject({ p0, p1 });
    expect(prediction.p).toBeCloseTo(p, 10);
  }
  expect(predictor).toMatchObject({ n: 8, guarantee: "calibrated" });
});

test("equal the isotonic fits of scikit-learn", () => {
  for (const { scores: s, labels: y, queries, fits } of reference.vennAbers) {
    const predictor = vennAbers(s, y);
    queries.forEach((query, i) => {
      const [p0, p1] = fits[i] as [number, number];
      expect(Math.abs(predictor.predictProbability(query).p0 - p0)).toBeLessThan(1e-12);
      expect(Math.abs(predictor.predictProbability(query).p1 - p1)).toBeLessThan(1e-12);
    });
  }
});

const point = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1 }));
const points = fc.array(point, { minLength: 1, maxLength: 30 });
const pairs = (list: readonly (readonly [number, number])[]) =>
  vennAbers(
    list.map(([score]) => score),
    list.map(([, label]) => label),
  );

test("equal two isotonic regressions with the new point, at, between, below and above all scores", () => {
  fc.assert(
    fc.property(points, (list) => {
      const predictor = pairs(list);
      for (let at = -0.5; at <= 10; at += 0.5) {
        const { p0, p1 } = predictor.predictProbability(at);
        expect(Math.abs(p0 - refit(list, at, 0))).toBeLessThan(1e-12);
        expect(Math.abs(p1 - refit(list, at, 1))).toBeLessThan(1e-12);
      }
    }),
  );
});

test("all labels of up to seven distinct scores, enumerated, equal two isotonic regressions", () => {
  for (let n = 1; n <= 7; n++) {
    for (const word of wordsOf(2, n)) {
      const list = word.map((label, i): [number, number] => [i, label]);
      const predictor = pairs(list);
      for (let at = -0.5; at < n; at += 0.5) {
        const { p0, p1 } = predictor.predictProbability(at);
        expect(Math.abs(p0 - refit(list, at, 0)) + Math.abs(p1 - refit(list, at, 1))).toBeLessThan(1e-12);
      }
    }
  }
});

test("0 <= p0 <= p <= p1 <= 1, and none of them falls as the score grows", () => {
  fc.assert(
    fc.property(points, (list) => {
      const queries = Float64Array.from({ length: 25 }, (_, i) => i / 2 - 1);
      const { p0, p1, p } = pairs(list).predictProbabilities([-Infinity, ...queries, Infinity]);
      for (let i = 0; i < p.length; i++) {
        const [low, middle, high] = [p0[i] as number, p[i] as number, p1[i] as number];
        expect(low >= 0 && low < 1 && low <= middle && middle <= high && high > 0 && high <= 1).toBe(true);
        for (const list of [p0, p, p1])
          if (i > 0) expect(list[i] as number).toBeGreaterThanOrEqual(list[i - 1] as number);
      }
    }),
  );
});

test("the probability for the label that comes is perfectly calibrated: enumerated over which point is new", () => {
  fc.assert(
    fc.property(fc.array(point, { minLength: 2, maxLength: 12 }), (all) => {
      const groups = new Map<number, { count: number; positive: number }>();
      all.forEach(([score, label], i) => {
        const { p0, p1 } = pairs(all.toSpliced(i, 1)).predictProbability(score);
        const p = label === 1 ? p1 : p0;
        const group = groups.get(p) ?? { count: 0, positive: 0 };
        groups.set(p, { count: group.count + 1, positive: group.positive + label });
      });
      // Equal rationals are equal doubles here, because each is a correctly rounded quotient.
      for (const [p, { count, positive }] of groups) expect(Math.abs(positive - p * count)).toBeLessThan(1e-12);
    }),
  );
});

test("neither the order of the points nor a rising change of the scores matters", () => {
  fc.assert(
    fc.property(points, fc.infiniteStream(fc.nat()), (list, keys) => {
      const predictor = pairs(list);
      const shuffled = list.map((entry) => [keys.next().value as number, entry] as const).sort(([a], [b]) => a - b);
      const reordered = pairs(shuffled.map(([, entry]) => entry));
      const changed = pairs(list.map(([score, label]) => [score ** 3 - 50, label]));
      for (let at = -1; at <= 10; at += 0.5) {
        expect(reordered.predictProbability(at)).toEqual(predictor.predictProbability(at));
        expect(changed.predictProbability(at ** 3 - 50)).toEqual(predictor.predictProbability(at));
      }
    }),
  );
});

test("predictAll gives what predict gives; saved and loaded, it is the same bit for bit", () => {
  fc.assert(
    fc.property(points, (list) => {
      const predictor = pairs([...list, [Infinity, 1], [-Infinity, 0], [0.1, 1]]);
      const text = JSON.stringify(predictor);
      const loaded = vennAbersFromJSON(JSON.parse(text));
      expect(JSON.stringify(loaded)).toBe(text);
      const queries = [-Infinity, -1, 0, 0.1, 0.5, 3, 9, Infinity];
      const { p0, p1, p } = loaded.predictProbabilities(queries);
      queries.forEach((query, i) => {
        expect(predictor.predictProbability(query)).toEqual({ p0: p0[i], p1: p1[i], p: p[i] });
      });
    }),
  );
});

test("bad input", () => {
  expect(codeOf(() => vennAbers([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => vennAbers([1], [1, 0]))).toBe("E_LENGTH");
  expect(codeOf(() => vennAbers([1, Number.NaN], [1, 0]))).toBe("E_NAN at 1");
  expect(codeOf(() => vennAbers([1, 2], [1, 2]))).toBe("E_RANGE at 1");
  expect(codeOf(() => vennAbers([1, 2], [1, Number.NaN]))).toBe("E_NAN at 1");
  const predictor = vennAbers([1, 2], [false, true]);
  expect(codeOf(() => predictor.predictProbability(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => predictor.predictProbabilities([1, Number.NaN]))).toBe("E_NAN at 1");
});

test("anything that toJSON did not write is refused", () => {
  const good = vennAbers([1, 2, 2], [0, 1, 0]).toJSON();
  expect(vennAbersFromJSON(good).n).toBe(3);
  const changes: [object, string][] = [
    [{ kind: "other" }, "E_JSON"],
    [{ version: 2 }, "E_JSON"],
    [{ scores: [2, 1] }, "E_JSON at 1"],
    [{ scores: [1, 1] }, "E_JSON at 1"],
    [{ scores: [1] }, "E_JSON"],
    [{ scores: ["1", 2] }, "E_JSON"],
    [{ counts: [0, 2], positives: [0, 1] }, "E_JSON at 0"],
    [{ counts: [1.5, 2] }, "E_JSON at 0"],
    [{ positives: [0, 3] }, "E_JSON at 1"],
    [{ positives: [-1, 0] }, "E_JSON at 0"],
    [{ scores: [], counts: [], positives: [] }, "E_JSON"],
    [{ positives: null }, "E_JSON"],
  ];
  for (const [change, code] of changes) expect(codeOf(() => vennAbersFromJSON({ ...good, ...change }))).toBe(code);
});
