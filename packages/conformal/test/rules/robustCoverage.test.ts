import { expect, test } from "vitest";
import type { ConceptBounds } from "../../src/rules/concepts.ts";
import { certifiedCoverage } from "../../src/rules/certifiedCoverage.ts";
import { ruleCircuit } from "../../src/rules/ruleCircuit.ts";
import type { RuleSetPredictor } from "../../src/rules/ruleSetPredictor.ts";
import { ruleSets } from "../../src/rules/ruleSets.ts";
import { conformalRank } from "../../src/quantile/rank.ts";
import { binomialCdf } from "../../src/base/binomial.ts";
import { codeOf } from "../codeOf.ts";
import { wordsOf } from "../enumerate.ts";

// A world small enough to try everything. Inputs are 0..8 on a line, an attacker moves one by at most 1. Two classes
// and one attribute, each with a model that is a table; class 0 => attribute.
const size = 9;
const table = {
  class0: [0.95, 0.8, 0.9, 0.55, 0.7, 0.3, 0.4, 0.1, 0.2],
  class1: [0.1, 0.3, 0.05, 0.5, 0.35, 0.8, 0.6, 0.9, 0.7],
  attribute: [0.9, 0.4, 0.8, 0.6, 0.3, 0.2, 0.5, 0.1, 0.15],
};
const circuit = ruleCircuit({
  concepts: ["class 0", "class 1", "attribute"],
  rules: [
    { if: "class 0", then: "attribute", weight: 1.5 },
    { if: ["class 1", "attribute"], then: "class 0", weight: 0.7 },
  ],
});
const ball = (x: number): number[] => [x - 1, x, x + 1].filter((at) => at >= 0 && at < size);
const raw = (x: number): number[] => [table.class0, table.class1, table.attribute].map((column) => column[x] as number);
const corrected = Array.from({ length: size }, (_, x) => circuit.infer(raw(x)));
/** Bounds through the models and the circuit, as a certificate would give them. */
const bounds = Array.from({ length: size }, (_, x): ConceptBounds => {
  const near = ball(x).map(raw);
  const ends = (of: (...values: number[]) => number) =>
    [0, 1, 2].map((k) => of(...near.map((row) => row[k] as number)));
  return circuit.bounds(ends(Math.min), ends(Math.max));
});

interface Point {
  readonly x: number;
  readonly label: number;
}

/** Does some point of the ball push the label out of the set? */
const broken = (predictor: RuleSetPredictor, { x, label }: Point): boolean =>
  ball(x).some((at) => !predictor.predictSet(corrected[at] as Float64Array).labels.includes(label));

const robust = (points: readonly Point[], alpha: number, mode: "classwise" | "union") =>
  ruleSets({ classes: 2, alpha, mode }).calibrateRobust(
    points.map(({ x }) => bounds[x] as ConceptBounds),
    points.map(({ label }) => label),
  );
const ordinary = (points: readonly Point[], alpha: number) =>
  ruleSets({ classes: 2, alpha }).calibrate(
    points.map(({ x }) => corrected[x] as Float64Array),
    points.map(({ label }) => label),
  );

test("the bounds hold everything that the attacker can reach", () => {
  for (let x = 0; x < size; x++) {
    for (const at of ball(x)) {
      corrected[at]?.forEach((value, k) => {
        expect(value).toBeGreaterThanOrEqual((bounds[x]?.lower[k] as number) - 1e-15);
        expect(value).toBeLessThanOrEqual((bounds[x]?.upper[k] as number) + 1e-15);
      });
    }
  }
});

/** For a bag of n + 1 points, each taken as the test point once: how many survive the worst attack. */
function survivors(bag: readonly Point[], fit: (rest: Point[]) => RuleSetPredictor): number {
  return bag.filter((point, i) => !broken(fit(bag.toSpliced(i, 1)), point)).length;
}

test("robust sets cover each class under the worst attack in k of n + 1 positions, for every bag", () => {
  // Every bag of four inputs of class 0, with two points of class 1 that must not matter.
  const others: Point[] = [
    { x: 5, label: 1 },
    { x: 8, label: 1 },
  ];
  let ordinaryFails = 0;
  let exact = 0;
  for (const bag of wordsOf(size, 4).filter((word) => word.every((x, i) => i === 0 || x >= (word[i - 1] as number)))) {
    const points = bag.map((x) => ({ x, label: 0 }));
    for (const alpha of [0.25, 0.5]) {
      const least = conformalRank(3, alpha);
      const kept = survivors(points, (rest) => robust([...rest, ...others], alpha, "classwise"));
      expect(kept).toBeGreaterThanOrEqual(least);
      if (kept === least) exact++;
      if (survivors(points, (rest) => ordinary([...rest, ...others], alpha)) < least) ordinaryFails++;
    }
  }
  // The attacker is a real one: ordinary sets lose their coverage, and robust ones are sometimes exactly at it.
  expect(ordinaryFails).toBeGreaterThan(100);
  expect(exact).toBeGreaterThan(10);
});

