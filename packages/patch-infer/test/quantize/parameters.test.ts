import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activationQuantization, channelCodes, toCodes } from "../../src/quantize/parameters.ts";

describe("quantisation of activations", () => {
  it("uses all codes of a range with 0", () => {
    expect(activationQuantization({ min: 0, max: 25.5 })).toEqual({ scale: Math.fround(0.1), zeroPoint: -128 });
    expect(activationQuantization({ min: -25.5, max: 0 })).toEqual({ scale: Math.fround(0.1), zeroPoint: 127 });
    expect(activationQuantization({ min: -1, max: 1.55 })).toEqual({ scale: Math.fround(0.01), zeroPoint: -28 });
  });

  it("takes 0 in where a range does not have it", () => {
    expect(activationQuantization({ min: 5.1, max: 25.5 })).toEqual(activationQuantization({ min: 0, max: 25.5 }));
    expect(activationQuantization({ min: -25.5, max: -5.1 })).toEqual(activationQuantization({ min: -25.5, max: 0 }));
  });

  it("gives a map of zeros, or of numbers without a scale, a quantisation too", () => {
    expect(activationQuantization({ min: 0, max: 0 })).toEqual({ scale: 1, zeroPoint: -128 });
    expect(activationQuantization({ min: -1e-40, max: 1e-40 })).toEqual({ scale: 1, zeroPoint: -128 });
  });

  it("holds every number of the range up to half a step (a whole one at the ends), and 0 exactly", () => {
    const ends = fc.tuple(
      fc.float({ min: -1e4, max: 1e4, noNaN: true }),
      fc.float({ min: -1e4, max: 1e4, noNaN: true }),
    );
    fc.assert(
      fc.property(ends, fc.double({ min: 0, max: 1, noNaN: true }), ([a, b], share) => {
        const [min, max] = [Math.min(a, b, 0), Math.max(a, b, 0)];
        const quantization = activationQuantization({ min, max });
        const { scale, zeroPoint } = quantization;
        expect(Number.isInteger(zeroPoint) && zeroPoint >= -128 && zeroPoint <= 127).toBe(true);
        const back = (value: number): number => scale * ((toCodes([value], quantization)[0] as number) - zeroPoint);
        expect(back(0)).toBe(0);
        if (scale === 1 && zeroPoint === -128 && max < 1e-30) return;
        const value = min + share * (max - min);
        expect(Math.abs(back(value) - value)).toBeLessThanOrEqual(scale * 1.0001);
        const inner = 0.9 * value;
        if (inner > min + scale && inner < max - scale)
          expect(Math.abs(back(inner) - inner)).toBeLessThanOrEqual(scale * 0.5001);
      }),
    );
  });
});

describe("codes of weights", () => {
  it("have a scale for every output channel, wherever the channel's weights stand", () => {
    // Two channels of three weights.
    const rows = channelCodes(Float32Array.of(1, -0.4, 0.25, 12.7, 0.1, -6.3), [0, 0], {
      inputScale: 1,
      channelsLast: false,
    });
    expect([...rows.scales]).toEqual([Math.fround(1 / 127), Math.fround(0.1)]);
    expect([...rows.codes]).toEqual([127, -51, 32, 127, 1, -63]);
    const columns = channelCodes(Float32Array.of(1, 12.7, -0.4, 0.1, 0.25, -6.3), [0, 0], {
      inputScale: 1,
      channelsLast: true,
    });
    expect([...columns.scales]).toEqual([...rows.scales]);
    expect([...columns.codes]).toEqual([127, 127, -51, 1, 32, -63]);
  });

  it("never use -128", () => {
    const { codes } = channelCodes(Float32Array.of(-1, 0.3), [0], { inputScale: 1, channelsLast: false });
    expect(codes[0]).toBe(-127);
  });

  it("are 0 with any scale for a channel of zeros", () => {
    const { codes, scales } = channelCodes(new Float32Array(4), [0, 0], { inputScale: 0.5, channelsLast: false });
    expect([...codes]).toEqual([0, 0, 0, 0]);
    expect([...scales]).toEqual([1, 1]);
  });

  it("get a larger scale where the bias would not fit", () => {
    const weights = Float32Array.of(1e-9, -1e-9);
    const { scales } = channelCodes(weights, [1000], { inputScale: 0.01, channelsLast: false });
    expect(1000 / (0.01 * (scales[0] as number))).toBeLessThanOrEqual(2 ** 30 * 1.0001);
  });
});

describe("numbers as codes", () => {
  it("saturate", () => {
    const quantization = { scale: 0.5, zeroPoint: 10 };
    expect([
      ...toCodes([0, 1, -1, 1e9, -1e9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], quantization),
    ]).toEqual([10, 12, 8, 127, -128, 127, -128]);
  });
});
