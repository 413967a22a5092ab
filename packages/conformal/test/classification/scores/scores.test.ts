import fc from "fast-check";
import { expect, test } from "vitest";
import { aps } from "../../../src/classification/scores/aps.ts";
import { lac } from "../../../src/classification/scores/lac.ts";
import { ranking } from "../../../src/classification/scores/score.ts";
import { probabilityRow } from "../../../src/testing/index.ts";

const row = Float64Array.of(0.5, 0.3, 0.15, 0.05);
const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const doubles = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 })
  .map((values) => Float64Array.from(values));
const closeTo = (values: number[]) => values.map((value) => expect.closeTo(value, 12));

test("lac by hand", () => {
  expect([...lac.rowScores(row, 0)]).toEqual(closeTo([0.5, 0.7, 0.85, 0.95]));
});

test("aps by hand, with and without u", () => {
  expect([...aps({ randomized: false }).rowScores(row, 0.4)]).toEqual(closeTo([0.5, 0.8, 0.95, 1]));
  expect([...aps().rowScores(row, 0.4)]).toEqual(closeTo([0.3, 0.68, 0.89, 0.98]));
});

test("equal probabilities are ranked by class index", () => {
  const tied = Float64Array.of(0.1, 0.2, 0.6, 0.1);
  expect([...ranking(tied)]).toEqual([2, 1, 0, 3]);
  expect([...aps().rowScores(tied, 0.4)]).toEqual(closeTo([0.86, 0.72, 0.36, 0.96]));
});

test.each([lac, aps(), aps({ randomized: false })])("$name: one label and all labels agree bit for bit", (score) => {
  fc.assert(
    fc.property(doubles, uniform, (values, u) => {
      const all = score.rowScores(values, u);
      expect([...values.keys()].map((label) => score.labelScore(values, label, u))).toEqual([...all]);
    }),
  );
});

test("aps without u ends at the total probability", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }).chain(probabilityRow), (values) => {
      expect(Math.max(...aps({ randomized: false }).rowScores(Float64Array.from(values), 0))).toBe(1);
    }),
  );
});

test("scores never fall along the ranking, so that every set is a prefix of it", () => {
  fc.assert(
    fc.property(doubles, uniform, (values, u) => {
      for (const score of [lac, aps(), aps({ randomized: false })]) {
        const scores = score.rowScores(values, u);
        const inOrder = [...ranking(values)].map((label) => scores[label] as number);
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
      }
    }),
  );
});

test("renaming the classes of a row without ties renames the scores", () => {
  const distinct = fc
    .uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 8 })
    .chain((values) =>
      fc.tuple(fc.constant(values), fc.shuffledSubarray([...values.keys()], { minLength: values.length })),
    );
  fc.assert(
    fc.property(distinct, uniform, ([values, renamed], u) => {
      for (const score of [lac, aps()]) {
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
