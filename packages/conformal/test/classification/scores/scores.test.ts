import fc from "fast-check";
import { expect, test } from "vitest";
import { aps, type ClassificationScore, lac, margin, ordinalAps, raps, saps, topK } from "../../../src/index.ts";
import { labelsOfPrefix } from "../../../src/classification/scores/prefix.ts";
import { labelsWithin } from "../../../src/classification/scores/score.ts";
import { probabilityRow } from "../../../src/testing/index.ts";
import { codeOf } from "../../codeOf.ts";

const row = Float64Array.of(0.5, 0.3, 0.15, 0.05);
const tied = Float64Array.of(0.1, 0.2, 0.6, 0.1);
const scores: readonly ClassificationScore[] = [
  lac,
  margin,
  aps(),
  aps({ randomized: false }),
  raps(),
  raps({ lambda: 0.3, kReg: 1, randomized: false }),
  saps(),
  topK(),
  topK({ randomized: false }),
  ordinalAps(),
  ordinalAps({ randomized: false }),
];
const ranked = scores.filter((score) => score.contiguous !== true);
const uniform = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));
/** Probability rows: coarse ones with ties, zeros and certainties, and fine ones; short rows are ranked another way. */
const rows = fc
  .oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 12 }) }, fc.integer({ min: 63, max: 66 }))
  .chain((classes) =>
    fc.oneof(
      probabilityRow(classes),
      fc
        .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: classes, maxLength: classes })
        .filter((values) => values.some((p) => p > 1e-9))
        .map((values) => values.map((p) => p / values.reduce((sum, q) => sum + q))),
    ),
  )
  .map((values) => Float64Array.from(values));
const closeTo = (values: number[]) => values.map((value) => expect.closeTo(value, 12));
const ranking = (values: Float64Array) =>
  [...values.keys()].sort((a, b) => (values[b] as number) - (values[a] as number) || a - b);

test.each([
  [lac, row, 0, [0.5, 0.7, 0.85, 0.95]],
  [aps({ randomized: false }), row, 0.4, [0.5, 0.8, 0.95, 1]],
  [aps(), row, 0.4, [0.3, 0.68, 0.89, 0.98]],
  [raps({ lambda: 0.01, kReg: 2 }), row, 0.4, [0.3, 0.68, 0.9, 1]],
  [saps({ lambda: 0.1 }), row, 0.4, [0.2, 0.54, 0.64, 0.74]],
  [aps(), tied, 0.4, [0.86, 0.72, 0.36, 0.96]],
  [saps({ lambda: 0.1 }), tied, 0.4, [0.74, 0.64, 0.24, 0.84]],
  [topK(), tied, 0.4, [2.6, 1.6, 0.6, 3.6]],
  [topK({ randomized: false }), tied, 0.4, [3, 2, 1, 4]],
  [margin, row, 0, [-0.2, 0.2, 0.35, 0.45]],
  [margin, tied, 0, [0.5, 0.4, -0.4, 0.5]],
  // From class 2 the interval takes 1 (0.2), then 0 and 3: equal, so the lower one first.
  [ordinalAps({ randomized: false }), Float64Array.of(0, 0.2, 0.6, 0.1, 0.1), 0, [1, 0.8, 0.6, 0.9, 1]],
  [ordinalAps({ randomized: false }), tied, 0, [0.9, 0.8, 0.6, 1]],
  [ordinalAps(), tied, 0.4, [0.86, 0.72, 0.36, 0.96]],
] as const)("$0.name by hand", (score, values, u, expected) => {
  expect([...score.rowScores(values, u)]).toEqual(closeTo([...expected]));
});

test.each(scores)("$name: one label, all labels and the labels within a threshold agree bit for bit", (score) => {
  fc.assert(
    fc.property(rows, uniform, fc.nat(), (values, u, pick) => {
      const all = score.rowScores(values, u);
      expect([...values.keys()].map((label) => score.labelScore(values, label, u))).toEqual([...all]);
      const into = new Float64Array(values.length).fill(Number.NaN);
      expect(score.rowScores(values, u, into)).toBe(into);
      expect(into).toEqual(all);
      for (const threshold of [all[pick % all.length] as number, -Infinity, 0, 0.5, Infinity]) {
        const expected = [...all.keys()].filter((label) => (all[label] as number) <= threshold);
        expect(labelsWithin(score, values, u, threshold)).toEqual(expected);
      }
    }),
  );
});

test.each(ranked)("$name: scores never fall along the ranking, so that every set is a prefix of it", (score) => {
  fc.assert(
    fc.property(rows, uniform, (values, u) => {
      const all = score.rowScores(values, u);
      const inOrder = ranking(values).map((label) => all[label] as number);
      expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
    }),
  );
});

test("ordinal sets are intervals around the favourite, whatever the threshold", () => {
  fc.assert(
    fc.property(rows, uniform, fc.boolean(), (values, u, randomized) => {
      const score = ordinalAps({ randomized });
      for (const threshold of score.rowScores(values, u)) {
        const labels = labelsWithin(score, values, u, threshold);
        expect(labels).toEqual(labels.map((_, i) => (labels[0] as number) + i));
        expect(labels).toContain(ranking(values)[0]);
      }
    }),
  );
});

test("aps and ordinalAps without u end at the total probability", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }).chain(probabilityRow), (values) => {
      for (const score of [aps({ randomized: false }), ordinalAps({ randomized: false })]) {
        expect(Math.max(...score.rowScores(Float64Array.from(values), 0))).toBe(1);
      }
    }),
  );
});

