import { describe, expect, test } from "vitest";
import { exponentialValues } from "../../../src/tensor/random/exponential.ts";
import { key } from "../../../src/tensor/random/key.ts";
import { distanceAtQuantiles, dkwBound, goldenQuantiles } from "../../support/statistics.ts";

describe("exponentialValues", () => {
  test("distribution", () => {
    const n = 20_000;
    const values = exponentialValues(key(1), n, { rate: 2.5 });
    expect(distanceAtQuantiles(values, goldenQuantiles("exponential"))).toBeLessThan(dkwBound(n));
    expect(values.every((x) => x > 0)).toBe(true);
  });

  test("rates per element", () => {
    const [a, b] = exponentialValues(key(2), 2);
    expect([...exponentialValues(key(2), 2, { rate: [2, 4] })]).toEqual([a! / 2, b! / 4]);
  });

  test("bad arguments are refused", () => {
    expect(() => exponentialValues(key(0), 1, { rate: 0 })).toThrow(
      /exponential: rate: expected a finite number > 0, got 0/,
    );
    expect(() => exponentialValues(key(0), -1)).toThrow(/exponential: count/);
  });
});
