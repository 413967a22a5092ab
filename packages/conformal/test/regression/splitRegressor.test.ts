import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  absolute,
  asymmetric,
  conformalQuantile,
  conformalRank,
  cqr,
  cqrR,
  normalized,
  oneSided,
  type RegressionScore,
  signed,
  splitRegressor,
  splitRegressorFromJSON,
} from "../../src/index.ts";
import { codeOf } from "../codeOf.ts";
import { permutations, wordsOf } from "../enumerate.ts";

const alphas = [0.1, 0.2, 0.3, 0.5, 0.7];
const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

/** Number of points left out whose interval, from all others, holds their value. */
function coveredWhenLeftOut<P>(
  score: RegressionScore<P>,
  predictions: readonly P[],
  y: readonly number[],
  alpha: number,
) {
  return y.filter((value, i) => {
    const predictor = splitRegressor({ score, alpha }).calibrate(predictions.toSpliced(i, 1), y.toSpliced(i, 1));
    const { lower, upper } = predictor.predictInterval(predictions[i] as P);
    return lower <= value && value <= upper;
  }).length;
}

test("coverage is exactly the level over all orders of distinct errors, one threshold or one side", () => {
  for (let n = 1; n <= 5; n++) {
    // Errors of distinct size, with signs of every pattern: any order of n + 1 of them is as likely as another.
    const sizes = Array.from({ length: n + 1 }, (_, i) => 2 ** i);
    for (const signs of wordsOf(2, n + 1)) {
      const y = sizes.map((size, i) => (signs[i] === 1 ? size : -size));
      const mu = y.map(() => 0);
      const pairs = y.map(() => ({ lower: -1.5, upper: 1.5 }));
      const scaled = y.map((_, i) => ({ mean: 0, scale: 1 + ((i * 7) % 3) }));
      for (const alpha of alphas) {
        const rank = conformalRank(n, alpha);
        expect(coveredWhenLeftOut(absolute, mu, y, alpha)).toBe(rank);
        expect(coveredWhenLeftOut(oneSided(absolute, "upper"), mu, y, alpha)).toBe(rank);
        expect(coveredWhenLeftOut(cqr(), pairs, y, alpha)).toBe(rank);
        expect(coveredWhenLeftOut(normalized({ beta: 0.1 }), scaled, y, alpha)).toBeGreaterThanOrEqual(rank);
      }
    }
  }
});

test("coverage with a threshold for each side is at least the sum of both ranks less n + 1, over all orders", () => {
  for (let n = 1; n <= 5; n++) {
    for (const order of permutations(n + 1)) {
      for (const alpha of [0.4, 0.5, 0.7]) {
        const last = order[n] as number;
        const predictor = splitRegressor({ score: asymmetric(absolute), alpha }).calibrate(
          Array(n).fill(0),
          order.slice(0, n),
        );
        const { lower, upper, level } = predictor.predictInterval(0);
        const rank = conformalRank(n, alpha / 2);
        // Ranks count from both ends of n + 1 places, so which orders are covered is known one by one.
        expect(lower <= last && last <= upper).toBe(last < rank && last > n - rank);
        expect(level).toBeCloseTo((2 * rank) / (n + 1) - 1, 12);
      }
    }
  }
});

test("coverage with ties is at least the level", () => {
  for (let n = 1; n <= 4; n++) {
    for (const y of wordsOf(3, n + 1)) {
      for (const alpha of alphas) {
        // A third is no double, so that ends are computed with rounding.
        const covered = coveredWhenLeftOut(
          absolute,
          y.map(() => 1 / 3),
          y,
          alpha,
        );
        expect(covered).toBeGreaterThanOrEqual(conformalRank(n, alpha));
      }
    }
  }
});

test("groups: each is covered by its own points, exactly, over all ways to leave one out", () => {
  const groups = ["a", "a", "a", "b", "b", "b", "b", "b"];
  const y = [1, -2, 4, 8, 16, -32, 64, 128];
  for (const alpha of alphas) {
    const covered: Record<string, number> = { a: 0, b: 0 };
    groups.forEach((group, i) => {
      const predictor = splitRegressor({ score: absolute, alpha }).calibrate(Array(7).fill(0), y.toSpliced(i, 1), {
        groups: groups.toSpliced(i, 1),
      });
      const { lower, upper } = predictor.predictInterval(0, { group });
      const value = y[i] as number;
      if (lower <= value && value <= upper) covered[group] = (covered[group] as number) + 1;
    });
    expect(covered).toEqual({ a: conformalRank(2, alpha), b: conformalRank(4, alpha) });
  }
});

