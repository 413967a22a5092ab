import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { multiplyByQuantizedMultiplier } from "../../src/network/fixedPoint.ts";
import {
  additionRequantization,
  clampInCodes,
  denseRequantizationOf,
  fixedResizeAxis,
  leakyReluTable,
  meanRequantization,
  multiplicationRequantization,
  quantizeBias,
  requantizationOf,
  requantizeTable,
  sumBounds,
  sumRequantization,
  unaryTable,
} from "../../src/network/quantization.ts";

const scales = fc.float({ min: Math.fround(1e-4), max: 10, noNaN: true });

function real(multiplier: number | undefined, shift: number | undefined): number {
  return (multiplier ?? Number.NaN) * 2 ** ((shift ?? 0) - 31);
}

describe("factors", () => {
  test("of a convolution: one per channel, in doubles", () => {
    const { multiplier, shift } = requantizationOf(0.5, [0.25, 0.1], 0.25);
    expect([...multiplier]).toEqual([2 ** 30, 13421773 * 128]);
    expect([...shift]).toEqual([0, -2]);
    // Scales are float32: 0.1 is a little more.
    expect(real(multiplier[1], shift[1])).toBeCloseTo(0.2, 8);
    expect(real(multiplier[1], shift[1])).toBeGreaterThan(0.2);
  });

  test("of a dense layer: the product in float32", () => {
    const dense = denseRequantizationOf(0.1, 0.3, 0.7, 3);
    const exact = requantizationOf(0.1, [0.3, 0.3, 0.3], 0.7);
    expect(dense.shift).toEqual(exact.shift);
    expect(dense.multiplier).not.toEqual(exact.multiplier);
    expect(real(dense.multiplier[2], dense.shift[2])).toBe(
      Math.round((Math.fround(Math.fround(0.1) * Math.fround(0.3)) / Math.fround(0.7)) * 2 ** 35) / 2 ** 35,
    );
  });

  test("of an addition: the larger operand has one half", () => {
    expect(additionRequantization(0.5, 0.125, 0.25)).toEqual({
      leftShift: 20,
      multipliers: [2 ** 30, 2 ** 30, 2 ** 30],
      shifts: [0, -2, -17],
    });
  });

  test("of a product: only that of the result", () => {
    const { leftShift, multipliers, shifts } = multiplicationRequantization(0.1, 0.2, 0.05);
    expect(leftShift).toBe(0);
    const factor = Math.fround(Math.fround(Math.fround(0.1) * Math.fround(0.2)) / Math.fround(0.05));
    expect(Math.abs(real(multipliers[2], shifts[2]) - factor)).toBeLessThan(2 ** -31);
  });

  test("of a mean: 1 / count is inside, to the last bit", () => {
    fc.assert(
      fc.property(scales, scales, fc.integer({ min: 1, max: 100_000 }), (input, output, count) => {
        const plain = sumRequantization(input, output);
        const { multiplier, shift } = meanRequantization(input, output, count);
        const m = BigInt(plain.multiplier[0] as number);
        const room = Math.min(count.toString(2).length - 1, 31 + (plain.shift[0] as number));
        expect(BigInt(multiplier[0] as number)).toBe((m << BigInt(room)) / BigInt(count));
        expect(shift[0]).toBe((plain.shift[0] as number) - room);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

test("activations as codes, inside the range of codes", () => {
  const output = { scale: 0.05, zeroPoint: -10 };
  expect(clampInCodes({ min: 0, max: 6 }, output)).toEqual({ min: -10, max: 110 });
  expect(clampInCodes({ min: 0, max: Infinity }, output)).toEqual({ min: -10, max: 127 });
  expect(clampInCodes({ min: -Infinity, max: Infinity }, output)).toEqual({ min: -128, max: 127 });
  expect(clampInCodes({ min: -100, max: 100 }, output)).toEqual({ min: -128, max: 127 });
  expect(clampInCodes({ min: 0.025, max: 0.12 }, output)).toEqual({ min: -9, max: -8 });
});

test("biases have the scale of the sums and stay in 32 bits", () => {
  expect([...quantizeBias([1, -0.0625, 1e9, -1e9], 0.5, [0.25, 0.25, 0.25, 0.25])]).toEqual([
    8,
    -1,
    2 ** 31 - 1,
    1 - 2 ** 31,
  ]);
});

describe("tables", () => {
  const input = { scale: 0.1, zeroPoint: 4 };
  const output = { scale: 0.05, zeroPoint: -10 };

  test("of any function, halves away from zero, NaN as the zero point", () => {
    const table = unaryTable((x) => x, input, { scale: 0.2, zeroPoint: 0 });
    // (code - 4) / 2.
    expect([...table.subarray(128 + 1, 128 + 8)]).toEqual([-2, -1, -1, 0, 1, 1, 2]);
    expect(unaryTable(Math.sqrt, input, output)[0]).toBe(-10);
    expect([...unaryTable((x) => x, input, output)].slice(-2)).toEqual([127, 127]);
  });

  test("of a change of scale: a factor in fixed point", () => {
    const table = requantizeTable(input, output, { min: -10, max: 100 });
    for (const code of [-128, -1, 4, 5, 40, 127]) {
      const { multiplier, shift } = sumRequantization(0.1, 0.05);
      const scaled = multiplyByQuantizedMultiplier(code - 4, multiplier[0] as number, shift[0] as number);
      expect(table[code + 128]).toBe(Math.max(-10, Math.min(100, scaled - 10)));
    }
  });

  test("of leaky ReLUs: another factor below zero, per channel one", () => {
    const table = leakyReluTable([0.25, -0.5, 0], input, input);
    expect(table.length).toBe(768);
    const at = (channel: number, code: number) => table[256 * channel + code + 128];
    expect([at(0, 14), at(0, -36), at(1, 14), at(1, -36), at(2, -36)]).toEqual([14, -6, 14, 24, 4]);
  });
});

describe("resampling axes", () => {
  test("positions are 1024ths of steps that are rounded themselves", () => {
    const { low, high, share } = fixedResizeAxis(2, 3);
    expect([...low]).toEqual([0, 0, 1]);
    expect([...high]).toEqual([0, 1, 1]);
    expect([...share]).toEqual([0, 683 / 1024, 0]);
  });

  test("cells stay inside and the ends are copies", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 90 }),
        fc.boolean(),
        fc.boolean(),
        (input, output, alignCorners, halfPixelCenters) => {
          const { low, high, share } = fixedResizeAxis(input, output, { alignCorners, halfPixelCenters });
          const bad = [...low].filter((first, i) => {
            const [second, part] = [high[i] as number, share[i] as number];
            const inside = first >= 0 && second >= first && second <= Math.min(input - 1, first + 1);
            return !(inside && part >= 0 && part < 1 && Number.isInteger(part * 1024));
          });
          expect(bad).toEqual([]);
        },
      ),
      { seed: 6, numRuns: 200 },
    );
  });
});

test("bounds of sums: weights times the farthest code, and the bias", () => {
  const weights = Int8Array.of(1, -2, 3, 4);
  const bias = Int32Array.of(10, -20);
  expect([...sumBounds(weights, bias, { zeroPoint: -128, layer: "l" })]).toEqual([3 * 255 + 10, 7 * 255 + 20]);
  expect([...sumBounds(weights, bias, { zeroPoint: 0, channelsLast: true, layer: "l" })]).toEqual([
    4 * 128 + 10,
    6 * 128 + 20,
  ]);
  expect(() => sumBounds(weights, Int32Array.of(2 ** 31 - 1, 0), { zeroPoint: 0, layer: "l" })).toThrowError(
    expect.objectContaining({ code: "BAD_MODEL", layer: "l" }),
  );
});
