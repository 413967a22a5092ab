import { expect, test } from "vitest";
import { meanBound, simultaneousIntervals } from "../../src/batch/index.ts";

const repeat = (value: number, count: number): number[] => Array.from({ length: count }, () => value);

test("intervals hold an outcome that ties with all of the calibration points, also after rounding", () => {
  for (let a = 1; a <= 20; a++) {
    for (let b = 1; b <= 20; b++) {
      const [prediction, outcome] = [a / 10, b / 7];
      const points = {
        calibrationPredictions: repeat(prediction, 9),
        calibrationTargets: repeat(outcome, 9),
        testPredictions: repeat(prediction, 2),
        alpha: 0.3,
      };
      const scales = { calibrationScales: repeat(0.3, 9), testScales: repeat(0.3, 2) };
      for (const { lower, upper } of [simultaneousIntervals(points), simultaneousIntervals({ ...points, ...scales })]) {
        expect(lower[0]).toBeLessThanOrEqual(outcome);
        expect(upper[0]).toBeGreaterThanOrEqual(outcome);
      }
    }
  }
});

test("hull bounds are outside of the exact ones to the last bit", () => {
  for (let n = 3; n <= 12; n++) {
    for (let m = 2; m <= 5; m++) {
      for (const unit of [1, 0.1]) {
        const calibration = Array.from({ length: n }, (_, i) => ((i * 7 + 3) % 11) * unit);
        for (const alpha of [0.1, 0.3, 0.5]) {
          const options = { calibration, m, alpha, side: "both" as const, sMin: -1, sMax: 15 };
          const exact = meanBound(options);
          const hull = meanBound({ ...options, method: "hull" });
          expect(hull.upper).toBeGreaterThanOrEqual(exact.upper as number);
          expect(hull.lower).toBeLessThanOrEqual(exact.lower as number);
          expect(hull.upper).toBeLessThanOrEqual(15);
          expect(hull.lower).toBeGreaterThanOrEqual(-1);
        }
      }
    }
  }
});

test("scores at the end of the range of doubles give the bounds of small ones, scaled", () => {
  const small = Array.from({ length: 9 }, (_, i) => (i - 4) / 4);
  const unit = 2 ** 1023;
  for (const method of ["exact", "hull", "montecarlo"] as const) {
    const options = { m: 3, alpha: 0.3, side: "both", method, draws: 999 } as const;
    const bound = meanBound({ ...options, calibration: small, sMin: -1, sMax: 1 });
    const large = meanBound({ ...options, calibration: small.map((s) => s * unit), sMin: -unit, sMax: unit });
    expect(large).toEqual({ ...bound, lower: (bound.lower as number) * unit, upper: (bound.upper as number) * unit });
  }
});
