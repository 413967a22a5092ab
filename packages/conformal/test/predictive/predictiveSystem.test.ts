import fc from "fast-check";
import { expect, test } from "vitest";
import { predictiveSystem, predictiveSystemFromJSON } from "../../src/predictive/index.ts";
import { codeOf } from "../codeOf.ts";
import { permutations, wordsOf } from "../enumerate.ts";
import { reference } from "./reference.ts";

const zeros = (n: number) => new Float64Array(n);
/** The distribution at prediction 0 whose points are the given numbers. */
const at = (y: readonly number[], options = {}) =>
  predictiveSystem(options).calibrate(zeros(y.length), y).predictDistribution(0);

test("four residuals by hand", () => {
  const system = predictiveSystem().calibrate([10, 20, 30, 40], [11, 18, 30, 43]);
  const distribution = system.predictDistribution(100);
  expect([...distribution.points()]).toEqual([98, 100, 101, 103]);
  expect(distribution.cdf(99, 0)).toBe(0.2);
  expect(distribution.cdf(99, 1)).toBe(0.4);
  expect(distribution.cdf(100, 0.5)).toBe((1 + 0.5 * 2) / 5);
  expect(distribution.cdf(100)).toBe(distribution.cdf(100, 0.5));
  expect(distribution.cdfBounds(100)).toEqual({ lower: 0.2, upper: 0.6 });
  expect(distribution.cdf(-Infinity, 1)).toBe(0.2);
  expect(distribution.cdf(Infinity, 0)).toBe(0.8);
  expect([distribution.quantile(0.5, "lower"), distribution.quantile(0.5, "upper")]).toEqual([100, 101]);
  expect([distribution.quantile(0.1, "lower"), distribution.quantile(0.1, "upper")]).toEqual([-Infinity, 98]);
  expect([distribution.quantile(0.9, "lower"), distribution.quantile(0.9, "upper")]).toEqual([103, Infinity]);
  expect(distribution.quantile(0.6, "lower")).toBe(101);
  expect(distribution.quantile(0.6, "upper")).toBe(101);
  expect(distribution.median).toBe(100.5);
  expect(distribution.interval(0.4)).toEqual({ lower: 98, upper: 103, level: 0.6, finite: true });
  expect(distribution.interval(0.3)).toEqual({
    lower: -Infinity,
    upper: Infinity,
    level: 1,
    finite: false,
    reason: "too-few-calibration",
  });
  expect(distribution.pValue(98.5, "above")).toBe(0.4);
  expect(distribution.pValue(102, "below")).toBeCloseTo(0.4, 15);
  expect(system).toMatchObject({ n: 4, guarantee: "marginal" });
});

test("the outcome's bounds take the place of infinite ends", () => {
  const distribution = at([1, 2, 5], { yMin: 0, yMax: 9 });
  expect(distribution.interval(0.1)).toEqual({
    lower: 0,
    upper: 9,
    level: 1,
    finite: true,
    reason: "too-few-calibration",
  });
  expect([distribution.cdf(-1), distribution.cdf(10)]).toEqual([0, 1]);
  // Steps 1/8, 3/8, 5/8, 7/8 between 0, 1, 2, 5, 9, for y = 2.
  expect(distribution.crps(2)).toBeCloseTo((1 + 9 + 9 * 3 + 1 * 4) / 64, 14);
  expect(distribution.crps(-3)).toBeCloseTo(3 + (49 + 25 + 9 * 3 + 4) / 64, 14);
});

test("CRPS equals numerical integration, with and without bounds, in every place", () => {
  for (const { predictions, y, sigma, prediction, scale, yMin, yMax, at: outcome, crps } of reference.crps) {
    const system = predictiveSystem({ yMin: yMin ?? -Infinity, yMax: yMax ?? Infinity });
    const distribution = system.calibrate(predictions, y, { scales: sigma }).predictDistribution(prediction, { scale });
    expect(Math.abs(distribution.crps(outcome) - crps)).toBeLessThan(1e-11);
  }
});

test("CRPS without bounds is E|X - y| - E|X - X'|/2 for X uniform on the points", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }), fc.integer(), (y, seed) => {
      const outcome = (seed % 30) / 2;
      const mean = (of: (x: number) => number) => y.reduce((sum, x) => sum + of(x), 0) / y.length;
      const expected = mean((x) => Math.abs(x - outcome)) - mean((x) => mean((z) => Math.abs(x - z))) / 2;
      expect(at(y).crps(outcome)).toBeCloseTo(expected, 12);
    }),
  );
});

