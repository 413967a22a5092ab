import fc from "fast-check";
import { expect, test } from "vitest";
import {
  conformalRank,
  type CrossRegressor,
  cvPlus,
  jackknifeMinmax,
  jackknifeMinmaxInterval,
  jackknifePlus,
  jackknifePlusAfterBootstrap,
  jackknifePlusInterval,
  uniformStream,
} from "../../src/index.ts";
import { binomialCdf, binomialUpperTail } from "../../src/base/binomial.ts";
import { codeOf } from "../codeOf.ts";
import { wordsOf } from "../enumerate.ts";
import { close, endsOf, reference } from "./reference.ts";

type Fit = (rows: readonly number[], targets: Float64Array) => (row: number) => number;

const total = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0);

/** The mean of all targets; of no points at all, 0. */
const meanFit: Fit = (_, targets) => {
  const mean = targets.length === 0 ? 0 : total(targets) / targets.length;
  return () => mean;
};

/** The mean target of the nearest rows, so that the order of rows has no influence. */
const nearestFit: Fit = (rows, targets) => (row) => {
  const distances = rows.map((other) => Math.abs(other - row));
  const least = Math.min(...distances);
  const nearest = targets.filter((_, i) => distances[i] === least);
  return nearest.length === 0 ? 0 : total(nearest) / nearest.length;
};

const lineFit: Fit = (rows, targets) => {
  const [mx, my] = [total(rows) / rows.length, total(targets) / rows.length];
  const sxx = total(rows.map((x) => (x - mx) ** 2));
  const slope = total(rows.map((x, i) => (x - mx) * ((targets[i] as number) - my))) / sxx;
  return (x) => my + slope * (x - mx);
};

/** How many of the points are covered by the predictor of all others. */
function coveredWhenLeftOut(method: CrossRegressor<number>, rows: readonly number[], y: readonly number[]): number {
  return rows.filter((row, i) => {
    const { lower, upper } = method.calibrate(rows.toSpliced(i, 1), y.toSpliced(i, 1)).predictInterval(row);
    return lower <= (y[i] as number) && (y[i] as number) <= upper;
  }).length;
}

test("the jackknife+ and minmax with a straight line by hand", () => {
  const rows = [0, 1, 2, 3, 4];
  const y = [0.2, 0.9, 2.3, 2.8, 4.1];
  const plus = jackknifePlus({ fit: lineFit, alpha: 0.2 }).calibrate(rows, y);
  [0.2, 0.271428571429, 0.3, 0.328571428571, 0.25].forEach((residual, i) => {
    expect(plus.residuals[i]).toBeCloseTo(residual, 11);
  });
  const interval = plus.predictInterval(5);
  expect(interval.lower).toBeCloseTo(4.52, 11);
  expect(interval.upper).toBeCloseTo(5.462857142857, 11);
  expect(interval).toMatchObject({ finite: true, empty: false, level: 5 / 6 });
  expect(plus).toMatchObject({ guarantee: "marginal", level: 5 / 6, n: 5, fits: 5, alpha: 0.2 });
  const minmax = jackknifeMinmax({ fit: lineFit, alpha: 0.2 }).calibrate(rows, y).predictInterval(5);
  expect(minmax.lower).toBeCloseTo(4.441428571429, 11);
  expect(minmax.upper).toBeCloseTo(5.462857142857, 11);
  const mu = [5.05, 4.942857142857, 4.91, 5.134285714286, 4.77];
  const given = jackknifePlusInterval(mu, plus.residuals, 0.2);
  expect(given.lower).toBeCloseTo(4.52, 11);
  expect(jackknifeMinmaxInterval(mu, plus.residuals, 0.2).lower).toBeCloseTo(4.441428571429, 11);
});

test("intervals from given leave-one-out and fold-out predictions equal scikit-learn with explicit loops", () => {
  for (const { alpha, plus, minmax, predictions, residuals } of reference.jackknife.cases) {
    predictions.forEach((mu, t) => {
      for (const [rule, expected] of [
        [jackknifePlusInterval, plus],
        [jackknifeMinmaxInterval, minmax],
      ] as const) {
        const interval = rule(mu, residuals, alpha);
        const [lower, upper] = endsOf(expected[t] as number[]);
        expect(close(interval.lower, lower) && close(interval.upper, upper)).toBe(true);
      }
    });
  }
});

