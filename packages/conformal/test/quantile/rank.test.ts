import { expect, test } from "vitest";
import { alphaFromConfidence, conformalRank } from "../../src/quantile/rank.ts";
import { codeOf } from "../codeOf.ts";

test("hand-sized ranks, with n + 1 where no calibration score is large enough", () => {
  expect([0.05, 0.1, 0.2, 0.3, 0.5].map((alpha) => conformalRank(9, alpha))).toEqual([10, 9, 8, 7, 5]);
  expect(conformalRank(0, 0.1)).toBe(1);
  expect(conformalRank(8, 0.1)).toBe(9);
  expect(conformalRank(1, 0.999999999999)).toBe(1);
});

test("products that rounding puts just above a whole number keep their rank", () => {
  expect(Math.ceil(1000 * (1 - 0.059))).toBe(942);
  expect(conformalRank(999, 0.059)).toBe(941);
  expect(Math.ceil(250 * (1 - 0.172))).toBe(208);
  expect(conformalRank(249, 0.172)).toBe(207);
});

test("equals the exact rational ceiling for every alpha in thousandths and every n up to 5000", () => {
  const exact = (n: number, thousandths: number): number =>
    Number((BigInt(n + 1) * BigInt(1000 - thousandths) + 999n) / 1000n);
  const wrong: string[] = [];
  for (let thousandths = 1; thousandths < 1000; thousandths++) {
    for (let n = 0; n <= 5000; n++) {
      if (conformalRank(n, thousandths / 1000) !== exact(n, thousandths)) wrong.push(`${n}, ${thousandths}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("alpha may be 1 - confidence", () => {
  expect(conformalRank(9, alphaFromConfidence(0.9))).toBe(9);
  expect(conformalRank(99, alphaFromConfidence(0.95))).toBe(95);
});

test("bad input", () => {
  for (const alpha of [0, 1, -0.1, 1.1, Number.NaN, Infinity]) {
    expect(codeOf(() => conformalRank(9, alpha))).toBe("E_ALPHA");
    expect(codeOf(() => alphaFromConfidence(alpha))).toBe("E_ALPHA");
  }
  for (const n of [-1, 1.5, Number.NaN, Infinity]) expect(codeOf(() => conformalRank(n, 0.1))).toBe("E_RANGE");
});
