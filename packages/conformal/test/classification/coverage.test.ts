import { expect, test } from "vitest";
import {
  aps,
  conformalRank,
  cvPlusClassifier,
  fullClassifier,
  lac,
  mondrianClassifier,
  ordinalAps,
  pValueClassifier,
  rowUniform,
  splitClassifier,
  topK,
  weightedClassifier,
} from "../../src/index.ts";
import { permutations, wordsOf } from "../enumerate.ts";
import { type Example, multisets, nearestMean, pool, scores, split } from "./methods.ts";

// Coverage is counted over every order of a set of examples, or over every word of a finite population: proofs for
// these sizes, not simulations.
const alphas = [0.1, 0.2, 0.25, 0.5, 0.75];
const pick = <T>(of: readonly T[], indices: readonly number[]) => indices.map((i) => of[i] as T);

test.each(scores)("split, $name: of n + 1 examples with ties, at least k are covered by the others", (score) => {
  for (const word of multisets(pool.length, 5)) {
    const examples = pick(pool, word);
    for (const alpha of alphas) {
      const covered = examples.filter((example, i) =>
        splitClassifier({ score, alpha })
          .calibrate(...split(examples.toSpliced(i, 1)))
          .predictSet(example.probabilities)
          .labels.includes(example.label),
      );
      expect(covered.length).toBeGreaterThanOrEqual(conformalRank(4, alpha));
    }
  }
});

test.each(scores)("split, $name: of n + 1 examples with distinct scores, exactly k are covered", (score) => {
  const examples: Example[] = [0.31, 0.42, 0.53, 0.64, 0.75, 0.86].map((p, i) => ({
    probabilities: [p * 0.7, 1 - p, p * 0.3],
    label: [2, 1, 0, 0, 1, 2][i] as number,
  }));
  const own = examples.map(({ probabilities, label }) =>
    score.labelScore(Float64Array.from(probabilities), label, score.randomized ? rowUniform(0, probabilities) : 0),
  );
  // Without randomisation, topK has few values.
  if (new Set(own).size < own.length) return expect(score.name).toMatch(/deterministic|margin/);
  for (const alpha of alphas) {
    const covered = examples.filter((example, i) =>
      splitClassifier({ score, alpha })
        .calibrate(...split(examples.toSpliced(i, 1)))
        .predictSet(example.probabilities)
        .labels.includes(example.label),
    );
    expect(covered.length).toBe(conformalRank(5, alpha));
  }
});

test("mondrian: within each group, and within each class of each group, at least k are covered by the others", () => {
  for (const word of multisets(pool.length, 5)) {
    const examples = pick(pool, word);
    const groups = word.map((letter) => (letter % 2 === 0 ? "even" : 1));
    for (const mondrian of ["none", "label"] as const) {
      const keys = examples.map(({ label }, i) => `${groups[i]} ${mondrian === "label" ? label : ""}`);
      for (const key of new Set(keys)) {
        const members = [...keys.keys()].filter((i) => keys[i] === key);
        for (const alpha of [0.25, 0.5]) {
          const covered = members.filter((i) => {
            const predictor = mondrianClassifier(splitClassifier({ score: aps(), alpha, mondrian })).calibrate(
              ...split(examples.toSpliced(i, 1)),
              { groups: groups.toSpliced(i, 1) },
            );
            const example = examples[i] as Example;
            const options = { group: groups[i] as string | number };
            return predictor.predictSet(example.probabilities, options).labels.includes(example.label);
          });
          expect(covered.length).toBeGreaterThanOrEqual(conformalRank(members.length - 1, alpha));
        }
      }
    }
  }
});