test("groups: one group is split prediction, several are one predictor each", () => {
  const points = fc.array(fc.record({ mu: finite, y: finite, group: fc.constantFrom("a", "b", 3) }), { minLength: 1 });
  fc.assert(
    fc.property(points, fc.constantFrom(...alphas), (all, alpha) => {
      const mu = all.map((point) => point.mu);
      const y = all.map((point) => point.y);
      const method = splitRegressor({ score: absolute, alpha });
      const plain = method.calibrate(mu, y);
      const one = method.calibrate(mu, y, { groups: y.map(() => "only") });
      expect(one.predictInterval(1, { group: "only" })).toEqual(plain.predictInterval(1));
      const grouped = method.calibrate(mu, y, { groups: all.map((point) => point.group) });
      expect(grouped.guarantee).toBe("group-conditional");
      for (const group of grouped.groups) {
        const members = all.filter((point) => point.group === group);
        const own = method.calibrate(
          members.map((point) => point.mu),
          members.map((point) => point.y),
        );
        expect(grouped.predictInterval(1, { group })).toEqual(own.predictInterval(1));
      }
    }),
  );
});

test("small and unknown groups have infinite intervals with the reason", () => {
  const y = Array.from({ length: 10 }, (_, i) => i);
  const groups = y.map((value) => (value === 9 ? "small" : "large"));
  const predictor = splitRegressor({ score: absolute, alpha: 0.1 }).calibrate(
    y.map(() => 0),
    y,
    { groups },
  );
  expect(predictor.groups).toEqual(["large", "small"]);
  expect(predictor.predictIntervals([0, 0, 0], { groups: ["large", "small", "new"] })).toEqual([
    { lower: -8, upper: 8, finite: true, empty: false, level: 0.9 },
    { lower: -Infinity, upper: Infinity, finite: false, empty: false, level: 1, reason: "too-few-calibration" },
    { lower: -Infinity, upper: Infinity, finite: false, empty: false, level: 1, reason: "unseen-group" },
  ]);
  expect(codeOf(() => predictor.predictInterval(0))).toBe("E_RANGE");
  expect(codeOf(() => predictor.quantiles({ group: "new" }))).toBe("E_RANGE");
  expect(predictor.quantile.value).toBe(Infinity);
});

test("weights: thresholds are those of the weighted quantile; equal ones change nothing, zero removes a point", () => {
  const point = fc.record({ y: finite, weight: fc.integer({ min: 1, max: 5 }) });
  const setup = fc.tuple(
    fc.array(point, { minLength: 1, maxLength: 30 }),
    fc.constantFrom(...alphas),
    fc.nat({ max: 9 }),
  );
  fc.assert(
    fc.property(setup, ([all, alpha, weight]) => {
      const y = all.map((each) => each.y);
      const mu = y.map(() => 0);
      const weights = all.map((each) => each.weight);
      const method = splitRegressor({ score: absolute, alpha });
      const weighted = method.calibrate(mu, y, { weights });
      const expected = conformalQuantile(y.map(Math.abs), alpha, { weights, testWeight: weight });
      expect(weighted.quantiles({ weight })).toEqual([expected]);
      expect(weighted.predictInterval(0, { weight }).upper).toBe(expected.value);
      const equal = method.calibrate(mu, y, { weights: y.map(() => 0.3) }).predictInterval(1, { weight: 0.3 });
      const plain = method.calibrate(mu, y).predictInterval(1);
      expect([equal.lower, equal.upper, equal.reason]).toEqual([plain.lower, plain.upper, plain.reason]);
      const padded = method.calibrate([...mu, 0], [...y, 1e9], { weights: [...y.map(() => 1), 0] }).predictInterval(1);
      expect([padded.lower, padded.upper]).toEqual([plain.lower, plain.upper]);
      expect(weighted.predictInterval(0, { weight: 1e9 }).reason).toBe("too-few-calibration");
    }),
  );
});

test("weights: coverage under the shifted law is at least 1 - alpha, by enumeration", () => {
  // The test point is y[i] with probability proportional to its weight, the others calibrate: exact sums of weights.
  const weights = [1, 2, 1, 3, 1, 4];
  const total = 12;
  for (const order of permutations(6)) {
    for (const alpha of [0.25, 0.5]) {
      let covered = 0;
      order.forEach((value, i) => {
        const predictor = splitRegressor({ score: absolute, alpha }).calibrate(
          Array(5).fill(0),
          order.toSpliced(i, 1),
          { weights: weights.toSpliced(i, 1) },
        );
        if (value <= predictor.predictInterval(0, { weight: weights[i] as number }).upper)
          covered += weights[i] as number;
      });
      expect(covered).toBeGreaterThanOrEqual((1 - alpha) * total);
    }
  }
});

