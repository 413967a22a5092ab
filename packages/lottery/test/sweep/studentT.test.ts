import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { studentT } from "../../src/sweep/studentT.ts";

interface Fixture {
  readonly quantiles: readonly { readonly confidence: number; readonly freedom: number; readonly t: number }[];
}

const file = new URL("../fixtures/sweep/statistics.json", import.meta.url);
const { quantiles } = JSON.parse(readFileSync(file, "utf8")) as Fixture;

describe("studentT", () => {
  test("is the quantile that mpmath finds", () => {
    expect(quantiles.length).toBe(96);
    for (const { confidence, freedom, t } of quantiles) {
      // Near 1 the confidence's own rounding is what is left.
      const tolerance = 3e-14 / (1 - confidence);
      expect(Math.abs(studentT(confidence, freedom) / t - 1), `${confidence}, ${freedom}`).toBeLessThan(tolerance);
    }
  });

  test("has the closed forms of one and two degrees of freedom, and the normal limit", () => {
    for (const confidence of [0.1, 0.5, 0.9, 0.99]) {
      expect(studentT(confidence, 1)).toBeCloseTo(Math.tan((Math.PI / 2) * confidence), 10);
      expect(studentT(confidence, 2)).toBeCloseTo(confidence * Math.sqrt(2 / (1 - confidence ** 2)), 12);
    }
    expect(studentT(0.95, 100_000)).toBeCloseTo(1.95999, 4);
  });

  test.each([
    [0, 1, "E_RATE"],
    [1, 1, "E_RATE"],
    [Number.NaN, 1, "E_RATE"],
    [0.9, 0, "E_OPTION"],
    [0.9, 1.5, "E_OPTION"],
  ])("refuses confidence %d with %d degrees of freedom", (confidence, freedom, code) => {
    expect(() => studentT(confidence, freedom)).toThrow(expect.objectContaining({ code }));
  });
});