test("weighted: over all words of a population whose test examples are drawn by other odds, 1 - alpha is covered", () => {
  const calibrationOdds = [4, 1, 2, 1];
  const testOdds = [1, 3, 1, 3];
  const ratios = testOdds.map((odds, letter) => odds / (calibrationOdds[letter] as number));
  const product = (word: readonly number[]) =>
    word.reduce((odds, letter) => odds * (calibrationOdds[letter] as number), 1);
  for (const score of [lac, aps(), ordinalAps({ randomized: false })]) {
    for (const alpha of alphas) {
      let covered = 0;
      let unweighted = 0;
      let total = 0;
      for (const word of wordsOf(pool.length, 3)) {
        const data = split(pick(pool, word));
        const predictor = weightedClassifier({ score, alpha }).calibrate(...data, pick(ratios, word));
        const plain = splitClassifier({ score, alpha }).calibrate(...data);
        pool.forEach((example, letter) => {
          const odds = product(word) * (testOdds[letter] as number);
          total += odds;
          const { labels } = predictor.predictSet(example.probabilities, ratios[letter] as number);
          if (labels.includes(example.label)) covered += odds;
          if (plain.predictSet(example.probabilities).labels.includes(example.label)) unweighted += odds;
        });
      }
      expect(covered).toBeGreaterThanOrEqual((1 - alpha) * total);
      // The shift matters: without weights these odds are not covered.
      if (score === lac && alpha === 0.25) expect(unweighted).toBeLessThan((1 - alpha) * total);
    }
  }
});

test("full conformal: with distinct p-values exactly, else at least, k of n + 1 examples are covered by the others", () => {
  const fit = nearestMean(2);
  for (const values of [
    [0.1, 1.3, 2.9, 0.4, 3.7, 2.2],
    [1, 1, 2, 2, 1, 3],
    [0, 0, 0, 0, 0, 0],
  ]) {
    const labels = [0, 0, 1, 0, 1, 1];
    for (const score of [lac, aps({ randomized: false }), aps()]) {
      for (const alpha of alphas) {
        const rank = conformalRank(5, alpha);
        const covered = values.filter((value, i) =>
          fullClassifier(values.toSpliced(i, 1), labels.toSpliced(i, 1), { classes: 2, fit, score, alpha })
            .predictSet(value)
            .labels.includes(labels[i] as number),
        );
        expect(covered.length).toBeGreaterThanOrEqual(rank);
        if (values[0] === 0.1 && score === lac) expect(covered.length).toBe(rank);
      }
    }
  }
});

test("CV+ and jackknife+: over all orders of n + 1 examples, the last is covered as often as proved", () => {
  const fit = nearestMean(2);
  const labels = [0, 1, 0, 1, 1, 0];
  for (const values of [
    [0.1, 2.3, 1.9, 0.4, 3.7, 2.2],
    [1, 1, 2, 2, 1, 3],
  ]) {
    for (const folds of [2, 5, [0, 0, 0, 0, 1]]) {
      for (const alpha of [0.2, 0.3]) {
        let covered = 0;
        let level = 0;
        const orders = permutations(6);
        for (const order of orders) {
          const kept = order.slice(0, 5);
          const last = order[5] as number;
          const predictor = cvPlusClassifier(pick(values, kept), pick(labels, kept), { fit, folds, score: lac, alpha });
          ({ level } = predictor);
          if (predictor.predictSet(values[last] as number).labels.includes(labels[last] as number)) covered++;
        }
        expect(covered / orders.length).toBeGreaterThanOrEqual(level);
        expect(level).toBeLessThanOrEqual(1 - 2 * alpha);
      }
    }
  }
});

test("p-values: for all data, the true label's is at most alpha with probability at most alpha", () => {
  for (const word of multisets(pool.length, 5)) {
    const examples = pick(pool, word);
    for (const score of [aps(), topK({ randomized: false })]) {
      const pairs = examples.map((example, i) => {
        const predictor = pValueClassifier({ score }).calibrate(...split(examples.toSpliced(i, 1)));
        const at = (tieBreak?: number) =>
          predictor.pValues(example.probabilities, tieBreak === undefined ? {} : { tieBreak })[example.label] as number;
        return { conservative: at(), least: at(0), most: at(1) };
      });
      for (const alpha of alphas) {
        expect(pairs.filter(({ conservative }) => conservative <= alpha).length).toBeLessThanOrEqual(5 * alpha);
        // Integrated over the tie-breaking number, the smoothed p-value is exactly uniform.
        const smoothed = pairs.reduce(
          (sum, { least, most }) => sum + Math.min(1, Math.max(0, (alpha - least) / (most - least))) / 5,
          0,
        );
        expect(smoothed).toBeCloseTo(alpha, 12);
      }
    }
  }
});
