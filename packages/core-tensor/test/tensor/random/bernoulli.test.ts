import { describe, expect, test } from "vitest";
import { bernoulliValues } from "../../../src/tensor/random/bernoulli.ts";
import { key } from "../../../src/tensor/random/key.ts";
import { frequencies, hoeffdingBound } from "../../support/statistics.ts";

describe("bernoulliValues", () => {
  test.each([0.5, 0.01, 0.8])("ones with probability %f", (probability) => {
    const n = 20_000;
    const values = bernoulliValues(key(1), n, { probability });
    expect(Math.abs(frequencies(values, 2)[1]! - probability)).toBeLessThan(hoeffdingBound(n));
  });

  test("0 and 1 are certain; probabilities per element", () => {
    const probability = Array.from({ length: 100 }, (_, i) => i % 2);
    expect([...bernoulliValues(key(2), 100, { probability })]).toEqual(probability);
  });

  test("bad arguments are refused", () => {
    expect(() => bernoulliValues(key(0), 1, { probability: 1.1 })).toThrow(/bernoulli: probability: .*got 1.1/);
    expect(() => bernoulliValues(key(0), 2, { probability: [0, NaN] })).toThrow(/NaN at index 1/);
    expect(() => bernoulliValues(key(0), NaN)).toThrow(/bernoulli: count/);
  });
});
