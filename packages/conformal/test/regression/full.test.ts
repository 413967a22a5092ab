import fc from "fast-check";
import { expect, test } from "vitest";
import {
  absolute,
  conformalRank,
  fullConformal,
  fullConformalNeighbours,
  fullConformalRidge,
  fullConformalRidgeFromJSON,
  leaveOneOutScores,
  residualScores,
  splitRegressor,
} from "../../src/index.ts";
import { coveredAtLeast } from "../../src/regression/full/linearScores.ts";
import { codeOf } from "../codeOf.ts";
import { wordsOf } from "../enumerate.ts";
import { reference } from "./reference.ts";

const { rows, y, n, grid, cases } = reference.full;
const alphas = [0.1, 0.2, 0.3, 0.5, 0.8];

/** The ends of a region are critical points of the grid search too: a value this near to one may go either way. */
const nearEnd = (region: { intervals: readonly { lower: number; upper: number }[] }, value: number) =>
  region.intervals.some(({ lower, upper }) => Math.abs(value - lower) < 1e-7 || Math.abs(value - upper) < 1e-7);

test("ridge and neighbours keep exactly the values that scikit-learn, refitted for each of them, keeps", () => {
  let compared = 0;
  for (const each of cases) {
    for (const alpha of alphas) {
      const predictor =
        each.model === "ridge"
          ? fullConformalRidge({ ...each, alpha }).calibrate(rows.slice(0, n), y.slice(0, n))
          : fullConformalNeighbours<[number, number]>({ ...each, alpha }).calibrate(rows.slice(0, n), y.slice(0, n));
      each.counts.forEach((counts, t) => {
        const region = predictor.predictRegion(rows[n + t] as [number, number]);
        const needed = n + 1 - conformalRank(n, alpha);
        grid.forEach((value, g) => {
          if (nearEnd(region, value)) return;
          compared++;
          if (region.contains(value) !== (counts[g] as number) >= needed)
            throw new Error(JSON.stringify([each, alpha, t, value]));
        });
      });
    }
  }
  expect(compared).toBeGreaterThan(43_000);
});

test("ridge with the intercept alone by hand: three points 0, 2, 4", () => {
  // The residual of the test point is (y - 2) 3/4, those of the others (v - 2) - (y - 2) / 4.
  const region = fullConformalRidge({ alpha: 0.5, lambda: 0 }).calibrate([[], [], []], [0, 2, 4]).predictRegion([]);
  expect(region.intervals.length).toBe(1);
  expect(region.lower).toBeCloseTo(0, 10);
  expect(region.upper).toBeCloseTo(4, 10);
  expect(region).toMatchObject({ finite: true, empty: false, level: 0.5 });
});

test("a union of intervals: nearest neighbours between two groups", () => {
  const predictor = fullConformalNeighbours({ alpha: 0.5, k: 1 }).calibrate([[0], [1], [10], [11]], [0, 1, 100, 101]);
  const region = predictor.predictRegion([5]);
  for (const { lower, upper } of region.intervals) expect(lower).toBeLessThanOrEqual(upper);
  expect(region.contains(1)).toBe(true);
  expect(region.contains(50)).toBe(false);
});

test("coverage is at least k / (n + 1), leaving out each point of every small dataset in turn", () => {
  for (const points of [3, 4, 5]) {
    for (const word of wordsOf(3, points)) {
      const targets = word.map((letter) => [0, 1, 7][letter] as number);
      const features = word.map((_, i) => [(i * i) % 5]);
      for (const alpha of [0.2, 0.4, 0.6]) {
        const methods = [
          fullConformalRidge({ alpha, lambda: 1 }),
          fullConformalRidge({ alpha, lambda: 0.5, leaveOneOut: true }),
          ...(points > 3 ? [fullConformalNeighbours({ alpha, k: 2 })] : [fullConformalNeighbours({ alpha, k: 1 })]),
        ];
        for (const method of methods) {
          const covered = targets.filter((value, i) =>
            method
              .calibrate(features.toSpliced(i, 1), targets.toSpliced(i, 1))
              .predictRegion(features[i] as number[])
              .contains(value),
          ).length;
          expect(covered).toBeGreaterThanOrEqual(conformalRank(points - 1, alpha));
        }
      }
    }
  }
});