test("fitted here, the jackknife equals scikit-learn, and CV+ with n folds equals the jackknife+", () => {
  const { rows, y, n, cases } = reference.jackknife;
  const fit = (x: readonly [number, number][], targets: Float64Array) => {
    const coefficients = leastSquares(
      x.map((row) => [1, ...row]),
      targets,
    );
    return (row: readonly [number, number]) =>
      total([1, ...row].map((value, j) => value * (coefficients[j] as number)));
  };
  for (const { alpha, plus } of cases.filter(({ method }) => method === "jackknife")) {
    const tests = rows.slice(n);
    const jackknife = jackknifePlus({ fit, alpha }).calibrate(rows.slice(0, n), y.slice(0, n));
    const folds = cvPlus({ fit, alpha, folds: n }).calibrate(rows.slice(0, n), y.slice(0, n));
    jackknife.predictIntervals(tests).forEach((interval, t) => {
      const [lower, upper] = endsOf(plus[t] as number[]);
      expect(close(interval.lower, lower) && close(interval.upper, upper)).toBe(true);
      expect(folds.predictInterval(tests[t] as [number, number])).toEqual(interval);
    });
    expect(folds.level).toBe(jackknife.level);
  }
});

function leastSquares(x: number[][], y: Float64Array): number[] {
  const size = (x[0] as number[]).length;
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => total(x.map((row) => (row[i] as number) * (row[j] as number)))),
    total(x.map((row, r) => (row[i] as number) * (y[r] as number))),
  ]);
  for (let i = 0; i < size; i++) {
    const pivot = system[i] as number[];
    for (let k = 0; k < size; k++) {
      const row = system[k] as number[];
      if (k === i) continue;
      const factor = (row[i] as number) / (pivot[i] as number);
      for (let j = i; j <= size; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  }
  return system.map((row, i) => (row[size] as number) / (row[i] as number));
}

const datasets = (points: number) => {
  const rows = Array.from({ length: points }, (_, i) => (i * i) % 5);
  return wordsOf(3, points).map((word) => ({ rows, y: word.map((letter) => [0, 1, 5][letter] as number) }));
};
const alphas = [0.15, 0.2, 0.25, 0.34, 0.45];

test("the jackknife+ and minmax keep their levels over all ways to leave one out, in every small dataset", () => {
  for (const fit of [meanFit, nearestFit]) {
    for (let n = 2; n <= 5; n++) {
      for (const { rows, y } of datasets(n + 1).filter((_, i) => n < 4 || i % (n === 4 ? 3 : 12) === 0)) {
        for (const alpha of alphas) {
          const rank = conformalRank(n, alpha);
          // The level is (2k - n) / (n + 1) for the jackknife+ (at least 1 - 2 alpha), k / (n + 1) for minmax.
          expect(coveredWhenLeftOut(jackknifePlus({ fit, alpha }), rows, y)).toBeGreaterThanOrEqual(
            Math.min(n + 1, 2 * rank - n),
          );
          if (n < 4) {
            expect(coveredWhenLeftOut(jackknifeMinmax({ fit, alpha }), rows, y)).toBeGreaterThanOrEqual(rank);
          }
        }
      }
    }
  }
});

test("the plus level is at least 1 - 2 alpha, and reached: some dataset is covered no more often", () => {
  for (let n = 1; n <= 60; n += 4) {
    for (const alpha of [...alphas, 0.01, 0.1]) {
      const predictor = jackknifePlus({ fit: meanFit, alpha }).calibrate(Array(n).fill(0), Array(n).fill(0));
      expect(predictor.level).toBeGreaterThanOrEqual(1 - 2 * alpha - 1e-12);
    }
  }
  let least = Infinity;
  for (const y of wordsOf(4, 4)) {
    least = Math.min(least, coveredWhenLeftOut(jackknifePlus({ fit: meanFit, alpha: 0.25 }), [0, 0, 0, 0], y));
  }
  expect(least).toBe(3);
});

test("CV+ keeps its level, averaged over all ways to leave one out and to deal the others to folds", () => {
  // Folds by position: all orders of n points for one choice of folds are all ways to deal.
  for (const fit of [meanFit, nearestFit]) {
    for (const [n, folds] of [
      [3, 2],
      [4, 2],
      [4, 4],
      [3, 3],
    ] as const) {
      for (const { rows, y } of datasets(n + 1).filter((_, i) => i % 15 === 4)) {
        for (const alpha of [0.2, 0.34]) {
          const method = cvPlus({ fit, alpha, folds });
          let covered = 0;
          let all = 0;
          for (let test = 0; test <= n; test++) {
            const others = Array.from({ length: n + 1 }, (_, i) => i).filter((i) => i !== test);
            for (const order of ordersOf(others)) {
              const predictor = method.calibrate(
                order.map((i) => rows[i] as number),
                order.map((i) => y[i] as number),
              );
              const { lower, upper } = predictor.predictInterval(rows[test] as number);
              if (lower <= (y[test] as number) && (y[test] as number) <= upper) covered++;
              all++;
            }
          }
          const { level } = method.calibrate(rows.slice(0, n), y.slice(0, n));
          expect(covered / all).toBeGreaterThanOrEqual(level - 1e-12);
        }
      }
    }
  }
});

function ordersOf(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, i) => ordersOf(values.toSpliced(i, 1)).map((rest) => [value, ...rest]));
}

