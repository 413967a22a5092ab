import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bonferroniBox,
  conformalRank,
  ellipsoid,
  maxBox,
  type OutputScore,
  residualCovariance,
  residualScales,
  splitOutputs,
  splitOutputsFromJSON,
} from "../../src/index.ts";
import { choleskyFactor, choleskySolve } from "../../src/regression/cholesky.ts";
import { codeOf } from "../codeOf.ts";
import { reference } from "./reference.ts";

const zeros = (count: number, d: number) => Array.from({ length: count }, () => Array(d).fill(0) as number[]);

test("distances and volumes of ellipsoids equal scipy", () => {
  for (const { covariance, mu, y, radius, volume } of reference.ellipsoids) {
    const score = ellipsoid(covariance);
    const [distance] = score.scores(Float64Array.from(mu), Float64Array.from(y)) as [number];
    expect(distance / radius).toBeCloseTo(1, 9);
    expect(score.bounds(Float64Array.from(mu), [radius]).volume / volume).toBeCloseTo(1, 8);
  }
});

test("a circle, a box and a box by the union bound, by hand", () => {
  const targets = [
    [3, 4],
    [0, 1],
    [1, 0],
    [0, 2],
  ];
  const region = (score: OutputScore, alpha: number) =>
    splitOutputs({ score, alpha }).calibrate(zeros(4, 2), targets).predictRegion([10, 20]);
  const circle = region(
    ellipsoid([
      [1, 0],
      [0, 1],
    ]),
    0.2,
  );
  expect([...circle.lower, ...circle.upper]).toEqual([5, 15, 15, 25]);
  expect(circle.volume).toBeCloseTo(25 * Math.PI, 12);
  expect(circle).toMatchObject({ finite: true, level: 0.8 });
  expect(
    [
      [13, 24],
      [14, 24],
    ].map((y) => circle.contains(y)),
  ).toEqual([true, false]);
  const box = region(maxBox([1, 2]), 0.4);
  expect([...box.lower, ...box.upper]).toEqual([9, 18, 11, 22]);
  expect(box.volume).toBe(8);
  expect(box.contains([11, 22])).toBe(true);
  expect(box.contains([11.001, 22])).toBe(false);
  const union = region(bonferroniBox(2), 0.4);
  expect([...union.lower, ...union.upper]).toEqual([7, 16, 13, 24]);
  expect(union.level).toBeCloseTo(0.6, 12);
  expect(union.volume).toBe(48);
});

test("scales and covariances are the second moments of errors about zero", () => {
  const mu = [
    [1, 1],
    [0, 0],
  ];
  const y = [
    [2, 3],
    [3, -4],
  ];
  expect([...residualScales(mu, y)]).toEqual([Math.sqrt(5), Math.sqrt(10)]);
  expect(residualCovariance(mu, y).map((row) => [...row])).toEqual([
    [5, -5],
    [-5, 10],
  ]);
});

test("coverage by leaving each point out: exactly the rank without ties, at least that by the union bound", () => {
  const targets = [
    [1, -2],
    [0.5, 3],
    [-4, 1.5],
    [2.2, 0.1],
    [0.3, 0.7],
    [6, -1],
  ];
  const scores = [
    maxBox([1, 2]),
    ellipsoid([
      [2, 1],
      [1, 3],
    ]),
    bonferroniBox(2),
  ];
  for (const score of scores) {
    for (const alpha of [0.2, 0.4, 0.6]) {
      const covered = targets.filter((y, i) =>
        splitOutputs({ score, alpha })
          .calibrate(zeros(5, 2), targets.toSpliced(i, 1))
          .predictRegion([0, 0])
          .contains(y),
      ).length;
      const each = conformalRank(5, alpha / score.thresholds);
      if (score.thresholds === 1) expect(covered).toBe(each);
      else expect(covered).toBeGreaterThanOrEqual(2 * each - 6);
    }
  }
});

test("what a region contains lies within its ends, and regions are nested in alpha", () => {
  const value = fc.double({ min: -50, max: 50, noNaN: true });
  const points = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 15 });
  const scores = fc.constantFrom(
    maxBox([1, 3]),
    bonferroniBox(2),
    ellipsoid([
      [2, 1],
      [1, 1],
    ]),
  );
  fc.assert(
    fc.property(points, scores, (targets, score) => {
      const regions = [0.1, 0.3, 0.6].map((alpha) =>
        splitOutputs({ score, alpha }).calibrate(zeros(targets.length, 2), targets).predictRegion([1, 2]),
      );
      for (const y of targets) {
        const inside = regions.map((region) => region.contains(y));
        expect(inside).toEqual(inside.toSorted().reverse());
        regions.forEach(({ lower, upper }, r) => {
          if (!inside[r]) return;
          y.forEach((v, j) => {
            expect(v).toBeGreaterThanOrEqual((lower[j] as number) - 1e-9);
            expect(v).toBeLessThanOrEqual((upper[j] as number) + 1e-9);
          });
        });
      }
    }),
  );
});

test("too few points: everything, with the reason", () => {
  const predictor = splitOutputs({ score: bonferroniBox(2), alpha: 0.2 }).calibrate(zeros(8, 2), zeros(8, 2));
  const region = predictor.predictRegion([0, 0]);
  expect(region).toMatchObject({ finite: false, volume: Infinity, level: 1, reason: "too-few-calibration" });
  expect(region.contains([1e300, -1e300])).toBe(true);
  expect([...region.lower]).toEqual([-Infinity, -Infinity]);
});

