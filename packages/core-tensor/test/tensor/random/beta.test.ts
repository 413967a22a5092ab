import { describe, expect, test } from "vitest";
import { betaValues } from "../../../src/tensor/random/beta.ts";
import { key } from "../../../src/tensor/random/key.ts";
import { distanceAtQuantiles, dkwBound, goldenQuantiles, hoeffdingBound, moments } from "../../support/statistics.ts";

describe("betaValues", () => {
  test.each([
    [0.1, 0.2],
    [2, 5],
  ])("distribution with a = %f, b = %f", (a, b) => {
    const n = 20_000;
    const values = betaValues(key(1), n, { a, b });
    expect(distanceAtQuantiles(values, goldenQuantiles(`beta ${a} ${b}`))).toBeLessThan(dkwBound(n));
    expect(values.every((x) => x >= 0 && x <= 1)).toBe(true);
  });

  test("tiny shapes give zeros and ones in the right proportion, never NaN", () => {
    const n = 20_000;
    const values = betaValues(key(2), n, { a: 3e-5, b: 1e-5 });
    expect(values.every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(Math.abs(moments(values).mean - 0.75)).toBeLessThan(hoeffdingBound(n));
  });

  test("parameters per element", () => {
    const alone = betaValues(key(3), 2, { a: 2, b: 3 });
    expect(betaValues(key(3), 2, { a: [9, 2], b: [1, 3] })[1]).toBe(alone[1]);
  });

  test("bad arguments are refused", () => {
    expect(() => betaValues(key(0), 1, { a: 0, b: 1 })).toThrow(/beta: a: .*got 0/);
    expect(() => betaValues(key(0), 1, { a: 1, b: Infinity })).toThrow(/beta: b/);
    expect(() => betaValues(key(0), 1.5, { a: 1, b: 1 })).toThrow(/beta: count/);
  });
});