test("CV+ levels: theorem 4 for folds of one size, never below 1 - 2 alpha - sqrt(2 / n)", () => {
  for (const [n, folds, alpha] of [
    [100, 10, 0.1],
    [1000, 10, 0.1],
    [500, 20, 0.05],
    [40, 20, 0.2],
    [103, 10, 0.1],
  ] as const) {
    const y = Array(n).fill(0);
    const { level, guarantee } = cvPlus({ fit: meanFit, alpha, folds }).calibrate(y, y);
    const lost = Math.min((2 * (1 - 1 / folds)) / (n / folds + 1), (1 - folds / n) / (folds + 1));
    if (n % folds === 0) expect(level).toBeGreaterThanOrEqual(1 - 2 * alpha - lost - 1e-12);
    expect(level).toBeGreaterThanOrEqual(1 - 2 * alpha - Math.sqrt(2 / n));
    expect(level).toBeLessThanOrEqual(1 - alpha);
    expect(guarantee).toBe("marginal");
  }
});

test("the jackknife+ after bootstrap keeps 1 - 2 alpha over points left out and seeds", () => {
  const rows = [0, 1, 1, 3, 4, 4];
  const y = [0, 3, 1, 7, -2, 9];
  for (const alpha of [0.2, 0.34]) {
    // Each trial leaves out a random point and draws new samples: independent, with a probability of at least the level.
    const trials = 800;
    const uniform = uniformStream(5);
    let covered = 0;
    for (let seed = 0; seed < trials; seed++) {
      const i = Math.floor(6 * uniform());
      const method = jackknifePlusAfterBootstrap({ fit: meanFit, alpha, bootstraps: 6, seed });
      const { lower, upper } = method
        .calibrate(rows.toSpliced(i, 1), y.toSpliced(i, 1))
        .predictInterval(rows[i] as number);
      if (lower <= (y[i] as number) && (y[i] as number) <= upper) covered++;
    }
    const level = (2 * conformalRank(5, alpha) - 5) / 6;
    expect(binomialCdf(covered, trials, level)).toBeGreaterThan(1e-6);
  }
});

test("the jackknife+ after bootstrap equals its definition, computed plainly", () => {
  const rows = [0, 1, 2, 3, 4, 5, 6];
  const y = [0, 2, 1, 5, 4, 4, 8];
  const seen: number[][] = [];
  const fit: Fit = (sample, targets) => {
    seen.push([...sample]);
    const mean = total(targets) / targets.length;
    return (row) => mean + 0.5 * row;
  };
  const median = (values: Float64Array) => values.slice().sort()[values.length >> 1] as number;
  const alpha = 0.3;
  const predictor = jackknifePlusAfterBootstrap({
    fit,
    alpha,
    bootstraps: 8,
    fixedCount: true,
    sampleSize: 4,
    aggregate: median,
    seed: 3,
  }).calibrate(rows, y);
  expect(seen.map((sample) => sample.length)).toEqual(Array(8).fill(4));
  expect(predictor).toMatchObject({ guarantee: "none", level: 0, fits: 8 });
  const models = seen.map((sample) =>
    fit(
      sample,
      Float64Array.from(sample, (row) => y[row] as number),
    ),
  );
  const without = (i: number, row: number) =>
    median(
      Float64Array.from(
        models.filter((_, b) => !(seen[b] as number[]).includes(i)),
        (model) => model(row),
      ),
    );
  const residuals = rows.map((row, i) => Math.abs((y[i] as number) - without(i, row)));
  residuals.forEach((residual, i) => expect(predictor.residuals[i]).toBeCloseTo(residual, 12));
  const expected = jackknifePlusInterval(
    rows.map((_, i) => without(i, 9)),
    residuals,
    alpha,
  );
  expect(predictor.predictInterval(9).lower).toBeCloseTo(expected.lower, 12);
  expect(predictor.predictInterval(9).upper).toBeCloseTo(expected.upper, 12);
});

