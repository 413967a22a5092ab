import fc from "fast-check";
import { expect, test } from "vitest";
import { calibrationError, reliabilityBins, topLabels } from "../../src/metrics/calibration.ts";
import { coverageCurve } from "../../src/metrics/coverageCurve.ts";
import { codeOf } from "../codeOf.ts";
import { reference } from "./reference.ts";

test("equals scikit-learn's calibration curve", () => {
  const bins = reliabilityBins(reference.probability, reference.outcome, { bins: 5 });
  expect(bins.map(({ count }) => count).reduce((a, b) => a + b)).toBe(reference.probability.length);
  bins.forEach(({ frequency, confidence, lower, upper }, i) => {
    expect(frequency).toBeCloseTo(reference.frequency[i] as number, 12);
    expect(confidence).toBeCloseTo(reference.confidence[i] as number, 12);
    expect(lower).toBeLessThanOrEqual(frequency);
    expect(upper).toBeGreaterThanOrEqual(frequency);
  });
  expect(calibrationError(bins).expected).toBeCloseTo(reference.ece, 12);
});

test("every probability falls between the printed ends of its bin", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 30 }), (p, bins) => {
      for (const value of [p, Math.round(p * bins) / bins]) {
        const full = reliabilityBins([value], [true], { bins }).filter(({ count }) => count > 0);
        expect(full.length).toBe(1);
        const [{ from, to, confidence, frequency } = { from: 1, to: 0, confidence: 0, frequency: 0 }] = full;
        expect(value).toBeGreaterThanOrEqual(from);
        if (to < 1) expect(value).toBeLessThan(to);
        expect([confidence, frequency]).toEqual([value, 1]);
      }
    }),
  );
});

test("by hand", () => {
  const bins = reliabilityBins([0.1, 0.2, 0.9, 1], [0, 1, 1, 1], { bins: 2 });
  expect(bins).toMatchObject([
    { from: 0, to: 0.5, count: 2, frequency: 0.5 },
    { from: 0.5, to: 1, count: 2, confidence: 0.95, frequency: 1 },
  ]);
  expect(calibrationError(bins).expected).toBeCloseTo((0.35 + 0.05) / 2, 15);
  expect(calibrationError(bins).maximum).toBeCloseTo(0.35, 15);
  const rows = [
    [0.5, 0.5],
    [0.2, 0.8],
  ];
  expect(topLabels(rows, [1, 1])).toEqual({
    confidences: Float64Array.of(0.5, 0.8),
    outcomes: Uint8Array.of(0, 1),
  });
});

test("the coverage curve asks for regions at every level", () => {
  const curve = coverageCurve((alpha) => [{ lower: 0, upper: 1 - alpha }], [0.5], { alphas: [0.25, 0.75] });
  expect(curve).toMatchObject([
    { alpha: 0.25, count: 1, covered: 1, coverage: 1 },
    { alpha: 0.75, count: 1, covered: 0, coverage: 0 },
  ]);
  expect(coverageCurve(() => [{ labels: [0] }], [0]).map(({ alpha }) => alpha)[18]).toBe(0.95);
});

test("bad input", () => {
  expect(codeOf(() => reliabilityBins([0.5], []))).toBe("E_LENGTH");
  expect(codeOf(() => reliabilityBins([0.5, 1.5], [0, 1]))).toBe("E_RANGE at 1");
  expect(codeOf(() => reliabilityBins([Number.NaN], [0]))).toBe("E_NAN at 0");
  expect(codeOf(() => reliabilityBins([0.5], [2]))).toBe("E_RANGE at 0");
  expect(codeOf(() => reliabilityBins([0.5], [1], { bins: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => calibrationError([]))).toBe("E_RANGE");
  expect(codeOf(() => topLabels([[0.5, 0.5]], [2]))).toBe("E_RANGE at 0");
  expect(codeOf(() => coverageCurve(() => [], [], { alphas: [1] }))).toBe("E_ALPHA");
  expect(codeOf(() => coverageCurve(() => [], []))).toBe("E_RANGE");
});
