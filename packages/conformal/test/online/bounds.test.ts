import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type OnlineMethod,
  aci,
  aciBound,
  aciUpdate,
  conformalPid,
  pidBound,
  quantileTracker,
  tangentSaturation,
  trackerBound,
} from "../../src/online/index.ts";
import { codeOf } from "../codeOf.ts";

const LENGTH = 12;
const EPSILON = 1e-9;

/**
 * Runs a method against an adversary for every word of wishes: bit t says whether the score of step t shall be missed.
 * Returns, for each length, the largest distance of the share of misses from alpha over all words.
 */
function worstDistances(make: () => OnlineMethod, scoreFor: (wish: boolean, threshold: number) => number): number[] {
  const worst = new Array<number>(LENGTH).fill(0);
  for (let word = 0; word < 2 ** LENGTH; word++) {
    const method = make();
    let misses = 0;
    for (let t = 0; t < LENGTH; t++) {
      const { threshold } = method.threshold();
      const score = scoreFor(((word >> t) & 1) === 1, threshold);
      if (!method.step(score).covered) misses++;
      worst[t] = Math.max(worst[t] as number, Math.abs(misses / (t + 1) - method.alpha));
    }
  }
  return worst;
}

/** Misses what can be missed, covers what can be covered. */
const unbounded = (wish: boolean, threshold: number) => (Number.isFinite(threshold) ? threshold + (wish ? 1 : -1) : 0);

test("the level of aci by hand", () => {
  const errors = [0, 0, 1, 0, 1, 1, 0, 0, 0, 1];
  const levels = [0.1];
  for (const error of errors) {
    levels.push(aciUpdate(levels.at(-1) as number, error === 0, { alpha: 0.1, gamma: 0.05 }));
  }
  const expected = [0.1, 0.105, 0.11, 0.065, 0.07, 0.025, -0.02, -0.015, -0.01, -0.005, -0.05];
  for (const [t, level] of levels.entries()) expect(level).toBeCloseTo(expected[t] as number, 12);
});

test("the tracked quantile by hand", () => {
  const tracker = quantileTracker({ alpha: 0.2, eta: 0.1, q0: 0.5 });
  const thresholds = [0.2, 0.9, 0.4, 0.4, 1.2, 0.1, 0.6, 0.8, 0.3, 0.5].map((score) => {
    tracker.step(score);
    return tracker.threshold().threshold;
  });
  const expected = [0.48, 0.56, 0.54, 0.52, 0.6, 0.58, 0.66, 0.74, 0.72, 0.7];
  for (const [t, threshold] of thresholds.entries()) expect(threshold).toBeCloseTo(expected[t] as number, 12);
});

test("aciBound holds for every error sequence of up to 12 steps, and is nearly reached", () => {
  for (const alpha of [0.1, 0.25, 0.5, 0.9]) {
    for (const gamma of [0.01, 0.3, 1, 3]) {
      for (const alpha1 of [0, alpha, 1]) {
        const rule = { alpha, gamma, alpha1 };
        const bounds = Array.from({ length: LENGTH }, (_, t) => aciBound(t + 1, rule));
        let closest = 0;
        const walk = (level: number, errors: number, t: number): void => {
          if (t > 0) {
            const distance = Math.abs(errors / t - alpha);
            const bound = bounds[t - 1] as number;
            closest = Math.max(closest, distance / bound);
          }
          if (t === LENGTH) return;
          // Everything is covered at levels <= 0 and nothing at levels >= 1; in between the adversary chooses.
          if (level > 0) walk(aciUpdate(level, false, rule), errors + 1, t + 1);
          if (level < 1) walk(aciUpdate(level, true, rule), errors, t + 1);
        };
        walk(alpha1, 0, 0);
        expect(closest).toBeLessThanOrEqual(1 + EPSILON);
        for (const [t, bound] of bounds.entries()) {
          expect(bound).toBeLessThanOrEqual((Math.max(alpha1, 1 - alpha1) + gamma) / (gamma * (t + 1)) + EPSILON);
        }
        // In the direction of the large steps, the far end of the level is nearly reached.
        const far = alpha <= 0.5 ? 1 : 0;
        if (gamma === 0.3 && alpha1 === far) expect(closest).toBeGreaterThan(alpha === 0.5 ? 0.9 : 0.8);
      }
    }
  }
});

test("aciBound holds for aci with its quantiles against every adversary of 12 steps", () => {
  const options = { alpha: 0.25, gamma: 0.4, scores: [1, 2, 3, 4, 5] };
  const worst = worstDistances(() => aci(options), unbounded);
  for (const [t, distance] of worst.entries()) {
    expect(distance).toBeLessThanOrEqual(aciBound(t + 1, options) + EPSILON);
  }
});

test("trackerBound holds for every adversary of 12 steps with scores in [0, bound], and is nearly reached", () => {
  const bound = 1;
  for (const { decay, reached } of [
    { decay: 0, reached: 0.99 },
    { decay: 0.6, reached: 0.5 },
  ]) {
    for (const alpha of [0.1]) {
      for (const eta of [0.3, 2]) {
        for (const q0 of [0, bound]) {
          const options = { alpha, eta, q0, decay, bound };
          // The most harmful scores are the ends: whatever can be missed is missed by `bound`.
          const worst = worstDistances(
            () => quantileTracker(options),
            (wish) => (wish ? bound : 0),
          );
          let closest = 0;
          for (const [t, distance] of worst.entries()) {
            const limit = trackerBound(t + 1, options);
            expect(distance).toBeLessThanOrEqual(limit + EPSILON);
            if (decay === 0) expect(limit).toBeLessThanOrEqual((bound + eta) / (eta * (t + 1)) + EPSILON);
            closest = Math.max(closest, distance / limit);
          }
          if (eta === 2 && q0 === bound) expect(closest).toBeGreaterThan(reached * 0.5);
        }
      }
    }
  }
});