test("the number of bootstrap models is binomial, with the mean that was asked for", () => {
  const y = [1, 2, 3, 4];
  // Samples of 4 of 5 points lack a given one with probability (4/5)^4, so 5 models on average are 12 samples.
  const samples = Math.round(5 / 0.8 ** 4);
  const seeds = 200;
  const counts = Array.from(
    { length: seeds },
    (_, seed) => jackknifePlusAfterBootstrap({ fit: meanFit, alpha: 0.4, bootstraps: 5, seed }).calibrate(y, y).fits,
  );
  expect(new Set(counts).size).toBeGreaterThan(3);
  expect(binomialCdf(total(counts), seeds * samples, 0.8 ** 4)).toBeGreaterThan(1e-6);
  expect(binomialUpperTail(total(counts), seeds * samples, 0.8 ** 4)).toBeGreaterThan(1e-6);
});

test("residuals hold their points: a tie is covered where prediction + (y - prediction) is below y", () => {
  const fit: Fit = () => () => -100.5;
  for (const method of [jackknifePlus({ fit, alpha: 0.4 }), jackknifeMinmax({ fit, alpha: 0.4 })]) {
    expect(method.calibrate([0, 1, 2], [0.1, 0.1, 0.1]).predictInterval(0).upper).toBeGreaterThanOrEqual(0.1);
  }
});

test("a point that every bootstrap sample holds has an infinite residual", () => {
  const y = [1, 2, 3];
  const none = jackknifePlusAfterBootstrap({
    fit: meanFit,
    alpha: 0.4,
    bootstraps: 1,
    sampleSize: 60,
    fixedCount: true,
  }).calibrate(y, y);
  expect([...none.residuals]).toEqual([Infinity, Infinity, Infinity]);
  expect(none.predictInterval(0)).toMatchObject({
    lower: -Infinity,
    upper: Infinity,
    finite: false,
    reason: "too-few-calibration",
  });
  expect(codeOf(() => jackknifePlusAfterBootstrap({ fit: meanFit, alpha: 0.4, sampleSize: 60 }).calibrate(y, y))).toBe(
    "E_RANGE",
  );
});

test("too few points: infinite intervals with the reason, never a finite one", () => {
  for (const method of [jackknifePlus, jackknifeMinmax]) {
    const predictor = method({ fit: meanFit, alpha: 0.1 }).calibrate([1, 2, 3], [1, 2, 3]);
    expect(predictor.predictInterval(0)).toEqual({
      lower: -Infinity,
      upper: Infinity,
      finite: false,
      empty: false,
      level: 1,
      reason: "too-few-calibration",
    });
  }
  expect(jackknifePlusInterval([1], [1], 0.1).reason).toBe("too-few-calibration");
  expect(jackknifeMinmaxInterval([1], [1], 0.1).reason).toBe("too-few-calibration");
});

test("one point, alpha above one half, and crossed ends are flagged", () => {
  expect(jackknifePlus({ fit: meanFit, alpha: 0.5 }).calibrate([7], [3]).predictInterval(0)).toMatchObject({
    lower: -3,
    upper: 3,
  });
  const crossed = jackknifePlusInterval([0, 10, 20, 30], [0, 0, 0, 0], 0.8);
  expect(crossed).toMatchObject({ lower: 30, upper: 0, empty: true, level: 0 });
});