test("the probability integral transform is uniform: every order of distinct residuals, u integrated", () => {
  for (let n = 1; n <= 5; n++) {
    const orders = permutations(n + 1);
    // Q(Y, u) runs over [j, j + 1] / (n + 1) as u runs over [0, 1]: uniform if every j is met equally often.
    const cells = new Array<number>(n + 1).fill(0);
    for (const order of orders) {
      const distribution = at(order.slice(0, n));
      const y = order[n] as number;
      const lower = Math.round(distribution.cdf(y, 0) * (n + 1));
      expect(distribution.cdf(y, 1)).toBe((lower + 1) / (n + 1));
      cells[lower] = (cells[lower] as number) + 1;
    }
    expect(new Set(cells)).toEqual(new Set([orders.length / (n + 1)]));
  }
});

test("and for ties: over which point is new, P(Q <= t) = t for every t", () => {
  for (const word of wordsOf(3, 5)) {
    for (let cell = 0; cell <= 5; cell++) {
      const t = cell / 5 - 0.05;
      let mean = 0;
      word.forEach((y, i) => {
        const { lower, upper } = at(word.toSpliced(i, 1)).cdfBounds(y);
        mean += Math.min(1, Math.max(0, (t - lower) / (upper - lower))) / 5;
      });
      expect(mean).toBeCloseTo(Math.max(0, t), 12);
    }
  }
});

test("intervals cover: enumerated, exactly at their level without ties and at least with them", () => {
  for (let n = 1; n <= 6; n++) {
    for (const alpha of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      let covered = 0;
      let level = 0;
      for (let y = 0; y <= n; y++) {
        const interval = at(Array.from({ length: n + 1 }, (_, i) => i).toSpliced(y, 1)).interval(alpha);
        level = interval.level;
        if (interval.lower <= y && y <= interval.upper) covered++;
      }
      // The end points themselves are calibration points: among distinct values, n + 1 cells, level * (n + 1) of them in.
      expect(covered).toBe(Math.round(level * (n + 1)));
      expect(level).toBeGreaterThanOrEqual(1 - alpha - 1e-12);
    }
  }
  for (const word of wordsOf(3, 5)) {
    for (const alpha of [0.3, 0.5, 0.8]) {
      const covered = word.filter((y, i) => {
        const { lower, upper } = at(word.toSpliced(i, 1)).interval(alpha);
        return lower <= y && y <= upper;
      }).length;
      expect(covered / 5).toBeGreaterThanOrEqual(1 - alpha - 1e-12);
    }
  }
});

test("percentiles keep their one-sided promises, enumerated with ties", () => {
  for (const word of wordsOf(3, 5)) {
    for (let percent = 5; percent < 100; percent += 5) {
      const p = percent / 100;
      let below = 0;
      let upTo = 0;
      word.forEach((y, i) => {
        const distribution = at(word.toSpliced(i, 1));
        if (y < distribution.quantile(p, "lower")) below++;
        if (y <= distribution.quantile(p, "upper")) upTo++;
      });
      expect(below * 100).toBeLessThanOrEqual(5 * percent);
      expect(upTo * 100).toBeGreaterThanOrEqual(5 * percent);
    }
  }
});

test("p-values for a threshold are valid, enumerated with ties", () => {
  for (const word of wordsOf(4, 4)) {
    for (const threshold of [0.5, 1, 2]) {
      for (let j = 1; j <= 4; j++) {
        const t = j / 4 + 1e-9;
        const wrong = { above: 0, below: 0 };
        word.forEach((y, i) => {
          const distribution = at(word.toSpliced(i, 1));
          if (y <= threshold && distribution.pValue(threshold, "above") <= t) wrong.above++;
          if (y >= threshold && distribution.pValue(threshold, "below") <= t) wrong.below++;
        });
        expect(Math.max(wrong.above, wrong.below)).toBeLessThanOrEqual(j);
      }
    }
  }
});

const residual = fc.integer({ min: -5, max: 5 });
const sample = fc.array(residual, { minLength: 1, maxLength: 20 });

test("nondecreasing in y and in u; percentiles nondecreasing in p; intervals nested in alpha", () => {
  fc.assert(
    fc.property(sample, (y) => {
      const distribution = at(y);
      let before = 0;
      for (let z = -6; z <= 6; z += 0.5) {
        expect(distribution.cdf(z, 0)).toBeGreaterThanOrEqual(before);
        before = distribution.cdf(z, 0);
        expect(distribution.cdf(z, 0.3)).toBeLessThanOrEqual(distribution.cdf(z, 0.7));
        expect(distribution.cdf(z, 0)).toBe(distribution.cdfBounds(z).lower);
        expect(distribution.cdf(z, 1)).toBe(distribution.cdfBounds(z).upper);
      }
      for (let percent = 2; percent < 100; percent++) {
        for (const side of ["lower", "upper"] as const) {
          expect(distribution.quantile(percent / 100, side)).toBeGreaterThanOrEqual(
            distribution.quantile((percent - 1) / 100, side),
          );
        }
        const [wide, narrow] = [distribution.interval((percent - 1) / 100), distribution.interval(percent / 100)];
        expect(wide.lower <= narrow.lower && wide.upper >= narrow.upper).toBe(true);
      }
      expect(distribution.median).toBe((distribution.quantile(0.5, "lower") + distribution.quantile(0.5, "upper")) / 2);
    }),
    { numRuns: 50 },
  );
});

