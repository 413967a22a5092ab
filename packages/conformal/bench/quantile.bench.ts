import { bench, describe } from "vitest";
import { aps, conformalQuantile, lac, splitClassifier, uniformStream } from "@parsimony/conformal";

const uniform = uniformStream(1);
const scores = Float64Array.from({ length: 1_000_000 }, uniform);
const weights = Float64Array.from({ length: 100_000 }, uniform);

describe("conformal quantile", () => {
  bench("selection, n = 1e6", () => {
    conformalQuantile(scores, 0.1);
  });
  bench("Float64Array.sort of a copy, n = 1e6", () => {
    scores.slice().sort();
  });
  bench("with weights, n = 1e5", () => {
    conformalQuantile(scores.subarray(0, 100_000), 0.1, { weights });
  });
});

describe("calibrate on 5,000 rows of 10 classes and predict 10,000", () => {
  const rows = (count: number) => ({ data: Float64Array.from({ length: 10 * count }, uniform), shape: [count, 10] });
  const calibration = rows(5000);
  const tests = rows(10_000);
  const labels = Array.from({ length: 5000 }, () => Math.floor(10 * uniform()));
  for (const score of [lac, aps()]) {
    bench(score.name, () => {
      splitClassifier({ score, alpha: 0.1, normalize: true }).calibrate(calibration, labels).predictSets(tests);
    });
  }
});
