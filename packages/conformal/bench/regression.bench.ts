import { bench, describe } from "vitest";
import {
  absolute,
  cvPlus,
  fullConformalNeighbours,
  fullConformalRidge,
  jackknifePlus,
  normalized,
  splitRegressor,
  uniformStream,
} from "@parsimony/conformal";

const uniform = uniformStream(1);
const n = 1_000_000;
const mu = Float64Array.from({ length: n }, uniform);
const y = mu.map((value) => value + uniform() - uniform());

describe("calibrate on 1e6 points and predict 1e6 intervals", () => {
  const scaled = Array.from(mu, (mean, i) => ({ mean, scale: 1 + (y[i] as number) ** 2 }));
  bench(
    "absolute",
    () => {
      splitRegressor({ score: absolute, alpha: 0.1 }).calibrate(mu, y).predictIntervals(mu);
    },
    { iterations: 5, warmupIterations: 1 },
  );
  bench(
    "normalized",
    () => {
      splitRegressor({ score: normalized(), alpha: 0.1 }).calibrate(scaled, y).predictIntervals(scaled);
    },
    { iterations: 5, warmupIterations: 1 },
  );
  bench(
    "written out: sort all errors, objects with two ends",
    () => {
      const errors = mu.map((value, i) => Math.abs((y[i] as number) - value)).sort();
      const q = errors[Math.ceil(0.9 * (n + 1)) - 1] as number;
      Array.from(mu, (value) => ({ lower: value - q, upper: value + q }));
    },
    { iterations: 5, warmupIterations: 1 },
  );
});

const meanFit = (_: readonly number[], targets: Float64Array) => {
  const mean = targets.reduce((sum, value) => sum + value, 0) / targets.length;
  return (x: number) => mean + 0 * x;
};

describe("predict one interval", () => {
  const rows = Array.from(mu.subarray(0, 100_000));
  const cv = cvPlus({ fit: meanFit, alpha: 0.1 }).calibrate(rows, y.subarray(0, 100_000));
  bench("CV+, n = 1e5, 10 folds", () => {
    cv.predictInterval(0.5);
  });
  const jackknife = jackknifePlus({ fit: meanFit, alpha: 0.1 }).calibrate(rows.slice(0, 1000), y.subarray(0, 1000));
  bench("jackknife+, n = 1000", () => {
    jackknife.predictInterval(0.5);
  });
  const features = Array.from({ length: 1000 }, () => Array.from({ length: 10 }, uniform));
  const ridge = fullConformalRidge({ alpha: 0.1 }).calibrate(features, y.subarray(0, 1000));
  bench("full ridge, n = 1000, 10 features", () => {
    ridge.predictRegion(features[0] as number[]);
  });
  const near = fullConformalNeighbours({ alpha: 0.1 }).calibrate(features, y.subarray(0, 1000));
  bench("full neighbours, n = 1000, 10 features", () => {
    near.predictRegion(features[0] as number[]);
  });
});