test("jackknife intervals lie within minmax ones, shrink as alpha grows, and don't depend on the order of points", () => {
  const point = fc.record({ x: fc.integer({ min: -9, max: 9 }), y: fc.integer({ min: -99, max: 99 }) });
  const points = fc.array(point, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      points.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, reordered]) => {
        let [low, high] = [-Infinity, Infinity];
        for (const alpha of [0.05, ...alphas]) {
          const run = (of: typeof all, method: typeof jackknifePlus) =>
            method({ fit: nearestFit, alpha })
              .calibrate(
                of.map(({ x }) => x),
                of.map(({ y }) => y),
              )
              .predictInterval(0);
          const plus = run(all, jackknifePlus);
          const minmax = run(all, jackknifeMinmax);
          expect(minmax.lower <= plus.lower && plus.upper <= minmax.upper).toBe(true);
          expect(plus.lower >= low && plus.upper <= high).toBe(true);
          expect(run(reordered, jackknifePlus)).toEqual(plus);
          [low, high] = [plus.lower, plus.upper];
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("folds: seeded, balanced, and each model sees all other folds", () => {
  const sizes: number[] = [];
  const fit: Fit = (rows, targets) => {
    sizes.push(rows.length);
    return meanFit(rows, targets);
  };
  const y = Array.from({ length: 23 }, (_, i) => i);
  const run = (seed: number) => cvPlus({ fit, alpha: 0.1, folds: 5, seed }).calibrate(y, y);
  const first = run(1);
  expect(sizes).toEqual([18, 18, 18, 19, 19]);
  expect([...run(1).residuals]).toEqual([...first.residuals]);
  expect([...run(2).residuals]).not.toEqual([...first.residuals]);
});

test("asynchronous fits give the same, with progress, and stop on a signal", async () => {
  const y = [1, 5, 2, 8, 3, 9];
  const done: string[] = [];
  const method = cvPlus<number>({ fit: async (rows, targets) => meanFit(rows, targets), alpha: 0.2, folds: 3 });
  const predictor = await method.calibrateAsync(y, y, { onProgress: (count, all) => done.push(`${count}/${all}`) });
  expect(done).toEqual(["1/3", "2/3", "3/3"]);
  const sync = cvPlus({ fit: meanFit, alpha: 0.2, folds: 3 }).calibrate(y, y);
  expect(predictor.predictInterval(0)).toEqual(sync.predictInterval(0));
  const controller = new AbortController();
  const stopped = method.calibrateAsync(y, y, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await expect(stopped).rejects.toThrow("enough");
  expect(codeOf(() => method.calibrate(y, y))).toBe("E_RANGE at 0");
  await expect(method.calibrateAsync(y, [1])).rejects.toThrow("rows must have 1");
});

test("bad input", () => {
  const y = [1, 2, 3];
  const calibrate = (fit: unknown) => codeOf(() => jackknifePlus({ fit: fit as Fit, alpha: 0.3 }).calibrate(y, y));
  expect(calibrate(() => () => Number.NaN)).toBe("E_NAN at 0");
  expect(calibrate(() => () => Infinity)).toBe("E_RANGE at 0");
  expect(calibrate(() => 3)).toBe("E_RANGE");
  expect(calibrate(3)).toBe("E_RANGE");
  expect(codeOf(() => jackknifePlus({ fit: meanFit, alpha: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => jackknifePlus({ fit: meanFit, alpha: 0.1 }).calibrate([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => jackknifePlus({ fit: meanFit, alpha: 0.1 }).calibrate([1], y))).toBe("E_LENGTH");
  expect(codeOf(() => jackknifeMinmax({ fit: meanFit, alpha: 0.1 }).calibrate(y, [1, 2, Number.NaN]))).toBe(
    "E_NAN at 2",
  );
  expect(codeOf(() => cvPlus({ fit: meanFit, alpha: 0.1, folds: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => cvPlus({ fit: meanFit, alpha: 0.1, folds: 4 }).calibrate(y, y))).toBe("E_RANGE");
  expect(codeOf(() => cvPlus({ fit: meanFit, alpha: 0.1, seed: -1 }))).toBe("E_RANGE");
  for (const wrong of [{ bootstraps: 0 }, { sampleSize: 0 }, { seed: 0.5 }, { aggregate: 1 as never }]) {
    expect(codeOf(() => jackknifePlusAfterBootstrap({ fit: meanFit, alpha: 0.1, ...wrong }))).toBe("E_RANGE");
  }
  const aggregate = () => Number.NaN;
  expect(codeOf(() => jackknifePlusAfterBootstrap({ fit: meanFit, alpha: 0.1, aggregate }).calibrate(y, y))).toBe(
    "E_NAN",
  );
  const rule = (mu: number[], residuals: number[]) => codeOf(() => jackknifePlusInterval(mu, residuals, 0.5));
  expect(rule([], [])).toBe("E_EMPTY_CALIBRATION");
  expect(rule([1], [1, 2])).toBe("E_LENGTH");
  expect(rule([1, Number.NaN], [1, 1])).toBe("E_NAN at 1");
  expect(rule([1, Infinity], [1, 1])).toBe("E_RANGE at 1");
  expect(rule([1, 1], [1, -1])).toBe("E_RANGE at 1");
  expect(codeOf(() => jackknifeMinmaxInterval([1], [1], 1))).toBe("E_ALPHA");
});
