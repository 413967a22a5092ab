import { expect, test } from "vitest";
import { batchMeanInterval, meanBound } from "../../src/batch/index.ts";
import { codeOf } from "../codeOf.ts";

const batch = {
  calibrationPredictions: Array.from({ length: 38 }, (_, i) => i),
  calibrationTargets: Array.from({ length: 38 }, (_, i) => i + ((7 * i) % 38) / 38 - 0.5),
  testPredictions: [3, 1, 8],
  alpha: 0.2,
};
const residuals = batch.calibrationTargets.map((y, i) => y - i);

test("the mean prediction plus bounds on the mean residual", () => {
  const found = batchMeanInterval(batch);
  const known = meanBound({ calibration: residuals, m: 3, alpha: 0.2, side: "both" });
  expect(found.residual).toEqual(known);
  expect(found).toEqual({
    lower: 4 + (known.lower as number),
    upper: 4 + (known.upper as number),
    prediction: 4,
    residual: known,
    level: known.level,
    finite: true,
    guarantee: "batch",
  });
  const one = batchMeanInterval({ ...batch, side: "lower" });
  expect("upper" in one).toBe(false);
  expect(one.lower).toBeGreaterThan(found.lower as number);
});

test("ranges and methods are passed on", () => {
  const few = { ...batch, calibrationPredictions: [1, 2], calibrationTargets: [1, 2] };
  expect(batchMeanInterval(few)).toMatchObject({ finite: false, reason: "too-few-calibration", upper: Infinity });
  const bounded = batchMeanInterval({ ...few, residualMin: -1, residualMax: 2 });
  // 9 of the 10 rank vectors are accepted: two of three residuals may be as extreme as the range, the third is 0.
  expect(bounded).toMatchObject({ finite: true, level: 0.8, lower: 4 - 2 / 3, upper: 4 + 4 / 3 });
  const hull = batchMeanInterval({ ...batch, method: "hull" });
  expect(hull.upper).toBeGreaterThanOrEqual(batchMeanInterval(batch).upper as number);
});

test("the order of the batch doesn't matter to the bit", () => {
  const three = { ...batch, testPredictions: [0.1, 0.2, 0.3] };
  const turned = { ...batch, testPredictions: Float64Array.of(0.3, 0.1, 0.2) };
  expect(batchMeanInterval(turned)).toEqual(batchMeanInterval(three));
  expect([...turned.testPredictions]).toEqual([0.3, 0.1, 0.2]);
});

test("errors", () => {
  expect(codeOf(() => batchMeanInterval({ ...batch, alpha: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => batchMeanInterval({ ...batch, testPredictions: [] }))).toBe("E_RANGE");
  expect(codeOf(() => batchMeanInterval({ ...batch, testPredictions: [1, NaN] }))).toBe("E_NAN at 1");
  expect(codeOf(() => batchMeanInterval({ ...batch, calibrationTargets: [1] }))).toBe("E_LENGTH");
  const outcomes = batch.calibrationTargets.with(4, Infinity);
  expect(codeOf(() => batchMeanInterval({ ...batch, calibrationTargets: outcomes }))).toBe("E_RANGE at 4");
  const predictions = batch.calibrationPredictions.with(2, NaN);
  expect(codeOf(() => batchMeanInterval({ ...batch, calibrationPredictions: predictions }))).toBe("E_NAN at 2");
  expect(codeOf(() => batchMeanInterval({ ...batch, residualMax: 0 }))).toMatch(/^E_RANGE at /);
});