test("sigma scales the points; equal sigma and beta change nothing; order changes nothing", () => {
  fc.assert(
    fc.property(sample, fc.integer({ min: 1, max: 8 }), (y, s) => {
      const sigma = y.map((_, i) => 2 ** (i % 3));
      const scaled = predictiveSystem().calibrate(zeros(y.length), y, { scales: sigma });
      const points = y.map((value, i) => 3 + s * (value / (sigma[i] as number))).sort((a, b) => a - b);
      expect([...scaled.predictDistribution(3, { scale: s }).points()]).toEqual(points);
      const even = predictiveSystem({ beta: 1 }).calibrate(zeros(y.length), y, { scales: zeros(y.length) });
      expect(even.predictDistribution(3, { scale: 0 }).points()).toEqual(
        at(y)
          .points()
          .map((c) => c + 3),
      );
      const reversed = predictiveSystem().calibrate(zeros(y.length), y.toReversed(), { scales: sigma.toReversed() });
      expect(JSON.stringify(reversed)).toBe(JSON.stringify(scaled));
    }),
  );
});

test("a threshold at a point is a tie even when residuals round", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 }), (y) => {
      const system = predictiveSystem().calibrate(zeros(y.length), y, { scales: y.map(() => 0.3) });
      const distribution = system.predictDistribution(0.1, { scale: 0.7 });
      for (const c of distribution.points()) {
        const { lower, upper } = distribution.cdfBounds(c);
        expect((upper - lower) * (y.length + 1)).toBeGreaterThan(1.5);
      }
    }),
  );
});

test("groups are systems of their own; an unknown group promises nothing finite", () => {
  const predictions = [1, 2, 3, 4, 5];
  const y = [1.5, 2, 2, 6, 5.5];
  const groups = ["a", "b", "a", "b", "a"];
  const system = predictiveSystem().calibrate(predictions, y, { groups });
  expect(system).toMatchObject({ n: 5, guarantee: "group-conditional" });
  expect([...system.predictDistribution(0, { group: "a" }).points()]).toEqual([-1, 0.5, 0.5]);
  expect([...system.predictDistribution(0, { group: "b" }).points()]).toEqual([0, 2]);
  const unknown = system.predictDistribution(7, { group: "c" });
  expect(unknown.cdfBounds(0)).toEqual({ lower: 0, upper: 1 });
  expect(unknown).toMatchObject({ n: 0, median: 7 });
  expect(unknown.interval(0.5)).toMatchObject({ finite: false, reason: "unseen-group", level: 1 });
  expect([unknown.quantile(0.5, "lower"), unknown.quantile(0.5, "upper"), unknown.crps(1)]).toEqual([
    -Infinity,
    Infinity,
    Infinity,
  ]);
  const bounded = predictiveSystem({ yMin: 0, yMax: 8 }).calibrate(predictions, y, { groups });
  expect(bounded.predictDistribution(7, { group: "c" }).crps(1)).toBe(2);
  const all = system.predictDistributions([0, 7], { groups: ["b", "c"] });
  expect(all.map(({ n }) => n)).toEqual([2, 0]);
});

test("saved and loaded, it is the same bit for bit", () => {
  fc.assert(
    fc.property(sample, fc.boolean(), fc.boolean(), (y, scaled, grouped) => {
      const given = {
        ...(scaled ? { scales: y.map((_, i) => 1 + (i % 3)) } : {}),
        ...(grouped ? { groups: y.map((_, i) => (i % 2 === 0 ? "even" : 1)) } : {}),
      };
      const system = predictiveSystem({ beta: 0.1, yMin: -5 }).calibrate(
        y.map((_, i) => i / 7),
        y,
        given,
      );
      const text = JSON.stringify(system);
      const loaded = predictiveSystemFromJSON(JSON.parse(text));
      expect(JSON.stringify(loaded)).toBe(text);
      const options = { ...(scaled ? { scale: 0.7 } : {}), ...(grouped ? { group: "even" } : {}) };
      const [a, b] = [system.predictDistribution(1 / 3, options), loaded.predictDistribution(1 / 3, options)];
      expect(b.points()).toEqual(a.points());
      expect([b.crps(0.2), b.median, b.interval(0.2)]).toEqual([a.crps(0.2), a.median, a.interval(0.2)]);
    }),
  );
});

