import { expect, test } from "vitest";
import {
  aps,
  clusteredClassifier,
  conformalRank,
  lac,
  splitClassifier,
  splitClassifierFromJSON,
  uniformStream,
} from "../../../src/index.ts";
import { clusterClasses } from "../../../src/classification/clustered/clusterClasses.ts";
import { kMeans } from "../../../src/classification/clustered/kMeans.ts";
import { codeOf } from "../../codeOf.ts";

import { type Example, multisets, pool, split } from "../methods.ts";

const uniform = uniformStream(5);
/** Twelve classes: of an even one the model is nearly sure, of an odd one it is not; class 11 is rare. */
const examples: Example[] = Array.from({ length: 2400 }, (_, i) => {
  const label = i % 12 === 11 && i > 40 ? 0 : i % 12;
  const p = label % 2 === 0 ? 0.8 + 0.2 * uniform() : 0.1 + 0.6 * uniform();
  return { probabilities: Array.from({ length: 12 }, (_, c) => (c === label ? p : (1 - p) / 11)), label };
});

test("k-means by hand, in any dimension", () => {
  const points = [0, 0.1, 5, 5.2, 9, 0.05].map((x) => Float64Array.of(x, 2 * x));
  expect(kMeans(points, [1, 1, 1, 1, 1, 1], 3)).toEqual([0, 0, 1, 1, 2, 0]);
  expect(kMeans(points, [1, 1, 1, 1, 1, 1], 1)).toEqual([0, 0, 0, 0, 0, 0]);
  // The heaviest point is the first centre, and points halfway go to it.
  const line = [0, 1, 2].map((x) => Float64Array.of(x));
  expect(kMeans(line, [100, 1, 1], 2)).toEqual([0, 0, 1]);
  expect(kMeans(line, [1, 1, 100], 2)).toEqual([0, 1, 1]);
  // Fewer different points than clusters.
  expect(kMeans([Float64Array.of(1), Float64Array.of(1)], [1, 1], 2)).toEqual([0, 0]);
  expect(kMeans([], [], 2)).toEqual([]);
});

test("classes with like scores share a cluster; rare ones share the last", () => {
  const predictor = clusteredClassifier({ score: lac, alpha: 0.1, clusters: 2 }).calibrate(...split(examples));
  expect(predictor.guarantee).toBe("group-conditional");
  expect(predictor.clusters).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 2]);
  const [even, odd] = predictor.quantiles;
  expect(even?.value).toBeLessThan(0.2);
  expect(odd?.value).toBeGreaterThan(0.7);
  expect(predictor.quantiles[3]).toBe(odd);
  // Two of the four rows of class 11 are left to calibrate it: too few, so that it is in every set.
  expect(predictor.quantiles[11]).toMatchObject({ finite: false, reason: "too-few-calibration" });
});

test("only the order of the scores matters for the clusters", () => {
  const scores = Float64Array.from(examples, ({ probabilities, label }) => 1 - (probabilities[label] as number));
  const labels = examples.map(({ label }) => label);
  const changed = scores.map((s) => (s > 0.85 ? Infinity : s ** 3));
  const capped = scores.map((s) => Math.min(s, 0.851));
  const clusters = clusterClasses(capped, labels, 12, 3, 0.1);
  expect(clusterClasses(changed, labels, 12, 3, 0.1)).toEqual(clusters);
});

test("the rows that find clusters calibrate nothing: thresholds are those of the others, cluster by cluster", () => {
  const clustering = examples.map((_, i) => i % 5 < 2);
  const predictor = clusteredClassifier({ score: lac, alpha: 0.1, clusters: 2 }).calibrate(...split(examples), {
    clustering,
  });
  const calibrating = examples.filter((_, i) => i % 5 >= 2);
  for (const cluster of [0, 1]) {
    const own = calibrating.filter(({ label }) => predictor.clusters?.[label] === cluster);
    const alone = splitClassifier({ score: lac, alpha: 0.1 }).calibrate(...split(own));
    expect(predictor.quantiles[cluster]).toEqual(alone.quantile);
  }
});

