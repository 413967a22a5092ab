import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { categoricalValues } from "../../../src/tensor/random/categorical.ts";
import { key } from "../../../src/tensor/random/key.ts";
import { frequencies, hoeffdingBound } from "../../support/statistics.ts";

describe("categoricalValues", () => {
  const n = 20_000;

  test("probabilities, from weights and from logits", () => {
    const weights = [1, 0, 3, 4];
    const logits = weights.map((w) => Math.log(w) + 900);
    for (const values of [
      categoricalValues(key(1), weights, { draws: n, from: "probabilities" }),
      categoricalValues(key(1), logits, { draws: n }),
    ]) {
      const shares = frequencies(values, 4);
      weights.forEach((w, i) => expect(Math.abs(shares[i]! - w / 8)).toBeLessThan(hoeffdingBound(n)));
      expect(shares[1]).toBe(0);
    }
  });

  test("rows are drawn from separately, row-major", () => {
    const values = categoricalValues(key(2), [0, 5, 0, 7, 0, 0], { classes: 3, draws: 4, from: "probabilities" });
    expect([...values]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  });

  test("classes without weight are never drawn, nor numbers outside the classes", () => {
    const weight = fc.oneof(fc.constant(0), fc.double({ min: 1e-300, max: 1e300, noNaN: true }));
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.array(weight, { minLength: 1, maxLength: 6 }), (seed, weights) => {
        fc.pre(weights.some((w) => w > 0));
        for (const value of categoricalValues(key(seed), weights, { draws: 20, from: "probabilities" })) {
          expect(weights[value]).toBeGreaterThan(0);
        }
      }),
    );
  });

  test("bad arguments are refused", () => {
    expect(() => categoricalValues(key(0), [1, 2, 3], { classes: 2 })).toThrow(/categorical: classes/);
    expect(() => categoricalValues(key(0), [])).toThrow(/categorical: classes/);
    expect(() => categoricalValues(key(0), [0, NaN])).toThrow(
      /logits that are finite or -Infinity, got NaN at index 1/,
    );
    expect(() => categoricalValues(key(0), [Infinity])).toThrow(/weights/);
    expect(() => categoricalValues(key(0), [1, -1], { from: "probabilities" })).toThrow(/got -1 at index 1/);
    expect(() => categoricalValues(key(0), [1, 0, 0, 0], { classes: 2, from: "probabilities" })).toThrow(
      /none in row 1/,
    );
    expect(() => categoricalValues(key(0), [-Infinity, -Infinity])).toThrow(/none in row 0/);
    expect(() => categoricalValues(key(0), [1], { draws: -1 })).toThrow(/categorical: draws/);
  });
});