test("bad input", () => {
  const calibrate = (predictions: number[], y: number[], options = {}, system = {}) =>
    codeOf(() => predictiveSystem(system).calibrate(predictions, y, options));
  expect(calibrate([], [])).toBe("E_EMPTY_CALIBRATION");
  expect(calibrate([1], [1, 2])).toBe("E_LENGTH");
  expect(calibrate([1, Number.NaN], [1, 2])).toBe("E_NAN at 1");
  expect(calibrate([1, 2], [1, Number.NaN])).toBe("E_NAN at 1");
  expect(calibrate([1, 2], [1, Infinity])).toBe("E_RANGE at 1");
  expect(calibrate([1, 1e308], [1, -1e308])).toBe("E_RANGE at 1");
  expect(calibrate([1, 2], [1, -1], {}, { yMin: 0 })).toBe("E_RANGE at 1");
  expect(calibrate([1, 2], [1, 2], { scales: [1] })).toBe("E_LENGTH");
  expect(calibrate([1, 2], [1, 2], { groups: ["a"] })).toBe("E_LENGTH");
  expect(calibrate([1, 2], [1, 2], { scales: [1, 0] })).toBe("E_SIGMA at 1");
  expect(calibrate([1, 2], [1, 2], { scales: [1, -1] }, { beta: 2 })).toBe("E_SIGMA at 1");
  expect(calibrate([1, 2], [1, 2], { scales: [1, Number.NaN] })).toBe("E_NAN at 1");
  expect(calibrate([1, 2], [1, 2], { groups: ["a", Number.NaN] })).toBe("E_NAN at 1");
  expect(codeOf(() => predictiveSystem({ beta: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => predictiveSystem({ yMin: 1, yMax: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => predictiveSystem({ yMax: Number.NaN }))).toBe("E_NAN");
  const plain = predictiveSystem().calibrate([1, 2], [1, 2]);
  const full = predictiveSystem().calibrate([1, 2], [1, 2], { scales: [1, 1], groups: [0, 1] });
  expect(codeOf(() => plain.predictDistribution(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => plain.predictDistribution(1, { scale: 1 }))).toBe("E_SIGMA");
  expect(codeOf(() => plain.predictDistribution(1, { group: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => full.predictDistribution(1, { group: 1 }))).toBe("E_SIGMA");
  expect(codeOf(() => full.predictDistribution(1, { scale: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => full.predictDistribution(1, { scale: 0, group: 1 }))).toBe("E_SIGMA");
  expect(codeOf(() => plain.predictDistributions([1, Infinity]))).toBe("E_RANGE at 1");
  expect(codeOf(() => full.predictDistributions([1, 2], { scales: [1], groups: [1, 1] }))).toBe("E_LENGTH");
  const distribution = plain.predictDistribution(1);
  expect(codeOf(() => distribution.cdf(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => distribution.cdf(1, 2))).toBe("E_RANGE at 0");
  expect(codeOf(() => distribution.crps(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => distribution.crps(Infinity))).toBe("E_RANGE");
  expect(codeOf(() => distribution.quantile(0, "lower"))).toBe("E_ALPHA");
  expect(codeOf(() => distribution.quantile(0.5, "middle" as never))).toBe("E_RANGE");
  expect(codeOf(() => distribution.interval(1))).toBe("E_ALPHA");
  expect(codeOf(() => distribution.pValue(Number.NaN, "above"))).toBe("E_NAN");
  expect(codeOf(() => distribution.pValue(1, "up" as never))).toBe("E_RANGE");
});

test("anything that toJSON did not write is refused", () => {
  const good = predictiveSystem().calibrate([1, 2], [1, 3]).toJSON();
  expect(predictiveSystemFromJSON(good).n).toBe(2);
  const changes: [object, string][] = [
    [{ kind: "other" }, "E_JSON"],
    [{ beta: "x" }, "E_JSON"],
    [{ beta: -1 }, "E_RANGE"],
    [{ scaled: 1 }, "E_JSON"],
    [{ samples: [] }, "E_JSON"],
    [{ samples: [{ group: "", residuals: [] }] }, "E_JSON at 0"],
    [{ samples: [{ group: "", residuals: [2, 1] }] }, "E_JSON at 1"],
    [{ samples: [{ group: "", residuals: ["Infinity"] }] }, "E_JSON at 0"],
    [{ samples: [{ group: null, residuals: [1] }] }, "E_RANGE at 0"],
    [{ samples: [{ group: "a", residuals: [1] }] }, "E_JSON"],
    [
      {
        grouped: true,
        samples: [
          { group: "a", residuals: [1] },
          { group: "a", residuals: [1] },
        ],
      },
      "E_JSON at 1",
    ],
  ];
  for (const [change, code] of changes) {
    expect(codeOf(() => predictiveSystemFromJSON({ ...good, ...change }))).toBe(code);
  }
});
