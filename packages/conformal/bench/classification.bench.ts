import { bench, describe } from "vitest";
import {
  aps,
  type ClassificationScore,
  lac,
  mondrianClassifier,
  ordinalAps,
  pValueClassifier,
  raps,
  saps,
  splitClassifier,
  topK,
  uniformStream,
  weightedClassifier,
} from "@parsimony/conformal";

const uniform = uniformStream(1);
const classes = 1000;
const testRows = 10_000;
const options = { time: 0, iterations: 3, warmupTime: 0, warmupIterations: 1 };

/** Rows of a peaked model: the probabilities fall by a power of the rank, classes in random order. */
function peaked(count: number): { data: Float64Array; shape: [number, number]; labels: Uint32Array } {
  const data = new Float64Array(count * classes);
  const labels = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * classes, (i + 1) * classes);
    let total = 0;
    for (let c = 0; c < classes; c++) {
      row[c] = Math.max(1e-9, uniform()) ** -2;
      total += row[c] as number;
    }
    for (let c = 0; c < classes; c++) row[c] = (row[c] as number) / total;
    let left = uniform();
    for (let c = 0; c < classes && left > 0; c++) {
      left -= row[c] as number;
      labels[i] = c;
    }
  }
  return { data, shape: [count, classes], labels };
}

const calibration = peaked(2000);
const tests = peaked(testRows);
const rows = Array.from({ length: testRows }, (_, i) => tests.data.subarray(i * classes, (i + 1) * classes));
const u = Float64Array.from({ length: testRows }, uniform);
const scores: ClassificationScore[] = [lac, aps(), aps({ randomized: false }), raps(), saps(), topK(), ordinalAps()];

describe(`sets for ${testRows} rows x ${classes} classes`, () => {
  for (const score of scores) {
    const predictor = splitClassifier({ score, alpha: 0.1 }).calibrate(calibration, calibration.labels);
    const sizes = predictor.predictSets(tests).reduce((sum, { labels }) => sum + labels.length, 0) / testRows;
    bench(
      `${score.name}, mean size ${sizes.toFixed(1)}, seeded u`,
      () => {
        predictor.predictSets(tests);
      },
      options,
    );
    if (score.randomized) bench(`${score.name}, u given`, () => void predictor.predictSets(tests, { u }), options);
  }
});

describe("ways to the aps set of a row, 10,000 rows x 1000 classes", () => {
  const score = aps();
  const { value } = splitClassifier({ score, alpha: 0.1 }).calibrate(calibration, calibration.labels).quantile;
  bench(
    "partial selection",
    () => void rows.map((row, i) => score.labelsWithin?.(row, u[i] as number, value)),
    options,
  );
  bench(
    "all scores by Float64Array.sort, then compared",
    () => void rows.map((row, i) => score.rowScores(row, u[i] as number).filter((s) => s <= value)),
    options,
  );
  bench(
    "indices sorted by a comparison function",
    () =>
      void rows.map((row, i) => {
        const order = Uint32Array.from(row, (_, label) => label);
        order.sort((a, b) => (row[b] as number) - (row[a] as number) || a - b);
        let total = 0;
        return order.findIndex((label) => {
          total += row[label] as number;
          return total - (u[i] as number) * (row[label] as number) > value;
        });
      }),
    options,
  );
});

describe("calibrate 2,000 rows x 1000 classes", () => {
  for (const score of [lac, aps(), raps()]) {
    bench(
      score.name,
      () => void splitClassifier({ score, alpha: 0.1 }).calibrate(calibration, calibration.labels),
      options,
    );
  }
});

describe("10 classes", () => {
  const small = (count: number) =>
    Array.from({ length: count }, () => {
      const row = Array.from({ length: 10 }, () => uniform() ** 4);
      const total = row.reduce((sum, p) => sum + p);
      return row.map((p) => p / total);
    });
  const many = small(100_000);
  const labels = many.map(() => Math.floor(10 * uniform()));
  const weights = Float64Array.from(many, uniform);
  const weighted = weightedClassifier({ score: lac, alpha: 0.1 }).calibrate(many, labels, weights);
  bench(
    "weighted, calibrate n = 1e5",
    () => {
      weightedClassifier({ score: lac, alpha: 0.1 }).calibrate(many, labels, weights);
    },
    options,
  );
  bench(
    "weighted, thresholds for 1e5 test weights, n = 1e5",
    () => {
      for (const weight of weights) weighted.quantileFor(weight);
    },
    options,
  );
  bench("weighted, sets for 1e5 rows, n = 1e5", () => void weighted.predictSets(many, weights), options);
  const groups = many.map((_, i) => i % 10_000);
  bench(
    "mondrian, calibrate 1e4 groups of 10, n = 1e5",
    () => {
      mondrianClassifier(splitClassifier({ score: lac, alpha: 0.2 })).calibrate(many, labels, { groups });
    },
    options,
  );
  const pValues = pValueClassifier({ score: aps() }).calibrate(many, labels);
  bench(
    "p-values for 1e4 rows, n = 1e5",
    () => {
      for (let i = 0; i < 10_000; i++) pValues.pValues(many[i] as number[]);
    },
    options,
  );
});
