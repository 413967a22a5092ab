import { expect, test } from "vitest";
import { uniformStream } from "../../src/base/random.ts";
import {
  absolute,
  bonferroniBox,
  cqrM,
  cqrR,
  fullConformal,
  fullConformalNeighbours,
  fullConformalRidge,
  leaveOneOutScores,
  maxBox,
  normalized,
  signed,
  splitOutputs,
  splitRegressor,
  splitRegressorFromJSON,
} from "../../src/regression/index.ts";
import { codeOf } from "../codeOf.ts";

test("errors beyond the range of doubles count as infinite, and are no NaN", () => {
  const wide = splitRegressor({ score: absolute, alpha: 0.5 }).calibrate([1e308], [-1e308]);
  expect(wide.predictInterval(0)).toMatchObject({ lower: -Infinity, upper: Infinity });
  const far = Array.from({ length: 3 }, () => 1e308);
  const sided = splitRegressor({ score: signed, alpha: 0.5 }).calibrate(
    far,
    far.map((value) => -value),
  );
  expect(sided.predictInterval(1e308).lower).toBe(-Infinity);
  expect(sided.predictInterval(1e308).upper).toBeGreaterThanOrEqual(-1e308);
  const tiny = { mean: 1, scale: 5e-324 };
  const scaled = splitRegressor({ score: normalized(), alpha: 0.5 }).calibrate([tiny], [-1]);
  expect(scaled.predictInterval(tiny)).toMatchObject({ lower: -Infinity, upper: Infinity });
});

test("a scale or a width that is infinite in doubles is refused: times a threshold of 0 it is NaN", () => {
  const scaled = splitRegressor({ score: normalized({ beta: 1e308 }), alpha: 0.5 });
  const known = { mean: 1, scale: 1 };
  const predictor = scaled.calibrate([known, known], [1, 1]);
  expect(codeOf(() => predictor.predictInterval({ mean: 1, scale: 1.7e308 }))).toBe("E_SIGMA");
  const ends = { lower: -1e308, median: -9e307, upper: 1e308 };
  expect(codeOf(() => splitRegressor({ score: cqrR(), alpha: 0.5 }).calibrate([ends], [0]))).toBe("E_SIGMA at 0");
  expect(codeOf(() => splitRegressor({ score: cqrM(), alpha: 0.5 }).calibrate([ends], [0]))).toBe("E_SIGMA at 0");
});

test("full conformal regions exclude nothing where numbers leave the range of doubles", () => {
  const rows = [[1], [2], [3], [-1], [0]];
  const huge = [1e308, -1e308, 1e308, 1e308, -1e308];
  const everything = [{ lower: -Infinity, upper: Infinity }];
  for (const leaveOneOut of [false, true]) {
    const ridge = fullConformalRidge({ alpha: 0.3, leaveOneOut });
    expect(ridge.calibrate(rows, huge).predictRegion([1]).intervals).toEqual(everything);
    const far = rows.map(([x]) => [(x as number) * 1e150]);
    expect(ridge.calibrate(far, [1e200, 2e200, 1e200, 1e200, 5e200]).predictRegion([1e150]).intervals).toEqual(
      everything,
    );
    expect(ridge.calibrate(rows, [1, 2, 3, -1, 0]).predictRegion([1e200]).intervals).toEqual(everything);
  }
  const neighbours = fullConformalNeighbours({ alpha: 0.3, k: 3 }).calibrate(rows, huge);
  expect(neighbours.predictRegion([1]).contains(1e308)).toBe(true);
});

test("boxes hold a point that ties with all of the calibration points, also after rounding", () => {
  for (let a = 1; a <= 20; a++) {
    for (let b = 1; b <= 20; b++) {
      const [center, y] = [
        [a / 10, b / 3],
        [b / 7, a / 10],
      ];
      for (const score of [maxBox([0.3, 0.7]), bonferroniBox(2)]) {
        const repeat = <T>(value: T): T[] => Array.from({ length: 4 }, () => value);
        const region = splitOutputs({ score, alpha: 0.4 }).calibrate(repeat(center), repeat(y)).predictRegion(center);
        expect(region.contains(y)).toBe(true);
        for (let j = 0; j < 2; j++) {
          expect(region.lower[j]).toBeLessThanOrEqual(y[j] as number);
          expect(region.upper[j]).toBeGreaterThanOrEqual(y[j] as number);
        }
      }
    }
  }
});

test("ridge regions are the same bits in every order of the points", () => {
  const points = Array.from({ length: 7 }, (_, i) => ({ row: [(i * 5) % 7 ? i / 10 : -0, 1 / (i + 1)], y: i / 3 }));
  const regionOf = (list: typeof points) => {
    const ridge = fullConformalRidge({ alpha: 0.3 }).calibrate(
      list.map(({ row }) => row),
      list.map(({ y }) => y),
    );
    return { intervals: ridge.predictRegion([0.3, 0.7]).intervals, saved: ridge.toJSON() };
  };
  const first = regionOf(points);
  for (let k = 1; k < 7; k++) {
    expect(regionOf([...points.slice(k), ...points.slice(0, k).reverse()])).toEqual(first);
  }
});

test("a saved group that is an object is refused, also one that no string can be made of", () => {
  const predictor = splitRegressor({ score: absolute, alpha: 0.5 }).calibrate([1], [2], { groups: ["a"] });
  const saved = JSON.parse(JSON.stringify(predictor));
  saved.cells[0].group = { toString: 1 };
  expect(codeOf(() => splitRegressorFromJSON(saved, absolute))).toMatch(/^E_/);
});

test("leave-one-out scores of equal points tie to the last bit, so that every bag with ties is covered", () => {
  const fit = (_: readonly number[], targets: Float64Array) => {
    const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
    return () => mean;
  };
  const method = fullConformal<number>({ alpha: 0.3, scores: leaveOneOutScores(fit) });
  const grid = [0, 1 / 7, 2 / 7];
  for (let bag = 0; bag < 3 ** 6; bag++) {
    const targets = Array.from({ length: 6 }, (_, i) => grid[Math.floor(bag / 3 ** i) % 3] as number);
    const held = targets.filter((target, i) => {
      const others = targets.toSpliced(i, 1);
      return method.calibrate(others, others).predictGrid(target, grid).values.includes(target);
    });
    // k / (n + 1) = 5 / 6.
    expect(held.length).toBeGreaterThanOrEqual(5);
  }
});

test("nearly dependent columns widen ridge regions by what rounding does there", () => {
  const random = uniformStream(5);
  const pick = (count: number): number => Math.floor(count * random());
  for (let bag = 0; bag < 150; bag++) {
    const rows = Array.from({ length: 7 }, () => {
      const a = pick(3) * 1e6;
      return [a, a + pick(2) * 0.1];
    });
    const targets = rows.map(() => pick(3) / 7);
    const held = targets.filter((target, i) =>
      fullConformalRidge({ alpha: 0.3 })
        .calibrate(rows.toSpliced(i, 1), targets.toSpliced(i, 1))
        .predictRegion(rows[i] as number[])
        .contains(target),
    );
    // k / (n + 1) = 5 / 7.
    expect(held.length).toBeGreaterThanOrEqual(5);
  }
});
