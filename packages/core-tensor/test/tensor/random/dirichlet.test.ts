import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dirichletValues } from "../../../src/tensor/random/dirichlet.ts";
import { key } from "../../../src/tensor/random/key.ts";
import { distanceAtQuantiles, dkwBound, goldenQuantiles } from "../../support/statistics.ts";

describe("dirichletValues", () => {
  test("each component is beta distributed", () => {
    const n = 20_000;
    const values = dirichletValues(key(1), n, { concentration: [0.5, 1.5, 4] });
    for (const component of [0, 1, 2]) {
      const column = Float64Array.from({ length: n }, (_, row) => values[3 * row + component]!);
      expect(distanceAtQuantiles(column, goldenQuantiles(`dirichlet ${component}`))).toBeLessThan(dkwBound(n));
    }
  });

  test("rows are points of the simplex, also for tiny concentrations", () => {
    const concentration = fc.array(fc.double({ min: 1e-6, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.maxSafeInteger(), concentration, (seed, c) => {
        const row = [...dirichletValues(key(seed), 1, { concentration: c })];
        expect(row.every((p) => p >= 0 && p <= 1)).toBe(true);
        expect(Math.abs(row.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-14);
      }),
    );
  });

  test("one component is certain", () => {
    expect([...dirichletValues(key(0), 2, { concentration: [0.3] })]).toEqual([1, 1]);
  });

  test("bad arguments are refused", () => {
    expect(() => dirichletValues(key(0), 1, { concentration: [] })).toThrow(/dirichlet: concentration: .*at least one/);
    expect(() => dirichletValues(key(0), 1, { concentration: [1, 0] })).toThrow(/got 0 at index 1/);
    expect(() => dirichletValues(key(0), -1, { concentration: [1] })).toThrow(/dirichlet: count/);
    expect(() => dirichletValues(key(0), 2 ** 31, { concentration: [1, 1, 1] })).toThrow(/dirichlet: count/);
  });
});
