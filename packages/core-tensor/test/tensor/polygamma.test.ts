import { expect, test } from "vitest";
import { polygamma } from "../../src/tensor/polygamma.ts";
import { readGolden } from "../support/golden.ts";

const rows = readGolden<readonly (readonly [order: number, x: number, value: number, scale: number])[]>(
  new URL("./fixtures/polygamma.json", import.meta.url),
);

test("polygamma agrees with 40-digit arithmetic", () => {
  for (const [order, x, value, scale] of rows) {
    const error = Math.abs(polygamma(order, x) - value) / (order === 0 ? Math.max(1, scale) : scale);
    // To the left of 0 the distance to the next pole is itself rounded.
    expect(error, `order ${order} at ${x}`).toBeLessThan(x > 0 ? 4e-15 : 1e-12);
  }
});

test("trigamma of known points", () => {
  expect(polygamma(1, 1)).toBeCloseTo(Math.PI ** 2 / 6, 14);
  expect(polygamma(1, 0.5)).toBeCloseTo(Math.PI ** 2 / 2, 14);
  expect(polygamma(2, 1)).toBeCloseTo(-2 * 1.2020569031595942, 14);
});

test("polygamma at poles and infinities", () => {
  expect(polygamma(1, 0)).toBe(Infinity);
  expect(polygamma(3, -4)).toBe(Infinity);
  expect(polygamma(2, 0)).toBeNaN();
  expect(polygamma(0, -1)).toBeNaN();
  expect(polygamma(1, Infinity)).toBe(0);
  expect(polygamma(1, -Infinity)).toBeNaN();
  expect(polygamma(1, NaN)).toBeNaN();
});