test("one cluster, no rare class: the ordinary predictor of the rows that calibrate", () => {
  const clustering = [true, true, true, true, true, true, false, false, false];
  const rows = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.95, 0.65, 0.35].map((p) => [p, 1 - p]);
  const labels = [0, 1, 0, 1, 0, 1, 0, 1, 0];
  const one = clusteredClassifier({ score: aps(), alpha: 0.5, clusters: 1 }).calibrate(rows, labels, { clustering });
  const plain = splitClassifier({ score: aps(), alpha: 0.5 }).calibrate(rows.slice(6), labels.slice(6));
  expect(one.quantile).toEqual(plain.quantile);
  expect(one.predictSets(rows)).toEqual(plain.predictSets(rows));
});

test("within each cluster, at least k of its examples are covered by the others", () => {
  const finding = [0, 1, 2, 3, 0, 2, 3, 1].map((letter) => pool[letter] as Example);
  for (const word of multisets(pool.length, 4)) {
    const calibrating = word.map((letter) => pool[letter] as Example);
    for (const alpha of [0.25, 0.5]) {
      const calibrate = (others: readonly Example[]) =>
        clusteredClassifier({ score: aps(), alpha, clusters: 2 }).calibrate(...split([...finding, ...others]), {
          clustering: [...finding.map(() => true), ...others.map(() => false)],
        });
      const { clusters = [] } = calibrate(calibrating);
      for (const cluster of new Set(clusters)) {
        const members = [...word.keys()].filter((i) => clusters[(calibrating[i] as Example).label] === cluster);
        const covered = members.filter((i) => {
          const { probabilities, label } = calibrating[i] as Example;
          return calibrate(calibrating.toSpliced(i, 1)).predictSet(probabilities).labels.includes(label);
        });
        if (members.length > 0) {
          expect(covered.length).toBeGreaterThanOrEqual(conformalRank(members.length - 1, alpha));
        }
      }
    }
  }
});

test("the same seed gives the same division; saved and loaded, bit for bit", () => {
  const calibrate = (seed: number) =>
    clusteredClassifier({ score: aps(), alpha: 0.1, clusters: 3, seed, clusteringShare: 0.3 }).calibrate(
      ...split(examples),
    );
  const text = JSON.stringify(calibrate(1));
  expect(JSON.stringify(calibrate(1))).toBe(text);
  expect(JSON.stringify(calibrate(2))).not.toBe(text);
  const loaded = splitClassifierFromJSON(JSON.parse(text));
  expect(JSON.stringify(loaded)).toBe(text);
  expect(loaded.clusters).toEqual(calibrate(1).clusters);
  const [rows] = split(examples.slice(0, 50));
  expect(loaded.predictSets(rows)).toEqual(calibrate(1).predictSets(rows));
});

test("the share of rows that find clusters is the one asked for", () => {
  const predictor = clusteredClassifier({ score: lac, alpha: 0.1, clusters: 1, clusteringShare: 0.25 }).calibrate(
    ...split(examples),
  );
  const [common, rare] = [predictor.quantiles[0]?.n ?? 0, predictor.quantiles[11]?.n ?? 0];
  expect(common + rare).toBe(1800);
});

test("bad input", () => {
  const options = { score: lac, alpha: 0.1, clusters: 2 };
  expect(codeOf(() => clusteredClassifier({ ...options, alpha: 1 }))).toBe("E_ALPHA");
  expect(codeOf(() => clusteredClassifier({ ...options, clusters: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => clusteredClassifier({ ...options, clusteringShare: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => clusteredClassifier({ ...options, seed: -1 }))).toBe("E_RANGE");
  const method = clusteredClassifier(options);
  expect(codeOf(() => method.calibrate([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => method.calibrate([[1]], [0], { clustering: [true] }))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => method.calibrate([[1]], [0], { clustering: [] }))).toBe("E_LENGTH");
});