test("raps without penalty is aps, bit for bit; topK is raps with nothing but the rank", () => {
  fc.assert(
    fc.property(rows, uniform, fc.boolean(), (values, u, randomized) => {
      const expected = aps({ randomized }).rowScores(values, u);
      expect(raps({ lambda: 0, kReg: 2, randomized }).rowScores(values, u)).toEqual(expected);
      const places = topK({ randomized: false }).rowScores(values, u);
      expect([...places].sort((a, b) => a - b)).toEqual([...values.keys()].map((i) => i + 1));
    }),
  );
});

test("renaming the classes of a row without ties renames the scores", () => {
  const distinct = fc
    .uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 8 })
    .map((values) => values.map((value) => value / values.reduce((sum, other) => sum + other)))
    .chain((values) =>
      fc.tuple(fc.constant(values), fc.shuffledSubarray([...values.keys()], { minLength: values.length })),
    );
  fc.assert(
    fc.property(distinct, uniform, ([values, renamed], u) => {
      for (const score of ranked) {
        const before = score.rowScores(Float64Array.from(values), u);
        const after = score.rowScores(
          Float64Array.from(renamed, (label) => values[label] as number),
          u,
        );
        expect([...after]).toEqual(renamed.map((label) => before[label]));
      }
    }),
  );
});

test("reversing the order of the classes reverses ordinal scores, where no neighbours tie", () => {
  const values = Float64Array.of(0.05, 0.1, 0.3, 0.4, 0.12, 0.03);
  const forward = ordinalAps().rowScores(values, 0.3);
  expect([...ordinalAps().rowScores(values.toReversed(), 0.3)]).toEqual([...forward.toReversed()]);
});

test("rows with one certain class, with equal classes, and with one class only", () => {
  const certain = Float64Array.of(0, 1, 0);
  expect([...aps({ randomized: false }).rowScores(certain, 0)]).toEqual([1, 1, 1]);
  expect([...aps().rowScores(certain, 0.5)]).toEqual([1, 0.5, 1]);
  expect([...raps({ lambda: 1, kReg: 1 }).rowScores(certain, 0.5)]).toEqual([2, 0.5, 3]);
  expect([...margin.rowScores(certain, 0)]).toEqual([1, -1, 1]);
  expect([...ordinalAps().rowScores(certain, 0.5)]).toEqual([1, 0.5, 1]);
  const equal = new Float64Array(4).fill(0.25);
  expect([...aps({ randomized: false }).rowScores(equal, 0)]).toEqual([0.25, 0.5, 0.75, 1]);
  expect([...margin.rowScores(equal, 0)]).toEqual([0, 0, 0, 0]);
  const single = Float64Array.of(1);
  const expected = [0, -1, 0.75, 1, 0.75, 1, 0.25, 0.75, 1, 0.75, 1];
  expect(scores.map((score) => score.rowScores(single, 0.25)[0])).toEqual(expected);
  expect(scores.map((score) => score.labelScore(single, 0, 0.25))).toEqual(expected);
});

test("prefixes of a thousand classes, with ties, in random and in hostile orders", () => {
  const shapes = {
    ascending: (i: number) => i,
    descending: (i: number) => 1000 - i,
    organ: (i: number) => Math.min(i, 1000 - i),
    // The middle of three is nearly the largest again and again.
    hostile: (i: number) => (i % 2 === 0 ? 1000 - (i >>> 1) : i),
    coarse: (i: number) => (i * 7919) % 13,
    peaked: (i: number) => 1 / (1 + ((i * 7919) % 1000)) ** 2,
    equal: () => 1,
  };
  for (const shape of Object.values(shapes)) {
    const values = Float64Array.from({ length: 1000 }, (_, i) => shape(i));
    const total = values.reduce((sum, value) => sum + value);
    const probabilities = values.map((value) => value / total);
    for (const score of [aps(), raps({ lambda: 0.001 }), saps({ lambda: 0.01 }), topK()]) {
      const all = score.rowScores(probabilities, 0.5);
      for (const label of [0, 1, 250, 499, 500, 750, 999]) {
        const threshold = all[label] as number;
        const expected = [...all.keys()].filter((other) => (all[other] as number) <= threshold);
        expect(labelsWithin(score, probabilities, 0.5, threshold)).toEqual(expected);
        expect(score.labelScore(probabilities, label, 0.5)).toBe(threshold);
      }
    }
  }
});

test("partial selection looks at few places", () => {
  const values = Float64Array.from({ length: 4096 }, (_, i) => ((i * 2731) % 4096) + 1);
  const total = values.reduce((sum, value) => sum + value);
  let asked = 0;
  labelsOfPrefix(
    values.map((value) => value / total),
    (sum) => {
      asked++;
      return sum <= 0.6;
    },
  );
  expect(asked).toBeLessThan(100);
});

test("bad options", () => {
  expect(codeOf(() => raps({ lambda: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => raps({ lambda: Infinity }))).toBe("E_RANGE");
  expect(codeOf(() => raps({ lambda: Number.NaN }))).toBe("E_NAN");
  expect(codeOf(() => raps({ kReg: 1.5 }))).toBe("E_RANGE");
  expect(codeOf(() => saps({ lambda: -0.1 }))).toBe("E_RANGE");
});
