import fc from "fast-check";
import { expect, test } from "vitest";
import { isotonicRegression } from "../../src/predictive/index.ts";
import { codeOf } from "../codeOf.ts";
import { reference } from "./reference.ts";

test("by hand", () => {
  expect([...isotonicRegression([1, 3, 2, 4])]).toEqual([1, 2.5, 2.5, 4]);
  expect([...isotonicRegression([3, 2, 1])]).toEqual([2, 2, 2]);
  expect([...isotonicRegression([3, 1], { weights: [3, 1] })]).toEqual([2.5, 2.5]);
  expect(isotonicRegression([]).length).toBe(0);
});

test("equals scikit-learn", () => {
  for (const { values, weights, fit } of reference.isotonic) {
    isotonicRegression(values, { weights }).forEach((value, i) => {
      expect(Math.abs(value - (fit[i] as number))).toBeLessThan(1e-12);
    });
  }
});

test("equals the min-max formula: the least over ends of the largest mean over starts", () => {
  const entry = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 4 }));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (list) => {
      const mean = (a: number, b: number): number => {
        const part = list.slice(a, b + 1);
        return part.reduce((sum, [y, w]) => sum + w * y, 0) / part.reduce((sum, [, w]) => sum + w, 0);
      };
      const fit = isotonicRegression(
        list.map(([y]) => y),
        { weights: list.map(([, w]) => w) },
      );
      list.forEach((_, i) => {
        const ends = Array.from({ length: list.length - i }, (_value, j) => i + j);
        const starts = Array.from({ length: i + 1 }, (_value, j) => j);
        const expected = Math.min(...ends.map((b) => Math.max(...starts.map((a) => mean(a, b)))));
        expect(fit[i]).toBeCloseTo(expected, 12);
      });
    }),
  );
});

test("bad input", () => {
  expect(codeOf(() => isotonicRegression([1, Number.NaN]))).toBe("E_NAN at 1");
  expect(codeOf(() => isotonicRegression([1, Infinity]))).toBe("E_RANGE at 1");
  expect(codeOf(() => isotonicRegression([1], { weights: [] }))).toBe("E_LENGTH");
  expect(codeOf(() => isotonicRegression([1, 2], { weights: [1, 0] }))).toBe("E_WEIGHTS at 1");
  expect(codeOf(() => isotonicRegression([1, 2], { weights: [1, Number.NaN] }))).toBe("E_NAN at 1");
});
