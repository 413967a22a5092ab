import { bench, describe } from "vitest";
import {
  benjaminiHochberg,
  conformalSelection,
  isotonicRegression,
  outlierPValues,
  predictiveSystem,
  simpleJumperBetting,
  testMartingale,
  uniformStream,
  vennAbers,
} from "@parsimony/conformal";

const uniform = uniformStream(1);
const numbers = (count: number) => Float64Array.from({ length: count }, uniform);
const few = { time: 0, iterations: 20, warmupTime: 0, warmupIterations: 2 };

describe("predictive systems, n = 1e5", () => {
  const predictions = numbers(100_000);
  const y = predictions.map((mu) => mu + uniform() - 0.5);
  const system = predictiveSystem().calibrate(predictions, y);
  bench("calibrate", () => void predictiveSystem().calibrate(predictions, y), few);
  bench(
    "CRPS of 1e5 test points",
    () => {
      let sum = 0;
      system.predictDistributions(predictions).forEach((distribution, i) => {
        sum += distribution.crps(y[i] as number);
      });
      if (!(sum > 0)) throw new Error("no score");
    },
    few,
  );
  bench(
    "90 % intervals of 1e5 test points",
    () => {
      for (const distribution of system.predictDistributions(predictions)) distribution.interval(0.1);
    },
    few,
  );
});

describe("Venn-Abers", () => {
  const scores = numbers(100_000);
  const labels = scores.map((score) => Number(uniform() < score));
  const queries = numbers(1_000_000);
  const predictor = vennAbers(scores, labels);
  bench("calibrate, n = 1e5", () => void vennAbers(scores, labels), few);
  bench("1e6 queries, n = 1e5", () => void predictor.predictProbabilities(queries), few);
  bench("isotonic regression, n = 1e5", () => void isotonicRegression(labels), few);
  bench(
    "two isotonic refits for one query, n = 1e5",
    () => {
      isotonicRegression(labels);
      isotonicRegression(labels);
    },
    few,
  );
});

describe("detection, n = m = 1e5", () => {
  const calibration = numbers(100_000);
  const tests = numbers(100_000);
  const p = outlierPValues(calibration, tests);
  bench("outlier p-values", () => void outlierPValues(calibration, tests), few);
  bench("Benjamini-Hochberg", () => void benjaminiHochberg(p, 0.1), few);
  bench(
    "conformal selection",
    () => {
      conformalSelection(calibration, numbers(100_000), tests, { threshold: 0.5, q: 0.1 });
    },
    few,
  );
  bench(
    "test martingale, 1e5 steps",
    () => {
      const martingale = testMartingale({ betting: simpleJumperBetting() });
      for (const score of tests) martingale.step(score);
    },
    few,
  );
});
