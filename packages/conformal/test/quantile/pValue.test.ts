import fc from "fast-check";
import { expect, test } from "vitest";
import { conformalPValue } from "../../src/quantile/pValue.ts";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { codeOf } from "../codeOf.ts";

const nine = [0.42, 0.11, 0.73, 0.28, 0.95, 0.05, 0.61, 0.37, 0.54];
const score = fc.integer({ min: 0, max: 9 });

test("by hand", () => {
  expect(conformalPValue(nine, 0.61)).toBe(0.4);
  expect(conformalPValue(nine, 0.61, { u: 0.5 })).toBeCloseTo(0.3, 15);
  expect(conformalPValue(nine, 2)).toBe(0.1);
  expect(conformalPValue(nine, -2)).toBe(1);
});

test("a score is within the quantile exactly when its p-value exceeds alpha", () => {
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 1 }),
      score,
      fc.integer({ min: 1, max: 999 }),
      (scores, s, thousandths) => {
        const alpha = thousandths / 1000;
        const stranger = conformalPValue(scores, s) * (scores.length + 1);
        // In whole numbers, because p = alpha is common and either may be a rounding error off.
        const exceeds = Math.round(stranger) * 1000 > thousandths * (scores.length + 1);
        expect(s <= conformalQuantile(scores, alpha).value).toBe(exceeds);
      },
    ),
  );
});

test("smoothed p-values are uniform for any data: averaged over points and u, P(p <= alpha) is alpha", () => {
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 2, maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, alpha) => {
        let mean = 0;
        all.forEach((s, i) => {
          const others = all.toSpliced(i, 1);
          const least = conformalPValue(others, s, { u: 0 });
          const most = conformalPValue(others, s, { u: 1 });
          mean += Math.min(1, Math.max(0, (alpha - least) / (most - least))) / all.length;
        });
        expect(mean).toBeCloseTo(alpha, 12);
      },
    ),
  );
});

test("bad input", () => {
  expect(codeOf(() => conformalPValue([], 1))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => conformalPValue([1, Number.NaN], 1))).toBe("E_NAN at 1");
  expect(codeOf(() => conformalPValue([1], Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => conformalPValue([1], 1, { u: 2 }))).toBe("E_RANGE at 0");
  expect(codeOf(() => conformalPValue([1], 1, { u: Number.NaN }))).toBe("E_NAN at 0");
});
