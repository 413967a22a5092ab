import fc from "fast-check";
import { expect, test } from "vitest";
import { type BenjaminiHochbergOptions, benjaminiHochberg, outlierPValues } from "../../src/detection/index.ts";
import { codeOf } from "../codeOf.ts";
import { choose, COMMON } from "./choose.ts";
import { reference } from "./reference.ts";

test("seven p-values by hand", () => {
  const { selected, threshold, adjusted, pi0, guarantee } = benjaminiHochberg(
    [0.01, 0.2, 0.03, 0.5, 0.04, 0.9, 0.02],
    0.1,
  );
  expect(selected).toEqual([0, 2, 4, 6]);
  expect(threshold).toBeCloseTo(0.4 / 7, 15);
  expect([...adjusted].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
    0.07, 0.28, 0.07, 0.583333, 0.07, 0.9, 0.07,
  ]);
  expect([pi0, guarantee]).toEqual([1, "fdr"]);
  expect(benjaminiHochberg([0.5, 0.6], 0.1)).toMatchObject({ selected: [], threshold: 0 });
  expect(benjaminiHochberg([], 0.1)).toMatchObject({ selected: [], threshold: 0 });
});

const options = { bh: {}, by: { dependence: "any" }, storey: { storey: 0.5 } } as const;

test("equal the procedures in exact rationals", () => {
  for (const { p, q, method, selected, adjusted } of reference.stepUp) {
    const found = benjaminiHochberg(p, q, options[method]);
    expect(found.selected).toEqual(selected);
    found.adjusted.forEach((value, i) => {
      expect(value).toBeCloseTo(adjusted[i] as number, 13);
    });
  }
});

const pValue = fc.integer({ min: 0, max: 40 }).map((k) => k / 40);
const method = fc.constantFrom<BenjaminiHochbergOptions>(options.bh, options.by, options.storey);

test("selections are nested in q, follow the points when these are reordered, and agree with adjusted values", () => {
  fc.assert(
    fc.property(fc.array(pValue, { maxLength: 25 }), method, (p, given) => {
      let before: readonly number[] = [];
      for (let percent = 5; percent < 100; percent += 5) {
        const { selected, adjusted, threshold } = benjaminiHochberg(p, percent / 100, given);
        expect(before.every((i) => selected.includes(i))).toBe(true);
        before = selected;
        const byAdjusted = [...p.keys()].filter((i) => (adjusted[i] as number) <= (percent / 100) * (1 + 1e-9));
        expect(selected).toEqual(selected.length > 0 || threshold > 0 ? byAdjusted : []);
        expect(selected.every((i) => (p[i] as number) <= threshold)).toBe(true);
        const reversed = benjaminiHochberg(p.toReversed(), percent / 100, given);
        expect(reversed.selected.map((i) => p.length - 1 - i).sort((a, b) => a - b)).toEqual(selected);
      }
    }),
    { numRuns: 60 },
  );
});

/**
 * The sum of false discovery proportions, times COMMON, over all ways in which calibration and true null test points
 * can share the null scores 0..n+nulls-1, and their number. Outliers have fixed scores between those.
 */
function falseProportions(
  n: number,
  nulls: number,
  outliers: readonly number[],
  q: number,
  given: BenjaminiHochbergOptions,
) {
  let sum = 0;
  const ways = choose(n + nulls, nulls);
  for (const tests of ways) {
    const calibration = Array.from({ length: n + nulls }, (_, i) => i).filter((i) => !tests.includes(i));
    const { selected } = benjaminiHochberg(outlierPValues(calibration, [...tests, ...outliers]), q, given);
    const wrong = selected.filter((j) => j < nulls).length;
    if (wrong > 0) sum += (COMMON / selected.length) * wrong;
  }
  return { sum, ways: ways.length };
}

const settings: [number, number, number[]][] = [
  [4, 2, []],
  [5, 3, []],
  [9, 2, []],
  [5, 2, [3.5]],
  [6, 2, [10, 10, 4.5]],
  [7, 3, [9.5, 2.5]],
  [4, 3, [-1, 7, 7, 7]],
  [9, 3, [12, 12]],
];

test("the false discovery rate is at most q times the share of true nulls: enumerated over all ranks, exact", () => {
  for (const [n, nulls, outliers] of settings) {
    for (const twentieths of [1, 2, 4, 7, 10, 14, 19]) {
      const { sum, ways } = falseProportions(n, nulls, outliers, twentieths / 20, {});
      const m = nulls + outliers.length;
      // sum / (COMMON ways) <= (twentieths / 20) (nulls / m), in whole numbers.
      expect(sum * 20 * m).toBeLessThanOrEqual(twentieths * nulls * COMMON * ways);
    }
  }
});

test("and exactly that where q (n + 1) / m is whole and the null scores have no ties", () => {
  for (const [n, nulls, outliers, q] of [
    [9, 2, [], 0.4],
    [9, 2, [], 0.8],
    [5, 3, [], 0.5],
    [9, 3, [12, 12], 0.5],
    [5, 2, [3.5], 0.5],
    [7, 3, [9.5], 0.5],
  ] as [number, number, number[], number][]) {
    const { sum, ways } = falseProportions(n, nulls, outliers, q, {});
    expect(sum * 10 * (nulls + outliers.length)).toBe(Math.round(q * 10) * nulls * COMMON * ways);
  }
});

test("Storey's correction keeps the rate at q where lambda (n + 1) is whole, enumerated", () => {
  for (const [n, nulls, outliers] of settings.filter(([size]) => size % 2 === 1)) {
    for (const tenths of [1, 3, 5, 8]) {
      const { sum, ways } = falseProportions(n, nulls, outliers, tenths / 10, { storey: 0.5 });
      expect(sum * 10).toBeLessThanOrEqual(tenths * COMMON * ways);
    }
  }
});

test("Benjamini and Yekutieli's limits keep the rate too", () => {
  for (const [n, nulls, outliers] of settings) {
    const { sum, ways } = falseProportions(n, nulls, outliers, 0.5, { dependence: "any" });
    expect(sum * 2 * (nulls + outliers.length)).toBeLessThanOrEqual(nulls * COMMON * ways);
  }
});

test("bad input", () => {
  const bh = (p: number[], q: number, given = {}) => codeOf(() => benjaminiHochberg(p, q, given));
  expect(bh([0.5], 0)).toBe("E_ALPHA");
  expect(bh([0.5], Number.NaN)).toBe("E_ALPHA");
  expect(bh([0.5, Number.NaN], 0.1)).toBe("E_NAN at 1");
  expect(bh([0.5, 1.5], 0.1)).toBe("E_RANGE at 1");
  expect(bh([0.5], 0.1, { storey: 1 })).toBe("E_ALPHA");
  expect(bh([0.5], 0.1, { dependence: "none" })).toBe("E_RANGE");
  expect(bh([0.5], 0.1, { dependence: "any", storey: 0.5 })).toBe("E_RANGE");
});
