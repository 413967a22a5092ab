import fc from "fast-check";
import { expect, test } from "vitest";
import {
  floorModulo,
  logistic,
  power,
  roundHalfEven,
  softplus,
  wholeFloorModulo,
  wholeQuotient,
} from "../../../src/ops/elementwise/scalars.ts";

test("halves are rounded to the even neighbour", () => {
  const halves = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999999999999994, 2 ** 52 + 1, 4503599627370495.5];
  expect(halves.map(roundHalfEven)).toEqual([-2, -2, -0, 0, 2, 2, 0, 2 ** 52 + 1, 4503599627370496]);
  expect(roundHalfEven(NaN)).toBeNaN();
  expect(roundHalfEven(-Infinity)).toBe(-Infinity);
});

test("rounding gives a nearest whole number", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), (x) => {
      const rounded = roundHalfEven(x);
      const distance = Math.abs(rounded - x);
      expect(Number.isInteger(rounded) && distance <= 0.5 && (distance < 0.5 || rounded % 2 === 0)).toBe(true);
    }),
  );
});

test("the remainder lies between 0 and the divisor and differs from the dividend by a multiple", () => {
  const whole = fc.integer({ min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(whole, whole, (a, b) => {
      fc.pre(b !== 0);
      const r = wholeFloorModulo(a, b);
      expect(r + 0).toBe(a - Math.floor(a / b) * b);
      expect(wholeQuotient(a, b) * b + (a % b) + 0).toBe(a);
    }),
  );
  expect(wholeFloorModulo(7, 0)).toBe(0);
  expect(wholeQuotient(7, 0)).toBe(0);
  expect(floorModulo(-1, Infinity)).toBe(Infinity);
  expect(floorModulo(4, -2)).toBe(-0);
});

test("the logistic function does not overflow", () => {
  expect(logistic(-800)).toBe(0);
  expect(logistic(-720)).toBeGreaterThan(0);
  expect(logistic(800)).toBe(1);
  expect(logistic(0)).toBe(0.5);
});

test("powers follow IEEE 754 where JavaScript does not", () => {
  expect([power(1, NaN), power(1, Infinity), power(-1, -Infinity)]).toEqual([1, 1, 1]);
  expect(power(NaN, 0)).toBe(1);
  expect(power(2, 10)).toBe(1024);
});

test("softplus neither overflows nor loses its tail", () => {
  expect(softplus(0)).toBe(Math.LN2);
  expect(softplus(1000)).toBe(1000);
  expect(softplus(-40)).toBeCloseTo(Math.exp(-40), 32);
  expect(softplus(-Infinity)).toBe(0);
  expect(softplus(Infinity)).toBe(Infinity);
  expect(softplus(Number.NaN)).toBeNaN();
});