test("intervals shrink as alpha grows and don't depend on the order of calibration; inputs are left alone", () => {
  const points = fc.array(fc.record({ mu: finite, scale: fc.integer({ min: 1, max: 9 }), y: finite }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(
      points.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      fc.constantFrom<RegressionScore<{ mean: number; scale: number }>>(normalized(), asymmetric(normalized())),
      ([all, reordered], score) => {
        const calibrate = (of: typeof all, alpha: number) => {
          const predictions = of.map(({ mu, scale }) => ({ mean: mu, scale }));
          const y = Float64Array.from(of, (point) => point.y);
          const copy = y.slice();
          const predictor = splitRegressor({ score, alpha }).calibrate(predictions, y);
          expect(y).toEqual(copy);
          return predictor;
        };
        let [low, high] = [-Infinity, Infinity];
        for (const alpha of alphas) {
          const predictor = calibrate(all, alpha);
          expect(JSON.stringify(calibrate(reordered, alpha))).toBe(JSON.stringify(predictor));
          const { lower, upper } = predictor.predictInterval({ mean: 0, scale: 1 });
          expect(lower >= low && upper <= high).toBe(true);
          [low, high] = [lower, upper];
        }
      },
    ),
  );
});

test("a saved and loaded predictor is the same bit for bit", () => {
  const point = fc.record({
    lower: finite,
    width: fc.double({ min: 0.1, max: 9, noNaN: true }),
    y: finite,
    group: fc.constantFrom("a", 1, 2),
    weight: fc.integer({ min: 1, max: 3 }),
  });
  const setup = fc.record({
    score: fc.constantFrom(cqr(), asymmetric(cqr()), oneSided(cqrR({ beta: 0.5 }), "upper")),
    alpha: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    grouped: fc.boolean(),
    weighted: fc.boolean(),
    points: fc.array(point, { minLength: 1 }),
  });
  fc.assert(
    fc.property(setup, ({ score, alpha, grouped, weighted, points }) => {
      const predictions = points.map(({ lower, width }) => ({ lower, upper: lower + width }));
      const predictor = splitRegressor({ score, alpha }).calibrate(
        predictions,
        points.map(({ y }) => y),
        {
          ...(grouped ? { groups: points.map(({ group }) => group) } : {}),
          ...(weighted ? { weights: points.map(({ weight }) => weight) } : {}),
        },
      );
      const text = JSON.stringify(predictor);
      const loaded = splitRegressorFromJSON(JSON.parse(text), score);
      expect(JSON.stringify(loaded)).toBe(text);
      const options = grouped ? { groups: points.map(({ group }) => group) } : {};
      expect(loaded.predictIntervals(predictions, options)).toEqual(predictor.predictIntervals(predictions, options));
      expect([loaded.quantile, loaded.groups, loaded.guarantee]).toEqual([
        predictor.quantile,
        predictor.groups,
        predictor.guarantee,
      ]);
    }),
  );
});

test("anything that toJSON did not write is refused", () => {
  const good = splitRegressor({ score: absolute, alpha: 0.5 }).calibrate([0, 0, 0], [1, 2, 3]).toJSON();
  const load = (json: unknown, score: RegressionScore = absolute) => codeOf(() => splitRegressorFromJSON(json, score));
  expect(splitRegressorFromJSON(good, absolute).quantile.value).toBe(2);
  const [cell] = good.cells as unknown as { quantiles: object[] }[];
  const quantile = cell?.quantiles[0];
  const changes: [object, string][] = [
    [{ kind: "other" }, "E_JSON"],
    [{ version: 2 }, "E_JSON"],
    [{ alpha: 2 }, "E_ALPHA"],
    [{ alpha: null }, "E_JSON"],
    [{ score: "signed" }, "E_JSON"],
    [{ weighted: 1 }, "E_JSON"],
    [{ weighted: true }, "E_JSON at 0"],
    [{ cells: {} }, "E_JSON"],
    [{ cells: [] }, "E_JSON"],
    [{ cells: [cell, cell] }, "E_JSON at 1"],
    [{ cells: [cell, { ...cell, group: "a" }] }, "E_JSON"],
    [{ cells: [{ ...cell, group: {} }] }, "E_RANGE at 0"],
    [{ cells: [{ quantiles: [quantile, quantile] }] }, "E_JSON"],
    [{ cells: [{ quantiles: [{ ...quantile, rank: 1 }] }] }, "E_JSON"],
    [{ cells: [{ quantiles: [{ ...quantile, value: "NaN" }] }] }, "E_JSON"],
    [{ cells: [{ quantiles: [{ value: 5, rank: 2, n: 1 }] }] }, "E_JSON"],
    [{ weighted: true, cells: [{ scores: [[1, 2]], weights: [1] }] }, "E_LENGTH"],
    [{ weighted: true, cells: [{ scores: [[1]], weights: [-1] }] }, "E_WEIGHTS at 0"],
  ];
  for (const [change, code] of changes) expect([change, load({ ...good, ...change })]).toEqual([change, code]);
  for (const value of [null, 1, "text", []]) expect(load(value)).toBe("E_JSON");
});

test("bad input", () => {
  const calibrate = (mu: number[], y: number[], options = {}) =>
    codeOf(() => splitRegressor({ score: absolute, alpha: 0.5 }).calibrate(mu, y, options));
  expect(calibrate([], [])).toBe("E_EMPTY_CALIBRATION");
  expect(calibrate([1], [1, 2])).toBe("E_LENGTH");
  expect(calibrate([1, 1], [1, Number.NaN])).toBe("E_NAN at 1");
  expect(calibrate([1, 1], [1, Infinity])).toBe("E_RANGE at 1");
  expect(calibrate([1], [1], { groups: [] })).toBe("E_LENGTH");
  expect(calibrate([1], [1], { groups: [undefined] })).toBe("E_RANGE at 0");
  expect(calibrate([1], [1], { groups: [Number.NaN] })).toBe("E_NAN at 0");
  expect(calibrate([1], [1], { weights: [1, 2] })).toBe("E_LENGTH");
  expect(calibrate([1, 1], [1, 1], { weights: [1, -1] })).toBe("E_WEIGHTS at 1");
  expect(calibrate([1], [1], { weights: [0] })).toBe("E_WEIGHTS");
  expect(codeOf(() => splitRegressor({ score: absolute, alpha: 1 }))).toBe("E_ALPHA");
  const predictor = splitRegressor({ score: absolute, alpha: 0.5 }).calibrate([1], [1]);
  expect(codeOf(() => predictor.predictInterval(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => predictor.predictIntervals([1, Number.NaN]))).toBe("E_NAN at 1");
  expect(codeOf(() => predictor.predictIntervals([1], { groups: [] }))).toBe("E_LENGTH");
  expect(codeOf(() => predictor.predictIntervals([1], { weights: [] }))).toBe("E_LENGTH");
  expect(codeOf(() => predictor.predictInterval(1, { weight: 1 }))).toBe("E_WEIGHTS");
  expect(codeOf(() => predictor.predictInterval(1, { group: "a" }))).toBe("E_RANGE");
  const nan: RegressionScore = { ...absolute, name: "mine", above: () => Number.NaN };
  expect(codeOf(() => splitRegressor({ score: nan, alpha: 0.5 }).calibrate([1], [1]))).toBe("E_NAN at 0");
});

describe("predictBounds", () => {
  const predictions = [0.5, -1, 3, 0, 2];
  const targets = [0.1, 0.4, 2, 5, 2];
  const tests = [-4, 0, 1e9];
  const columns = (intervals: readonly { lower: number; upper: number }[]) => ({
    lower: Float64Array.from(intervals, ({ lower }) => lower),
    upper: Float64Array.from(intervals, ({ upper }) => upper),
  });

  test.each([
    ["absolute", absolute, 0.2],
    ["too few", absolute, 0.1],
    ["separate", signed, 0.5],
    ["lower", oneSided(absolute, "lower"), 0.3],
    ["upper", oneSided(absolute, "upper"), 0.3],
  ])("holds the ends of predictIntervals: %s", (_name, score, alpha) => {
    const predictor = splitRegressor({ score, alpha }).calibrate(predictions, targets);
    expect(predictor.predictBounds(tests)).toEqual(columns(predictor.predictIntervals(tests)));
  });

  test("with groups and with weights", () => {
    const groups = ["a", "b", "a", "b", "a"];
    const grouped = splitRegressor({ score: absolute, alpha: 0.4 }).calibrate(predictions, targets, { groups });
    const each = { groups: ["b", "a", "elsewhere"] };
    expect(grouped.predictBounds(tests, each)).toEqual(columns(grouped.predictIntervals(tests, each)));
    expect(grouped.predictBounds(tests, each).upper[2]).toBe(Infinity);
    const weights = [1, 2, 0.5, 1, 3];
    const weighted = splitRegressor({ score: absolute, alpha: 0.4 }).calibrate(predictions, targets, { weights });
    for (const options of [{}, { weights: [0, 1, 50] }]) {
      expect(weighted.predictBounds(tests, options)).toEqual(columns(weighted.predictIntervals(tests, options)));
    }
  });

  test("checks what predictIntervals checks", () => {
    const predictor = splitRegressor({ score: absolute, alpha: 0.2 }).calibrate(predictions, targets);
    expect(codeOf(() => predictor.predictBounds([1, Number.NaN]))).toBe("E_NAN at 1");
    expect(codeOf(() => predictor.predictBounds([1], { weights: [1] }))).toBe("E_WEIGHTS");
    expect(codeOf(() => predictor.predictBounds([1], { groups: ["a"] }))).toBe("E_RANGE");
    expect(codeOf(() => predictor.predictBounds([1], { groups: [] }))).toBe("E_LENGTH");
  });
});