test("a saved and loaded predictor is the same bit for bit, and nothing else is taken", () => {
  const targets = [
    [0.1, 0.2],
    [0.3, -0.4],
    [1 / 3, 2 / 3],
  ];
  for (const score of [
    maxBox([1, 0.3]),
    bonferroniBox(2),
    ellipsoid([
      [1, 0.1],
      [0.1, 2],
    ]),
  ]) {
    for (const alpha of [0.1, 0.6]) {
      const predictor = splitOutputs({ score, alpha }).calibrate(zeros(3, 2), targets);
      const text = JSON.stringify(predictor);
      const loaded = splitOutputsFromJSON(JSON.parse(text), score);
      expect(JSON.stringify(loaded)).toBe(text);
      expect(loaded.quantiles).toEqual(predictor.quantiles);
      expect({ ...loaded.predictRegion([1, 2]), contains: 0 }).toEqual({
        ...predictor.predictRegion([1, 2]),
        contains: 0,
      });
    }
  }
  const good = splitOutputs({ score: maxBox([1, 2]), alpha: 0.5 })
    .calibrate(zeros(3, 2), targets)
    .toJSON();
  const load = (change: object, score = maxBox([1, 2])) =>
    codeOf(() => splitOutputsFromJSON({ ...good, ...change }, score));
  expect(load({ kind: "other" })).toBe("E_JSON");
  expect(load({ alpha: 2 })).toBe("E_ALPHA");
  expect(load({}, maxBox([1, 3]))).toBe("E_JSON");
  expect(load({ cell: { scores: [[1]], weights: [1] } })).toBe("E_JSON");
  expect(load({ cell: { quantiles: [] } })).toBe("E_JSON");
});

test("Cholesky: solves to the matrix times the solution, and refuses what is not positive definite", () => {
  const entry = fc.integer({ min: -5, max: 5 });
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 9, maxLength: 9 }),
      fc.array(entry, { minLength: 3, maxLength: 3 }),
      (a, b) => {
        const matrix = new Float64Array(9);
        for (let i = 0; i < 3; i++) {
          for (let j = 0; j < 3; j++) {
            for (let k = 0; k < 3; k++)
              matrix[3 * i + j] = (matrix[3 * i + j] as number) + (a[3 * i + k] as number) * (a[3 * j + k] as number);
          }
          matrix[4 * i] = (matrix[4 * i] as number) + 1;
        }
        const x = choleskySolve(choleskyFactor(matrix, 3) as Float64Array, 3, b);
        for (let i = 0; i < 3; i++) {
          const product = [0, 1, 2].reduce((sum, j) => sum + (matrix[3 * i + j] as number) * (x[j] as number), 0);
          expect(product).toBeCloseTo(b[i] as number, 8);
        }
      },
    ),
  );
  expect(choleskyFactor(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined();
  expect(choleskyFactor(Float64Array.of(1, 1, 1, 1), 2)).toBeUndefined();
});

test("bad input", () => {
  const calibrate = (mu: number[][], y: number[][]) =>
    codeOf(() => splitOutputs({ score: maxBox([1, 1]), alpha: 0.5 }).calibrate(mu, y));
  expect(calibrate([], [])).toBe("E_EMPTY_CALIBRATION");
  expect(calibrate([[1, 1]], [])).toBe("E_LENGTH");
  expect(calibrate([[1, 1]], [[1]])).toBe("E_LENGTH at 0");
  expect(
    calibrate(
      [
        [1, 1],
        [1, 1],
      ],
      [
        [1, 1],
        [1, Number.NaN],
      ],
    ),
  ).toBe("E_NAN at 1");
  expect(calibrate([[1, Infinity]], [[1, 1]])).toBe("E_RANGE at 0");
  expect(codeOf(() => maxBox([1, 0]))).toBe("E_SIGMA at 1");
  expect(codeOf(() => maxBox([]))).toBe("E_RANGE");
  expect(codeOf(() => bonferroniBox(0))).toBe("E_RANGE");
  expect(codeOf(() => ellipsoid([]))).toBe("E_RANGE");
  expect(codeOf(() => ellipsoid([[1, 2]]))).toBe("E_LENGTH");
  expect(
    codeOf(() =>
      ellipsoid([
        [1, 2],
        [2, 1],
      ]),
    ),
  ).toBe("E_SIGMA");
  expect(
    codeOf(() =>
      ellipsoid([
        [1, 2],
        [3, 9],
      ]),
    ),
  ).toBe("E_RANGE at 0");
  expect(codeOf(() => ellipsoid([[Number.NaN]]))).toBe("E_NAN at 0");
  expect(codeOf(() => residualScales([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => residualCovariance([[1]], [[1], [2]]))).toBe("E_LENGTH");
  expect(codeOf(() => splitOutputs({ score: maxBox as never, alpha: 0.5 }))).toBe("E_RANGE");
  expect(codeOf(() => splitOutputs({ score: bonferroniBox(1), alpha: 0 }))).toBe("E_ALPHA");
  const predictor = splitOutputs({ score: maxBox([1, 1]), alpha: 0.5 }).calibrate([[1, 1]], [[1, 1]]);
  expect(codeOf(() => predictor.predictRegion([1]))).toBe("E_LENGTH");
  expect(
    codeOf(() =>
      predictor.predictRegions([
        [1, 1],
        [Number.NaN, 1],
      ]),
    ),
  ).toBe("E_NAN at 1");
  expect(codeOf(() => predictor.predictRegion([1, 1]).contains([1]))).toBe("E_LENGTH");
  const nan: OutputScore = { ...maxBox([1]), scores: () => [Number.NaN] };
  expect(codeOf(() => splitOutputs({ score: nan, alpha: 0.5 }).calibrate([[1]], [[1]]))).toBe("E_NAN at 0");
});
