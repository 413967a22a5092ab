import fc from "fast-check";
import { expect, test } from "vitest";
import { orderStatisticBound, quantileBoxBound } from "../../src/batch/index.ts";
import { exactBoxProbability } from "../../src/batch/boxLaw.ts";
import { smallestBox } from "../../src/batch/boxSearch.ts";
import { codeOf } from "../codeOf.ts";

const calibration = Array.from({ length: 200 }, (_, i) => ((37 * i) % 200) / 200);

test("both quartiles of 40, from 200 points", () => {
  const bound = quantileBoxBound({ calibration, m: 40, zetas: [10, 30], alpha: 0.1 });
  expect(bound.level).toBeGreaterThanOrEqual(0.9);
  expect(bound.level).toBeLessThan(0.91);
  expect(bound.finite).toBe(true);
  for (const i of [0, 1]) {
    expect(bound.lower[i]).toBe(((bound.lowerRanks[i] as number) - 1) / 200);
    expect(bound.upper[i]).toBe(((bound.upperRanks[i] as number) - 1) / 200);
  }
  const box = {
    n: 200,
    m: 40,
    zetas: [10, 30],
    lower: bound.lowerRanks.map((rank) => rank + 1),
    upper: bound.upperRanks,
  };
  expect(bound.level).toBeCloseTo(exactBoxProbability(box), 12);
  // Bonferroni's correction (alpha / 4 for each end) is wider on every side.
  for (const [i, zeta] of [10, 30].entries()) {
    const single = orderStatisticBound({ calibration, m: 40, zeta, alpha: 0.05, side: "both" });
    expect(single.lowerRank).toBeLessThanOrEqual(bound.lowerRanks[i] as number);
    expect(single.upperRank).toBeGreaterThanOrEqual(bound.upperRanks[i] as number);
  }
});

test("boxes hold at least the level exactly, are nested in alpha, and start from the medians of the ranks", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 14 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(0.02, 0.1, 0.2, 0.25, 0.5, 0.9),
      (n, positions, alpha) => {
        const zetas = positions.toSorted((a, b) => a - b);
        const { box, level } = smallestBox(n, 7, zetas, alpha);
        expect(level).toBeCloseTo(exactBoxProbability(box), 12);
        expect(exactBoxProbability(box)).toBeGreaterThanOrEqual(1 - alpha - 1e-15);
        const wider = smallestBox(n, 7, zetas, alpha / 2).box;
        expect(zetas.every((_, i) => wider.lower[i]! <= box.lower[i]! && wider.upper[i]! >= box.upper[i]!)).toBe(true);
      },
    ),
  );
  const start = smallestBox(8, 3, [2], 0.999999).box;
  expect([start.lower, start.upper]).toEqual([[5], [5]]);
});

test("one order statistic is bounded on both sides as by orderStatisticBound, or closer", () => {
  for (const alpha of [0.05, 0.2, 0.5]) {
    const box = quantileBoxBound({ calibration, m: 25, zetas: [13], alpha });
    const single = orderStatisticBound({ calibration, m: 25, zeta: 13, alpha, side: "both" });
    expect(box.lower[0]).toBeGreaterThanOrEqual(single.lower as number);
    expect(box.upper[0]).toBeLessThanOrEqual(single.upper as number);
    expect(box.level).toBeGreaterThanOrEqual(1 - alpha);
  }
});

test("too few points are said to be so, and the range is used", () => {
  const few = { calibration: [0.2, 0.7], m: 4, zetas: [1, 4], alpha: 0.1 };
  expect(quantileBoxBound(few)).toMatchObject({
    lower: [-Infinity, 0.2],
    upper: [Infinity, Infinity],
    finite: false,
    reason: "too-few-calibration",
    level: expect.closeTo(14 / 15, 13) as number,
  });
  expect(quantileBoxBound({ ...few, sMin: 0, sMax: 1 })).toMatchObject({
    lower: [0, 0.2],
    upper: [1, 1],
    finite: true,
  });
  expect(quantileBoxBound({ ...few, calibration: [] })).toMatchObject({ lowerRanks: [0, 0], upperRanks: [1, 1] });
});

test("is the same in every order, and leaves the scores alone", () => {
  const scores = Float64Array.from(calibration);
  const options = { m: 40, zetas: [10, 30], alpha: 0.1 };
  const bound = quantileBoxBound({ calibration: scores, ...options });
  expect([...scores]).toEqual(calibration);
  expect(quantileBoxBound({ calibration: calibration.toReversed(), ...options })).toEqual(bound);
});

test("errors", () => {
  const good = { calibration, m: 40, zetas: [10, 30], alpha: 0.1 };
  expect(codeOf(() => quantileBoxBound({ ...good, alpha: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => quantileBoxBound({ ...good, zetas: [30, 10] }))).toBe("E_RANGE at 1");
  expect(codeOf(() => quantileBoxBound({ ...good, zetas: [] }))).toBe("E_RANGE");
  expect(codeOf(() => quantileBoxBound({ ...good, m: 20 }))).toBe("E_RANGE at 1");
  expect(codeOf(() => quantileBoxBound({ ...good, calibration: [NaN] }))).toBe("E_NAN at 0");
});