test("coverage is exactly k / (n + 1) where no scores tie", () => {
  const features = [[0.3], [1.7], [2.2], [4.1], [5.9], [7.3]];
  const targets = [1.03, 2.71, 0.58, 6.1, 3.3, 9.7];
  for (const alpha of [0.2, 0.35, 0.5, 0.7]) {
    for (const leaveOneOut of [false, true]) {
      const method = fullConformalRidge({ alpha, lambda: 0.3, leaveOneOut });
      const covered = targets.filter((value, i) =>
        method
          .calibrate(features.toSpliced(i, 1), targets.toSpliced(i, 1))
          .predictRegion(features[i] as number[])
          .contains(value),
      ).length;
      expect(covered).toBe(conformalRank(5, alpha));
    }
  }
});

test("on a grid: coverage over all ways to leave one out of counts is at least the level", () => {
  const meanOf = (_: readonly number[], values: Float64Array) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    return () => mean;
  };
  for (const scores of [residualScores(meanOf), leaveOneOutScores(meanOf)]) {
    for (const targets of wordsOf(3, 4)) {
      for (const alpha of [0.25, 0.5]) {
        const covered = targets.filter((value, i) => {
          const predictor = fullConformal({ alpha, scores }).calibrate([0, 0, 0], targets.toSpliced(i, 1));
          return predictor.predictGrid(0, [0, 1, 2]).values.includes(value);
        });
        expect(covered.length).toBeGreaterThanOrEqual(conformalRank(3, alpha));
      }
    }
  }
});

test("on a grid: equals the exact ridge set", () => {
  const alpha = 0.3;
  const exact = fullConformalRidge({ alpha, lambda: 2, intercept: false }).calibrate(rows.slice(0, n), y.slice(0, n));
  const fit = (x: readonly [number, number][], targets: Float64Array) => {
    const [a, b, d] = [2 + sum(x, (r) => r[0] ** 2), sum(x, (r) => r[0] * r[1]), 2 + sum(x, (r) => r[1] ** 2)];
    const [u, v] = [sum(x, (r, i) => r[0] * (targets[i] as number)), sum(x, (r, i) => r[1] * (targets[i] as number))];
    const determinant = a * d - b * b;
    return ([p, q]: readonly [number, number]) => (p * (d * u - b * v) + q * (a * v - b * u)) / determinant;
  };
  const method = fullConformal({ alpha, scores: residualScores(fit) }).calibrate(rows.slice(0, n), y.slice(0, n));
  const test = rows[n] as [number, number];
  const region = exact.predictRegion(test);
  const found = method.predictGrid(test, grid);
  expect(found.values).toEqual(grid.filter((value) => region.contains(value)));
  expect(found.intervals.length).toBe(region.intervals.length);
  expect(found.lower - region.lower).toBeLessThan(0.08);
  expect(found.pValues.length).toBe(grid.length);
  expect(found.pValues.filter((p) => p > alpha + 1e-12).length).toBe(found.values.length);
});

function sum<T>(values: readonly T[], of: (value: T, i: number) => number): number {
  return values.reduce((total, value, i) => total + of(value, i), 0);
}

test("with a score that no value changes, full conformal is split conformal", () => {
  const integer = fc.integer({ min: -20, max: 20 });
  const grid41 = Array.from({ length: 41 }, (_, i) => i - 20);
  fc.assert(
    fc.property(fc.array(integer, { minLength: 1, maxLength: 12 }), fc.constantFrom(...alphas), (targets, alpha) => {
      const scores = (_: readonly number[], values: Float64Array) => values.map(Math.abs);
      const full = fullConformal({ alpha, scores }).calibrate(targets, targets).predictGrid(0, grid41);
      const split = splitRegressor({ score: absolute, alpha })
        .calibrate(
          targets.map(() => 0),
          targets,
        )
        .predictInterval(0);
      expect(full.values).toEqual(grid41.filter((value) => split.lower <= value && value <= split.upper));
      expect(full.level).toBe(split.level);
    }),
  );
});