test("union sets cover on average under the worst attack, for every bag of inputs and classes", () => {
  let exact = 0;
  for (const word of wordsOf(2 * size, 3)) {
    // A bag of four: three free points and one that is fixed, so that the loop stays small.
    const bag = [...word, 2].map((code) => ({ x: code % size, label: code < size ? 0 : 1 }));
    if (word.some((code, i) => i > 0 && code < (word[i - 1] as number))) continue;
    const alpha = 0.5;
    // Each concept's predictor misses at most 4 - rank(3, 1/4) = 1 of the four positions, two concepts at most 2.
    const kept = survivors(bag, (rest) => robust(rest, alpha, "union"));
    expect(kept).toBeGreaterThanOrEqual(4 - 2 * (4 - conformalRank(3, alpha / 2)));
    expect(kept / 4).toBeGreaterThanOrEqual(1 - alpha);
    if (kept < 4) exact++;
  }
  expect(exact).toBeGreaterThan(10);
});

test("the certified coverage is a valid lower bound: its probability of being wrong, by enumeration", () => {
  // Eight inputs of class 0 are equally likely; the true coverage under attack of a fixed predictor is a count of them.
  const predictor = ordinary(
    [0, 2, 3, 4, 1].map((x) => ({ x, label: 0 })),
    0.3,
  );
  const points = [0, 1, 2, 3, 4, 5, 6, 7].map((x) => ({ x, label: 0 }));
  const truth = points.filter((point) => !broken(predictor, point)).length / points.length;
  expect(truth).toBeGreaterThan(0);
  expect(truth).toBeLessThan(1);
  const trials = 6;
  for (const delta of [0.05, 0.2]) {
    let wrong = 0;
    const lowest = new Map<number, number>();
    // The statement depends on the number of certified points alone; its law is binomial.
    const certified = points.filter(({ x }) => {
      const one = certifiedCoverage(predictor, [bounds[x] as ConceptBounds], [0]);
      return one.covered === 1;
    });
    const share = certified.length / points.length;
    expect(share).toBeLessThanOrEqual(truth);
    const bad = points.find((point) => !certified.includes(point)) as Point;
    for (let covered = 0; covered <= trials; covered++) {
      const sample = Array.from({ length: trials }, (_, i) => (i < covered ? (certified[0] as Point) : bad));
      const { lower } = certifiedCoverage(
        predictor,
        sample.map(({ x }) => bounds[x] as ConceptBounds),
        sample.map(() => 0),
        {
          delta,
        },
      );
      lowest.set(covered, lower);
      const mass = binomialCdf(covered, trials, share) - binomialCdf(covered - 1, trials, share);
      if (lower > truth) wrong += mass;
    }
    expect(wrong).toBeLessThanOrEqual(delta);
    expect(lowest.get(trials)).toBeCloseTo(delta ** (1 / trials), 10);
  }
});

test("certified coverage: counts, classes, failures and the uniform bound", () => {
  const points = Array.from({ length: 60 }, (_, i) => ({ x: (i * 5) % size, label: i % 2 }));
  const all = points.map(({ x }) => bounds[x] as ConceptBounds);
  const truth = points.map(({ label }) => label);
  const predictor = robust(points, 0.2, "classwise");
  const holdout = certifiedCoverage(predictor, all, truth, { delta: 0.1, failure: 0.01 });
  expect(holdout.count).toBe(60);
  expect(holdout.covered).toBe(holdout.byClass.reduce((sum, { covered }) => sum + covered, 0));
  // Robust thresholds on their own calibration points cover at least the rank of each class.
  for (const { covered, count } of holdout.byClass) expect(covered).toBeGreaterThanOrEqual(conformalRank(count, 0.2));
  expect(holdout.byClass[0]?.lower).toBeLessThan(holdout.lower);
  const uniform = certifiedCoverage(predictor, all, truth, { delta: 0.1, failure: 0.01, sample: "calibration" });
  uniform.byClass.forEach(({ covered, count, lower }) => {
    expect(lower).toBeCloseTo(Math.max(0, covered / count - Math.sqrt(Math.log(20) / (2 * count)) - 0.01), 14);
  });
  expect(uniform.lower).toBe(Math.min(...uniform.byClass.map(({ lower }) => lower)));
  expect(holdout.guarantee).toBe("pac");
  const trivial = robust([{ x: 0, label: 0 }], 0.1, "classwise");
  const everything = certifiedCoverage(trivial, [bounds[4] as ConceptBounds], [1], { sample: "calibration" });
  expect([everything.lower, everything.byClass.map(({ lower }) => lower)]).toEqual([1, [1, 1]]);
});

test("bad input", () => {
  const predictor = robust([{ x: 0, label: 0 }], 0.5, "classwise");
  const one = [bounds[0] as ConceptBounds];
  expect(codeOf(() => certifiedCoverage(predictor, [], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => certifiedCoverage(predictor, one, [0, 1]))).toBe("E_LENGTH");
  expect(codeOf(() => certifiedCoverage(predictor, one, [2]))).toBe("E_RANGE at 0");
  expect(codeOf(() => certifiedCoverage(predictor, one, [0], { delta: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => certifiedCoverage(predictor, one, [0], { failure: 2 }))).toBe("E_RANGE");
  expect(codeOf(() => certifiedCoverage(predictor, one, [0], { sample: "train" as "holdout" }))).toBe("E_RANGE");
});
