import fc from "fast-check";
import { expect, test } from "vitest";
import {
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundHalfAway,
  roundingDivideByPowerOfTwo,
  saturatingRoundingDoublingHighMul,
} from "../../src/network/fixedPoint.ts";

const int32 = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(-(2 ** 31), 1 - 2 ** 31, -(2 ** 30), -1, 0, 1, 2 ** 30, 2 ** 31 - 1),
);

// The definitions in the words of the C sources: a nudge and a division that truncates.
function highMul(a: number, b: number): number {
  if (a === -(2 ** 31) && b === a) return 2 ** 31 - 1;
  const product = BigInt(a) * BigInt(b);
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  return Number((product + nudge) / (1n << 31n));
}

function divideByPowerOfTwo(value: number, exponent: number): number {
  const mask = (1n << BigInt(exponent)) - 1n;
  const remainder = BigInt(value) & mask;
  const threshold = (mask >> 1n) + (value < 0 ? 1n : 0n);
  return Number((BigInt(value) >> BigInt(exponent)) + (remainder > threshold ? 1n : 0n));
}

test("the doubled upper half of a product is exact", () => {
  fc.assert(
    fc.property(int32, int32, (a, b) => {
      expect(saturatingRoundingDoublingHighMul(a, b)).toBe(highMul(a, b));
    }),
    { numRuns: 600, seed: 1 },
  );
  expect(saturatingRoundingDoublingHighMul(-(2 ** 31), -(2 ** 31))).toBe(2 ** 31 - 1);
  // Halves go up on both sides of zero.
  expect(saturatingRoundingDoublingHighMul(1, 2 ** 30)).toBe(1);
  expect(saturatingRoundingDoublingHighMul(-1, 2 ** 30)).toBe(0);
  expect(saturatingRoundingDoublingHighMul(-3, 2 ** 30)).toBe(-1);
});

test("the division by a power of two rounds halves away from zero", () => {
  fc.assert(
    fc.property(int32, fc.integer({ min: 0, max: 31 }), (value, exponent) => {
      expect(roundingDivideByPowerOfTwo(value, exponent)).toBe(divideByPowerOfTwo(value, exponent));
    }),
    { numRuns: 600, seed: 2 },
  );
  expect([-3, -2, -1, 1, 2, 3].map((value) => roundingDivideByPowerOfTwo(value, 1))).toEqual([-2, -1, -1, 1, 1, 2]);
  expect(roundingDivideByPowerOfTwo(-(2 ** 31), 31)).toBe(-1);
});

test("a product rounds twice", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 23), max: 2 ** 23 }),
      fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 }),
      fc.integer({ min: -31, max: 7 }),
      (value, multiplier, shift) => {
        const left = value * 2 ** Math.max(shift, 0);
        const expected = divideByPowerOfTwo(highMul(left, multiplier), Math.max(-shift, 0));
        expect(multiplyByQuantizedMultiplier(value, multiplier, shift)).toBe(expected);
      },
    ),
    { numRuns: 600, seed: 3 },
  );
  // 1 * 0.5 * 0.5: 0.25 would round to 0, but 0.5 is rounded to 1 first and then again.
  expect(multiplyByQuantizedMultiplier(1, 2 ** 30, -1)).toBe(1);
  expect(multiplyByQuantizedMultiplier(-1, 2 ** 30, -1)).toBe(0);
});

test("factors are 31 bits and a power of two", () => {
  expect(quantizeMultiplier(0)).toEqual({ multiplier: 0, shift: 0 });
  expect(quantizeMultiplier(1)).toEqual({ multiplier: 2 ** 30, shift: 1 });
  expect(quantizeMultiplier(0.5)).toEqual({ multiplier: 2 ** 30, shift: 0 });
  expect(quantizeMultiplier(0.75)).toEqual({ multiplier: 3 * 2 ** 29, shift: 0 });
  expect(quantizeMultiplier(12)).toEqual({ multiplier: 3 * 2 ** 29, shift: 4 });
  // The fraction rounds up to 1.
  expect(quantizeMultiplier(1 - 2 ** -40)).toEqual({ multiplier: 2 ** 30, shift: 1 });
  // The smallest that is not 0.
  expect(quantizeMultiplier(2 ** -32)).toEqual({ multiplier: 2 ** 30, shift: -31 });
  expect(quantizeMultiplier(2 ** -32 * (1 - 2 ** -20))).toEqual({ multiplier: 0, shift: 0 });
  const largest = { multiplier: 2 ** 31 - 1, shift: 30 };
  for (const real of [2 ** 30, 1e30, Number.MAX_VALUE]) expect(quantizeMultiplier(real)).toEqual(largest);
  expect(quantizeMultiplier(2 ** 29)).toEqual({ multiplier: 2 ** 30, shift: 30 });
  expect(quantizeMultiplier(5e-324)).toEqual({ multiplier: 0, shift: 0 });
  fc.assert(
    fc.property(fc.double({ min: 2 ** -31, max: 2 ** 20, noNaN: true }), (real) => {
      const { multiplier, shift } = quantizeMultiplier(real);
      expect(multiplier).toBeGreaterThanOrEqual(2 ** 30);
      expect(multiplier).toBeLessThan(2 ** 31);
      expect(Math.abs(multiplier * 2 ** (shift - 31) - real)).toBeLessThanOrEqual(2 ** (shift - 32));
    }),
    { numRuns: 400, seed: 4 },
  );
});

test("rounding keeps the largest value below a half", () => {
  expect([0.5, -0.5, 1.5, -1.5, 0.49999999999999994, 2.4].map(roundHalfAway)).toEqual([1, -1, 2, -2, 0, 2]);
});
