import fc from "fast-check";
import { expect, test } from "vitest";
import { extent, linearScale, logScale } from "../src/scale.ts";

test("scales grow with their values, between their ends", () => {
  const value = fc.double({ min: 1e-12, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      const [low = 0, middle = 0, high = 0] = [a, b, c].sort((x, y) => x - y);
      for (const scale of [linearScale([low, high], [0, 1]), logScale([low, high], [0, 1])]) {
        const [first, second, third] = [low, middle, high].map((x) => scale.at(x)) as [number, number, number];
        expect(first).toBeGreaterThanOrEqual(0);
        expect(third).toBeLessThanOrEqual(1);
        expect(second).toBeGreaterThanOrEqual(first);
        expect(third).toBeGreaterThanOrEqual(second);
        expect(scale.ticks.length).toBeGreaterThan(1);
        expect(scale.low).toBeLessThanOrEqual(low * (1 + 1e-9));
        expect(scale.high).toBeGreaterThanOrEqual(high * (1 - 1e-9));
      }
    }),
    { numRuns: 100 },
  );
});

test("the extent leaves out what is not finite", () => {
  expect(extent([3, Number.NaN, -1, Infinity, 1e301], [0, 1])).toEqual([-1, 3]);
  expect(extent([Number.NaN], [0, 1])).toEqual([0, 1]);
});
