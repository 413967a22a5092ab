import { describe, expect, test } from "vitest";
import { exp } from "../../../src/tensor/elementary.ts";
import { gammaValues, logGammaValues } from "../../../src/tensor/random/gamma.ts";
import { key } from "../../../src/tensor/random/key.ts";
import { distanceAtQuantiles, dkwBound, goldenQuantiles, moments } from "../../support/statistics.ts";

describe("gammaValues", () => {
  test.each([0.05, 0.5, 7.5, 1000])("distribution with concentration %f", (concentration) => {
    const n = 20_000;
    const values = gammaValues(key(1), n, { concentration });
    expect(distanceAtQuantiles(values, goldenQuantiles(`gamma ${concentration}`))).toBeLessThan(dkwBound(n));
  });

  test("rate", () => {
    const n = 20_000;
    const values = gammaValues(key(2), n, { concentration: 1, rate: 3 });
    expect(distanceAtQuantiles(values, goldenQuantiles("gamma 1"))).toBeLessThan(dkwBound(n));
  });

  test.each([0.5, 1, 3])("mean and variance with concentration %f (chance to fail about 1e-9 each)", (a) => {
    const n = 100_000;
    const { mean, variance } = moments(gammaValues(key(6), n, { concentration: a }));
    expect(Math.abs(mean - a)).toBeLessThan(6.2 * Math.sqrt(a / n));
    // The fourth central moment is 3 a^2 + 6 a.
    expect(Math.abs(variance - a)).toBeLessThan(6.2 * Math.sqrt((2 * a * a + 6 * a) / n));
  });

  test("an element depends on its own parameters only", () => {
    const alone = gammaValues(key(3), 4, { concentration: 2 });
    const mixed = gammaValues(key(3), 4, { concentration: [0.1, 2, 50, 2], rate: [1, 1, 1, 2] });
    expect(mixed[1]).toBe(alone[1]);
    expect(mixed[3]).toBe(alone[3]! / 2);
  });

  test("logarithms agree, and stay finite where draws underflow", () => {
    const options = { concentration: [0.3, 3, 30], rate: 2 };
    const values = gammaValues(key(4), 3, options);
    logGammaValues(key(4), 3, options).forEach((log, i) => expect(exp(log) / values[i]!).toBeCloseTo(1, 13));
    const logs = logGammaValues(key(5), 1000, { concentration: 1e-4 });
    expect(logs.every(Number.isFinite)).toBe(true);
    expect(gammaValues(key(5), 1000, { concentration: 1e-4 }).some((x) => x === 0)).toBe(true);
  });

  test("bad arguments are refused", () => {
    expect(() => gammaValues(key(0), 1, { concentration: 0 })).toThrow(/gamma: concentration: .* > 0, got 0/);
    expect(() => gammaValues(key(0), 1, { concentration: 1, rate: -1 })).toThrow(/gamma: rate/);
    expect(() => gammaValues(key(0), -1, { concentration: 1 })).toThrow(/gamma: count/);
    expect(() => logGammaValues(key(0), 2, { concentration: [1] })).toThrow(/logGamma: concentration/);
    expect(() => logGammaValues(key(0), 1, { concentration: 1, rate: NaN })).toThrow(/logGamma: rate/);
  });
});