test("regions shrink as alpha grows, move with the targets, and don't depend on the order of points", () => {
  const point = fc.record({ x: fc.integer({ min: -9, max: 9 }), y: fc.integer({ min: -99, max: 99 }) });
  const points = fc.array(point, { minLength: 3, maxLength: 12 });
  const method = {
    ridge: (alpha: number) => fullConformalRidge({ alpha, lambda: 1 }),
    near: (alpha: number) => fullConformalNeighbours({ alpha, k: 2 }),
  };
  fc.assert(
    fc.property(
      points.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      fc.constantFrom(method.ridge, method.near),
      ([all, reordered], make) => {
        const run = (of: typeof all, alpha: number, shift = 0) =>
          make(alpha)
            .calibrate(
              of.map(({ x }) => [x]),
              of.map((each) => each.y + shift),
            )
            .predictRegion([1]);
        let wider = run(all, 0.05);
        for (const alpha of alphas) {
          const region = run(all, alpha);
          for (const { lower, upper } of region.intervals)
            expect(wider.contains(lower) && wider.contains(upper)).toBe(true);
          for (const [other, shift] of [
            [run(reordered, alpha), 0],
            [run(all, alpha, 50), 50],
          ] as const) {
            expect(other.intervals.length).toBe(region.intervals.length);
            other.intervals.forEach(({ lower, upper }, i) => {
              expect(lower - shift).toBeCloseTo(region.intervals[i]?.lower as number, 8);
              expect(upper - shift).toBeCloseTo(region.intervals[i]?.upper as number, 8);
            });
          }
          wider = region;
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("the sweep over intervals equals counting at every end and between them", () => {
  const interval = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 4 }));
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), (pairs, needed) => {
      const found = coveredAtLeast(
        Float64Array.from(pairs, ([start]) => start),
        Float64Array.from(pairs, ([start, length]) => start + length),
        needed,
      );
      for (let twice = -1; twice <= 28; twice++) {
        const at = twice / 2;
        const count = pairs.filter(([start, length]) => start <= at && at <= start + length).length;
        expect(found.filter(({ lower, upper }) => lower <= at && at <= upper).length).toBe(count >= needed ? 1 : 0);
      }
    }),
  );
});

test("too few points, and leave-one-out where a point alone determines a coefficient: the whole line, with the reason", () => {
  const few = fullConformalRidge({ alpha: 0.1 })
    .calibrate([[1], [2]], [1, 2])
    .predictRegion([3]);
  expect(few).toMatchObject({
    lower: -Infinity,
    upper: Infinity,
    finite: false,
    level: 1,
    reason: "too-few-calibration",
  });
  expect(few.contains(1e300)).toBe(true);
  const tiny = fullConformal({ alpha: 0.1, scores: (_, v) => v })
    .calibrate([1, 2], [1, 2])
    .predictGrid(3, [0, 1]);
  expect(tiny).toMatchObject({ finite: false, reason: "too-few-calibration", values: [0, 1] });
  // Only the first row has a second feature, so that its error without it is not known.
  const lonely = fullConformalRidge({ alpha: 0.5, lambda: 0, leaveOneOut: true });
  const region = lonely
    .calibrate(
      [
        [0, 1],
        [1, 0],
        [2, 0],
        [3, 0],
      ],
      [5, 1, 2, 3],
    )
    .predictRegion([4, 0]);
  expect(region.contains(4)).toBe(true);
  const unbounded = fullConformalRidge({ alpha: 0.25, lambda: 0, leaveOneOut: true })
    .calibrate(
      [
        [0, 1],
        [1, 0],
        [2, 0],
      ],
      [5, 1, 2],
    )
    .predictRegion([4, 0]);
  expect(unbounded).toMatchObject({ finite: false, reason: "unbounded" });
});