test("pidBound holds for every adversary of 12 steps, and is reached", () => {
  for (const alpha of [0.1, 0.5]) {
    for (const cSat of [0.05, 0.4, 2]) {
      for (const eta of [1]) {
        const worst = worstDistances(() => conformalPid({ alpha, eta, kI: 1, cSat }), unbounded);
        const bounds = worst.map((_, t) => pidBound(t + 1, { alpha, cSat }));
        for (const [t, distance] of worst.entries())
          expect(distance).toBeLessThanOrEqual((bounds[t] as number) + EPSILON);
        expect(worst[0]).toBeCloseTo(bounds[0] as number, 12);
        expect(worst[1]).toBeCloseTo(bounds[1] as number, 12);
        expect(Math.max(...worst.map((distance, t) => distance / (bounds[t] as number)))).toBeCloseTo(1, 9);
      }
    }
  }
});

test("all bounds hold for long random adversaries", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const alphas = fc.constantFrom(0.05, 0.1, 0.3, 0.7);
  const stream = fc.array(fc.record({ free: unit, rule: fc.integer({ min: 0, max: 3 }) }), { maxLength: 400 });
  fc.assert(
    fc.property(stream, alphas, fc.double({ min: 0.02, max: 2, noNaN: true }), unit, (steps, alpha, eta, q0) => {
      const cases = [
        {
          method: aci({ alpha, gamma: eta, alpha1: q0 }),
          bound: (t: number) => aciBound(t, { alpha, gamma: eta, alpha1: q0 }),
        },
        {
          method: quantileTracker({ alpha, eta, q0 }),
          bound: (t: number) => trackerBound(t, { alpha, eta, q0, bound: 1 }),
        },
        {
          method: quantileTracker({ alpha, eta, q0, decay: 0.6 }),
          bound: (t: number) => trackerBound(t, { alpha, eta, q0, decay: 0.6, bound: 1 }),
        },
        {
          method: conformalPid({ alpha, eta, kI: 0.1, cSat: 0.2, scorecaster: (past) => (past.at(-1) ?? 0) / 2 }),
          bound: (t: number) => pidBound(t, { alpha, cSat: 0.2 }),
        },
      ];
      for (const { method, bound } of cases) {
        let misses = 0;
        for (const [t, { free, rule }] of steps.entries()) {
          const { threshold } = method.threshold();
          // At the threshold, just above it, just below it, or anywhere in [0, 1].
          const aimed = Math.min(1, Math.max(0, threshold + [0, 1e-9, -1e-9][rule]!));
          if (!method.step(rule === 3 ? free : aimed).covered) misses++;
          if (t % 20 === 0 || t === steps.length - 1) {
            expect(Math.abs(misses / (t + 1) - alpha)).toBeLessThanOrEqual(bound(t + 1) + EPSILON);
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("the tangent integrator saturates at a right angle and grows with the excess", () => {
  const saturation = tangentSaturation({ kI: 2, cSat: 0.5 });
  expect(saturation(0.3, 1)).toBe(0);
  expect(saturation(1.5, 10)).toBeCloseTo(2 * Math.tan((1.5 * Math.log(10)) / 5), 12);
  const limit = ((Math.PI / 2) * 0.5 * 10) / Math.log(10);
  expect(saturation(limit * 1.001, 10)).toBe(Infinity);
  expect(saturation(-limit * 1.001, 10)).toBe(-Infinity);
  expect(saturation(limit * 0.999, 10)).toBeGreaterThan(100);
  expect(tangentSaturation({ kI: 0 })(5, 10)).toBe(0);
});

test("an empty set covers nothing and a full one everything", () => {
  const empty = aci({ alpha: 0.9, gamma: 1, alpha1: 1, scores: [1, 2, 3] });
  expect(empty.step(-Infinity)).toEqual({
    threshold: -Infinity,
    finite: false,
    alpha: 1,
    reason: "level-at-least-1",
    covered: false,
  });
  const full = aci({ alpha: 0.1, gamma: 1, alpha1: 0, scores: [1, 2, 3] });
  expect(full.step(Infinity)).toEqual({
    threshold: Infinity,
    finite: false,
    alpha: 0,
    reason: "level-at-most-0",
    covered: true,
  });
  expect(aci({ alpha: 0.1, scores: [1, 2, 3] }).threshold()).toMatchObject({ reason: "too-few-calibration" });
});

test("bad input of the bounds", () => {
  expect(codeOf(() => aciBound(0, { alpha: 0.1 }))).toBe("E_RANGE");
  expect(codeOf(() => aciBound(1, { alpha: 0.1, alpha1: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => trackerBound(0, { alpha: 0.1, eta: 1, bound: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => trackerBound(1, { alpha: 0.1, eta: 1, bound: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => trackerBound(1, { alpha: 0.1, eta: 1, q0: 2, bound: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => pidBound(1.5, { alpha: 0.1 }))).toBe("E_RANGE");
  expect(codeOf(() => pidBound(1, { alpha: 1 }))).toBe("E_ALPHA");
  expect(codeOf(() => pidBound(1, { alpha: 0.1, cSat: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => tangentSaturation({ kI: -1 }))).toBe("E_RANGE");
});
