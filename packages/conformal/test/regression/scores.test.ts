import fc from "fast-check";
import { expect, test } from "vitest";
import {
  absolute,
  asymmetric,
  cqr,
  cqrM,
  cqrR,
  normalized,
  oneSided,
  relative,
  type RegressionScore,
  signed,
  splitRegressor,
} from "../../src/index.ts";
import { containing } from "../../src/base/containing.ts";
import { codeOf } from "../codeOf.ts";
import { close, endsOf, reference } from "./reference.ts";

const { split } = reference;

/** Every score with the predictions that it reads, for the same points. */
const scores: Record<string, { score: RegressionScore<never>; prediction: (i: number) => unknown }> = {
  absolute: { score: absolute, prediction: (i) => split.mean[i] },
  relative: { score: relative, prediction: (i) => split.mean[i] },
  normalized: {
    score: normalized({ beta: split.beta }),
    prediction: (i) => ({ mean: split.mean[i], scale: split.scale[i] }),
  },
  cqr: { score: cqr(), prediction: (i) => ({ lower: split.lower[i], upper: split.upper[i] }) },
  cqrR: { score: cqrR(), prediction: (i) => ({ lower: split.lower[i], upper: split.upper[i] }) },
  cqrM: {
    score: cqrM(),
    prediction: (i) => ({ lower: split.lower[i], median: split.mean[i], upper: split.upper[i] }),
  },
};

test("every score, with one threshold or one for each side, equals numpy", () => {
  for (const { alpha, score: name, joint, separate } of split.cases) {
    const { score, prediction } = scores[name] as (typeof scores)[string];
    const predictions = split.y.map((_, i) => prediction(i) as never);
    const y = split.y.slice(0, split.n);
    for (const [form, expected] of [
      [score, joint],
      [asymmetric(score), separate],
    ] as const) {
      const predictor = splitRegressor({ score: form, alpha }).calibrate(predictions.slice(0, split.n), y);
      predictor.predictIntervals(predictions.slice(split.n)).forEach((interval, t) => {
        const [lower, upper] = endsOf(expected[t] as number[]);
        expect([name, alpha, close(interval.lower, lower), close(interval.upper, upper)]).toEqual([
          name,
          alpha,
          true,
          true,
        ]);
      });
    }
  }
});

test("conformalised quantile regression by hand", () => {
  const lower = [1, 2, 0, 3, 1];
  const upper = [3, 4, 2, 5, 2];
  const y = [2.5, 4.6, -0.3, 3.5, 2.2];
  const predictions = lower.map((value, i) => ({ lower: value, upper: upper[i] as number }));
  const found = y.map((value, i) => {
    const p = predictions[i] as { lower: number; upper: number };
    return Math.max(cqr().below(p, value), cqr().above(p, value));
  });
  [-0.5, 0.6, 0.3, -0.5, 0.2].forEach((expected, i) => expect(found[i]).toBeCloseTo(expected, 12));
  const predictor = splitRegressor({ score: cqr(), alpha: 0.2 }).calibrate(predictions, y);
  expect(predictor.quantile).toMatchObject({ rank: 5, n: 5 });
  expect(predictor.quantile.value).toBeCloseTo(0.6, 12);
  const interval = predictor.predictInterval({ lower: 1, upper: 2 });
  expect(interval).toMatchObject({ finite: true, empty: false, level: 5 / 6 });
  expect(interval.lower).toBeCloseTo(0.4, 12);
  expect(interval.upper).toBeCloseTo(2.6, 12);
});

test("a negative threshold narrows quantiles, and crossed ends are an empty interval", () => {
  const wide = Array.from({ length: 9 }, () => ({ lower: -10, upper: 10 }));
  const predictor = splitRegressor({ score: cqr(), alpha: 0.1 }).calibrate(wide, Array(9).fill(0));
  expect(predictor.quantile.value).toBe(-10);
  expect(predictor.predictInterval({ lower: -12, upper: 14 })).toEqual({
    lower: -2,
    upper: 4,
    finite: true,
    empty: false,
    level: 0.9,
  });
  expect(predictor.predictInterval({ lower: 0, upper: 1 })).toEqual({
    lower: 10,
    upper: -9,
    finite: true,
    empty: true,
    level: 0.9,
  });
});

test("one threshold, one for each side, one side alone, by hand", () => {
  const mu = Array(19).fill(0) as number[];
  const y = Array.from({ length: 19 }, (_, i) => i - 4);
  const at = (score: RegressionScore) => splitRegressor({ score, alpha: 0.2 }).calibrate(mu, y).predictInterval(100);
  expect(at(absolute)).toEqual({ lower: 89, upper: 111, finite: true, empty: false, level: 0.8 });
  // Ranks 18 of 19 on either side: y - mu = 13, mu - y = 3.
  expect(at(signed)).toMatchObject({ lower: 97, upper: 113, finite: true });
  expect(at(signed).level).toBeCloseTo(0.8, 12);
  expect(at(oneSided(absolute, "upper"))).toEqual({
    lower: -Infinity,
    upper: 111,
    finite: false,
    empty: false,
    level: 0.8,
    reason: "one-sided",
  });
  expect(at(oneSided(absolute, "lower"))).toMatchObject({ lower: 99, upper: Infinity, reason: "one-sided" });
});

test("relative errors give widths in proportion to the prediction", () => {
  const predictor = splitRegressor({ score: relative, alpha: 0.5 }).calibrate([1, 2, 4], [1.25, 2.5, 2]);
  expect(predictor.predictInterval(8)).toMatchObject({ lower: 6, upper: 10 });
});

