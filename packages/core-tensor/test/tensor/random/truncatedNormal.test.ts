import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { key } from "../../../src/tensor/random/key.ts";
import { truncatedNormalValues } from "../../../src/tensor/random/truncatedNormal.ts";
import { normalCdf } from "../../../src/tensor/special.ts";
import { distanceAtQuantiles, dkwBound, goldenQuantiles, moments } from "../../support/statistics.ts";

describe("truncatedNormalValues", () => {
  const n = 20_000;

  test.each([
    ["-2 2", -2, 2],
    ["-1 inf", -1, Infinity],
    ["1 3", 1, 3],
    ["3.9 4.1", 3.9, 4.1],
    ["5 inf", 5, Infinity],
    ["-9 -8", -9, -8],
  ])("distribution in [%s]", (name, min, max) => {
    const values = truncatedNormalValues(key(1), n, { min, max });
    expect(distanceAtQuantiles(values, goldenQuantiles(`truncated ${name}`))).toBeLessThan(dkwBound(n));
  });

  test("mean of the tail beyond 4: density over probability (chance to fail about 1e-9)", () => {
    const many = 100_000;
    const hazard = Math.exp(-8) / Math.sqrt(2 * Math.PI) / normalCdf(-4);
    const { mean, variance } = moments(truncatedNormalValues(key(4), many, { min: 4, max: Infinity }));
    expect(Math.abs(mean - hazard)).toBeLessThan(6.2 * Math.sqrt(variance / many));
  });

  test("two standard deviations to both sides if not told otherwise", () => {
    const values = truncatedNormalValues(key(2), n, { mean: 10, std: 3 });
    const standard = values.map((x) => (x - 10) / 3);
    expect(distanceAtQuantiles(standard, goldenQuantiles("truncated -2 2"))).toBeLessThan(dkwBound(n));
  });

  test("far beyond where probabilities underflow: an exponential tail with rate 1000", () => {
    const values = truncatedNormalValues(key(3), n, { min: 1000, max: Infinity });
    const exponential = Array.from({ length: 39 }, (_, i) => 1000 - Math.log(1 - (i + 1) / 40) / 1000);
    // The tail's rate is 1000 up to a relative 1e-6 here.
    expect(distanceAtQuantiles(values, exponential)).toBeLessThan(dkwBound(n) + 1e-5);
  });

  test("values stay within the bounds", () => {
    const bound = fc.oneof(fc.double({ min: -50, max: 50, noNaN: true }), fc.constantFrom(-Infinity, Infinity));
    fc.assert(
      fc.property(fc.maxSafeInteger(), bound, bound, (seed, x, y) => {
        const [min, max] = [Math.min(x, y), Math.max(x, y)];
        fc.pre(min < max && min < Infinity && max > -Infinity);
        for (const value of truncatedNormalValues(key(seed), 10, { min, max, mean: 1, std: 2 })) {
          expect(value >= min && value <= max && Number.isFinite(value)).toBe(true);
        }
      }),
    );
  });

  test("bad arguments are refused", () => {
    expect(() => truncatedNormalValues(key(0), 1, { min: 1, max: 1 })).toThrow(
      /truncatedNormal: min: .*got min 1, max 1/,
    );
    expect(() => truncatedNormalValues(key(0), 1, { min: NaN, max: 1 })).toThrow(/truncatedNormal: min/);
    expect(() => truncatedNormalValues(key(0), 1, { std: 0 })).toThrow(/truncatedNormal: std/);
    expect(() => truncatedNormalValues(key(0), 1, { mean: NaN })).toThrow(/truncatedNormal: mean/);
    expect(() => truncatedNormalValues(key(0), -1)).toThrow(/truncatedNormal: count/);
  });
});
