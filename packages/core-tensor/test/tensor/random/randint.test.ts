import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { key } from "../../../src/tensor/random/key.ts";
import { randintValues } from "../../../src/tensor/random/randint.ts";
import { frequencies, hoeffdingBound } from "../../support/statistics.ts";

describe("randintValues", () => {
  test("each number equally often", () => {
    const n = 20_000;
    const values = randintValues(key(1), n, { min: -2, max: 4 }).map((x) => x + 2);
    for (const share of frequencies(values, 6)) expect(Math.abs(share - 1 / 6)).toBeLessThan(hoeffdingBound(n));
  });

  test("whole numbers in [min, max)", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: 1 }), (seed, min, width) => {
        for (const value of randintValues(key(seed), 5, { min, max: min + width })) {
          expect(Number.isInteger(value) && value >= min && value < min + width).toBe(true);
        }
      }),
    );
    expect([...randintValues(key(0), 3, { max: 1 })]).toEqual([0, 0, 0]);
  });

  test("the widest ranges", () => {
    const max = 2 ** 52;
    const values = randintValues(key(0), 100, { min: -max, max });
    expect(values.every((x) => Number.isSafeInteger(x) && x >= -max && x < max)).toBe(true);
    expect(values.some((x) => Math.abs(x) > 2 ** 50)).toBe(true);
  });

  test("bad arguments are refused", () => {
    expect(() => randintValues(key(0), 1, { max: 0 })).toThrow(/randint: max: .*got min 0, max 0/);
    expect(() => randintValues(key(0), 1, { min: 0.5, max: 2 })).toThrow(/randint: min/);
    expect(() => randintValues(key(0), 1, { max: 2.5 })).toThrow(/randint: max/);
    expect(() => randintValues(key(0), 1, { min: -(2 ** 53 - 1), max: 2 ** 53 - 1 })).toThrow(/at most 2\^53 away/);
    expect(() => randintValues(key(0), -1, { max: 2 })).toThrow(/randint: count/);
  });
});