test("calibration points whose scores are within the thresholds are in their intervals, also where rounding ties", () => {
  const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  const cell = fc.tuple(value, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), value);
  const forms: RegressionScore<{ mean: number; scale: number }>[] = [
    normalized(),
    asymmetric(normalized({ beta: 0.1 })),
  ];
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 4 }), fc.constantFrom(...forms), (points, score) => {
      const predictions = points.map(([mean, scale]) => ({ mean, scale }));
      const y = points.map((point) => point[2]);
      const predictor = splitRegressor({ score, alpha: 0.7 }).calibrate(predictions, y);
      const thresholds = predictor.quantiles();
      const inside = predictor.predictIntervals(predictions).filter(({ lower, upper }, i) => {
        const v = y[i] as number;
        return lower <= v && v <= upper;
      });
      const { rank } = thresholds[0] as { rank: number };
      const missed = thresholds.length * Math.max(0, points.length - rank);
      expect(inside.length).toBeGreaterThanOrEqual(points.length - missed);
      predictions.forEach((prediction, i) => {
        const { lower, upper } = predictor.predictInterval(prediction);
        const v = y[i] as number;
        if (score.below(prediction, v) < (thresholds[0]?.value as number)) expect(lower).toBeLessThanOrEqual(v);
        if (score.above(prediction, v) < (thresholds.at(-1)?.value as number)) expect(upper).toBeGreaterThanOrEqual(v);
      });
    }),
  );
});

test("a tie is covered where prediction + (y - prediction) is below y", () => {
  const mu = -100.5;
  const y = 0.1;
  expect(mu + (y - mu)).toBeLessThan(y);
  const predictor = splitRegressor({ score: absolute, alpha: 0.5 }).calibrate([mu], [y]);
  expect(predictor.predictInterval(mu).upper).toBeGreaterThanOrEqual(y);
  expect(predictor.predictInterval(mu).upper).toBeLessThan(y + 1e-12);
});

test("scores move up to a threshold whose interval holds the point, and no further than rounding", () => {
  const double = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(double, double, (mu, y) => {
      const raw = Math.abs(y - mu);
      const score = containing(raw, (q) => mu - q <= y && y <= mu + q);
      expect(mu - score <= y && y <= mu + score && score >= raw).toBe(true);
      expect(score - raw).toBeLessThanOrEqual(2 ** -51 * (Math.abs(mu) + raw));
    }),
  );
  expect(containing(1, () => false)).toBe(Infinity);
});

test("quantiles that cross are an error, or are sorted", () => {
  const crossed = { lower: 2, upper: 1 };
  expect(codeOf(() => splitRegressor({ score: cqr(), alpha: 0.5 }).calibrate([crossed], [0]))).toBe("E_MONOTONE at 0");
  const sorted = splitRegressor({ score: cqr({ sortQuantiles: true }), alpha: 0.5 }).calibrate([crossed], [2.5]);
  expect(sorted.predictInterval(crossed)).toMatchObject({ lower: 0.5, upper: 2.5 });
  const three = { lower: 3, median: 1, upper: 2 };
  expect(codeOf(() => splitRegressor({ score: cqrM(), alpha: 0.5 }).calibrate([three], [0]))).toBe("E_MONOTONE at 0");
  const median = splitRegressor({ score: cqrM({ sortQuantiles: true }), alpha: 0.5 }).calibrate([three], [3.5]);
  expect(median.predictInterval(three)).toMatchObject({ lower: 0.5, upper: 3.5 });
});

test("predictions that a score can't use are errors with their position", () => {
  const calibrate = <P>(score: RegressionScore<P>, ...predictions: P[]) =>
    codeOf(() =>
      splitRegressor({ score, alpha: 0.5 }).calibrate(
        predictions,
        predictions.map(() => 1),
      ),
    );
  expect(calibrate(absolute, 1, Number.NaN)).toBe("E_NAN at 1");
  expect(calibrate(absolute, 1, Infinity)).toBe("E_RANGE at 1");
  expect(calibrate(absolute, "1" as never)).toBe("E_RANGE at 0");
  expect(calibrate(relative, 1, 0)).toBe("E_RANGE at 1");
  expect(calibrate(normalized(), { mean: 0, scale: 1 }, { mean: 0, scale: 0 })).toBe("E_SIGMA at 1");
  expect(calibrate(normalized({ beta: 2 }), { mean: 0, scale: -1 })).toBe("E_SIGMA at 0");
  expect(calibrate(normalized(), { mean: 0, scale: Number.NaN })).toBe("E_NAN at 0");
  expect(calibrate(cqr(), { lower: Number.NaN, upper: 1 })).toBe("E_NAN at 0");
  expect(calibrate(cqrR(), { lower: 0, upper: 1 }, { lower: 1, upper: 1 })).toBe("E_SIGMA at 1");
  expect(calibrate(cqrM(), { lower: 0, median: 0, upper: 1 })).toBe("E_SIGMA at 0");
  expect(calibrate(cqrM(), { lower: 0, median: Number.NaN, upper: 1 })).toBe("E_NAN at 0");
  expect(
    splitRegressor({ score: cqrR({ beta: 1 }), alpha: 0.5 }).calibrate([{ lower: 1, upper: 1 }], [2]).quantile.value,
  ).toBe(1);
  expect(codeOf(() => normalized({ beta: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => cqrM({ beta: Number.NaN }))).toBe("E_NAN");
  expect(codeOf(() => oneSided(absolute, "left" as never))).toBe("E_RANGE");
  expect(codeOf(() => splitRegressor({ score: cqr as never, alpha: 0.5 }))).toBe("E_RANGE");
  expect(codeOf(() => splitRegressor({ score: { ...absolute, tails: "both" as never }, alpha: 0.5 }))).toBe("E_RANGE");
});
