import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../../src/tensor/errors.ts";
import { key, split } from "../../../src/tensor/random/key.ts";
import { normalValues } from "../../../src/tensor/random/normal.ts";
import { distanceAtQuantiles, dkwBound, goldenQuantiles, moments } from "../../support/statistics.ts";

describe("normalValues", () => {
  const n = 40_000;

  test("distribution", () => {
    const values = normalValues(key(1), n, { mean: 3, std: 2 });
    expect(distanceAtQuantiles(values, goldenQuantiles("normal"))).toBeLessThan(dkwBound(n));
  });

  test("mean and variance within 6.2 of their standard deviations (chance to fail 6e-10 each)", () => {
    const { mean, variance } = moments(normalValues(key(2), n));
    expect(Math.abs(mean)).toBeLessThan(6.2 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(6.2 * Math.sqrt(2 / n));
  });

  test("draws of sibling keys are uncorrelated", () => {
    const [a, b] = split(key(3)).map((child) => normalValues(child, n)) as [Float64Array, Float64Array];
    const correlation = a.reduce((sum, x, i) => sum + x * b[i]!, 0) / n;
    expect(Math.abs(correlation)).toBeLessThan(6.2 / Math.sqrt(n));
  });

  test("mean and std per element; std 0 is the mean", () => {
    const standard = normalValues(key(4), 3);
    const values = normalValues(key(4), 3, { mean: [1, 2, 3], std: Float32Array.of(0, 1, 0.5) });
    expect([...values]).toEqual([1, 2 + standard[1]!, 3 + 0.5 * standard[2]!]);
  });

  test("bad arguments are refused", () => {
    expect(() => normalValues(key(0), 1, { std: -1 })).toThrow(/normal: std: expected a finite number >= 0, got -1/);
    expect(() => normalValues(key(0), 1, { mean: Infinity })).toThrow(ArgumentError);
    expect(() => normalValues(key(0), 2, { mean: [1] })).toThrow(
      /normal: mean: expected one number, or 2 of them, got 1 numbers/,
    );
    expect(() => normalValues(key(0), 2, { std: [1, NaN] })).toThrow(/got NaN at index 1/);
    expect(() => normalValues(key(0), 0.5)).toThrow(/normal: count/);
  });
});
