import fc from "fast-check";
import { expect, test } from "vitest";
import { selectBatch } from "../../src/batch/index.ts";
import { codeOf } from "../codeOf.ts";

const good = {
  calibrationPredictions: [0.9, 0.4, 0.8, 0.2, 0.6],
  // The first and the fifth are no duds: their predictions don't count against the threshold.
  calibrationIsNull: [false, true, true, true, false],
  testPredictions: [0.3, 0.5, 0.4],
  eta: 1,
  alpha: 0.4,
};

test("a selection by hand", () => {
  expect(selectBatch(good)).toEqual({
    selected: [1],
    threshold: 0.4,
    rank: 4,
    level: expect.closeTo(5 / 7, 13) as number,
    finite: true,
    guarantee: "batch",
  });
});

test("nobody, everybody", () => {
  expect(selectBatch({ ...good, eta: 0, alpha: 0.05 })).toMatchObject({
    selected: [],
    threshold: Infinity,
    rank: 6,
    level: 1,
    finite: false,
    reason: "too-few-calibration",
  });
  const everybody = { selected: [0, 1, 2], threshold: -Infinity, finite: false, reason: "no-threshold-needed" };
  expect(selectBatch({ ...good, eta: 3 })).toMatchObject({ ...everybody, level: 1, rank: 0 });
  expect(selectBatch({ ...good, calibrationIsNull: Array(5).fill(false) })).toMatchObject(everybody);
  expect(selectBatch({ ...good, calibrationPredictions: [], calibrationIsNull: [] }).selected).toEqual([]);
});

test("predictions may be negative: adding a constant changes nothing but the threshold", () => {
  const shifted = selectBatch({
    ...good,
    calibrationPredictions: good.calibrationPredictions.map((x) => x - 5),
    testPredictions: good.testPredictions.map((x) => x - 5),
  });
  expect(shifted.selected).toEqual([1]);
  expect(shifted.threshold).toBeCloseTo(-4.6, 12);
});

const pools = fc.record({
  calibration: fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.boolean()), { minLength: 1, maxLength: 40 }),
  candidates: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 15 }),
});

test("selections grow with eta and alpha, hold nobody at or below the threshold, and keep their order", () => {
  fc.assert(
    fc.property(pools, ({ calibration, candidates }) => {
      const at = (eta: number, alpha: number, points = calibration) =>
        selectBatch({
          calibrationPredictions: points.map(([prediction]) => prediction),
          calibrationIsNull: points.map(([, isNull]) => isNull),
          testPredictions: candidates,
          eta,
          alpha,
        });
      const base = at(1, 0.1);
      expect(at(2, 0.1).selected).toEqual(expect.arrayContaining([...base.selected]));
      expect(at(1, 0.3).selected).toEqual(expect.arrayContaining([...base.selected]));
      expect(base.selected).toEqual(candidates.flatMap((x, j) => (x > base.threshold ? [j] : [])));
      expect(at(1, 0.1, calibration.toReversed())).toEqual(base);
      expect(base.level).toBeGreaterThanOrEqual(0.9 - 1e-12);
    }),
  );
});

test("errors", () => {
  expect(codeOf(() => selectBatch({ ...good, alpha: 0 }))).toBe("E_ALPHA");
  for (const eta of [-1, 0.5]) expect(codeOf(() => selectBatch({ ...good, eta }))).toBe("E_RANGE");
  expect(codeOf(() => selectBatch({ ...good, calibrationIsNull: [true] }))).toBe("E_LENGTH");
  expect(codeOf(() => selectBatch({ ...good, testPredictions: [] }))).toBe("E_RANGE");
  expect(codeOf(() => selectBatch({ ...good, testPredictions: [1, NaN] }))).toBe("E_NAN at 1");
  expect(codeOf(() => selectBatch({ ...good, calibrationPredictions: [1, 2, Infinity, 4, 5] }))).toBe("E_RANGE at 2");
  const labels = [0, 1, 1, 1, 0] as unknown as boolean[];
  expect(codeOf(() => selectBatch({ ...good, calibrationIsNull: labels }))).toBe("E_RANGE at 0");
});