test("a saved and loaded ridge predictor is the same bit for bit", () => {
  for (const leaveOneOut of [false, true]) {
    for (const intercept of [false, true]) {
      const predictor = fullConformalRidge({ alpha: 0.2, lambda: 0.7, intercept, leaveOneOut }).calibrate(
        rows.slice(0, n),
        y.slice(0, n),
      );
      const text = JSON.stringify(predictor);
      const loaded = fullConformalRidgeFromJSON(JSON.parse(text));
      expect(JSON.stringify(loaded)).toBe(text);
      const of = (region: { intervals: unknown }) => region.intervals;
      expect(loaded.predictRegions(rows).map(of)).toEqual(predictor.predictRegions(rows).map(of));
    }
  }
  const good = fullConformalRidge({ alpha: 0.5 })
    .calibrate([[1], [2]], [1, 2])
    .toJSON();
  const changes: [object, string][] = [
    [{ kind: "other" }, "E_JSON"],
    [{ version: 2 }, "E_JSON"],
    [{ alpha: 1 }, "E_ALPHA"],
    [{ lambda: -1 }, "E_RANGE"],
    [{ lambda: "x" }, "E_JSON"],
    [{ intercept: 1 }, "E_JSON"],
    [{ rows: 1 }, "E_JSON"],
    [{ rows: [[1], ["a"]] }, "E_JSON"],
    [{ rows: [[1]] }, "E_LENGTH"],
    [{ targets: [1, null] }, "E_JSON"],
  ];
  for (const [change, code] of changes)
    expect(codeOf(() => fullConformalRidgeFromJSON({ ...good, ...change }))).toBe(code);
});

test("bad input", () => {
  const ridge = fullConformalRidge({ alpha: 0.2, lambda: 0 });
  expect(codeOf(() => ridge.calibrate([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => ridge.calibrate([[1]], [1, 2]))).toBe("E_LENGTH");
  expect(codeOf(() => ridge.calibrate([[1], [1, 2]], [1, 2]))).toBe("E_LENGTH");
  expect(codeOf(() => ridge.calibrate([[1], [Number.NaN]], [1, 2]))).toBe("E_NAN at 1");
  expect(codeOf(() => ridge.calibrate([[1], [2]], [1, Infinity]))).toBe("E_RANGE at 1");
  expect(codeOf(() => ridge.calibrate([[1], [1]], [1, 2]))).toBe("E_RANGE");
  expect(codeOf(() => fullConformalRidge({ alpha: 0.2, intercept: false }).calibrate([[]], [1]))).toBe("E_RANGE");
  expect(codeOf(() => fullConformalRidge({ alpha: 0.2, lambda: Number.NaN }))).toBe("E_NAN");
  expect(codeOf(() => fullConformalRidge({ alpha: 0.2, lambda: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => fullConformalRidge({ alpha: 2 }))).toBe("E_ALPHA");
  const fitted = ridge.calibrate([[1], [2]], [1, 2]);
  expect(codeOf(() => fitted.predictRegion([1, 2]))).toBe("E_LENGTH");
  expect(codeOf(() => fitted.predictRegions([[1], [Number.NaN]]))).toBe("E_NAN at 1");
  const near = fullConformalNeighbours({ alpha: 0.2, k: 1 });
  expect(codeOf(() => near.calibrate([[1]], [1]))).toBe("E_RANGE");
  expect(codeOf(() => near.calibrate([[1], [1, 2]], [1, 2]))).toBe("E_LENGTH");
  expect(codeOf(() => near.calibrate([[1], [Number.NaN]], [1, 2]))).toBe("E_NAN at 1");
  expect(codeOf(() => fullConformalNeighbours({ alpha: 0.2, k: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => fullConformalNeighbours({ alpha: 0.2, distance: 1 as never }))).toBe("E_RANGE");
  const negative = fullConformalNeighbours<number>({ alpha: 0.2, k: 1, distance: () => -1 });
  expect(codeOf(() => negative.calibrate([1, 2], [1, 2]))).toBe("E_RANGE at 1");
  const full = fullConformal<number>({ alpha: 0.5, scores: (_, values) => values }).calibrate([1], [1]);
  expect(codeOf(() => full.predictGrid(0, []))).toBe("E_RANGE");
  expect(codeOf(() => full.predictGrid(0, [1, 1]))).toBe("E_MONOTONE at 1");
  expect(codeOf(() => full.predictGrid(0, [1, Number.NaN]))).toBe("E_NAN at 1");
  const short = fullConformal<number>({ alpha: 0.5, scores: () => [1] }).calibrate([1], [1]);
  expect(codeOf(() => short.predictGrid(0, [1]))).toBe("E_LENGTH");
  const nan = fullConformal<number>({ alpha: 0.5, scores: () => [1, Number.NaN] }).calibrate([1], [1]);
  expect(codeOf(() => nan.predictGrid(0, [1]))).toBe("E_NAN at 1");
  expect(codeOf(() => residualScores(1 as never))).toBe("E_RANGE");
});
