import fc from "fast-check";
import type { LabelledRow, PredictedValue } from "./procedure.ts";

/**
 * fast-check arbitrary of one probability vector `[classes]`: multiples of 1/64, so that ties, zeros and certain rows
 * turn up often and the sum is exactly 1.
 */
export function probabilityRow(classes: number): fc.Arbitrary<number[]> {
  const cuts = fc.array(fc.integer({ min: 0, max: 64 }), { minLength: classes - 1, maxLength: classes - 1 });
  return cuts.map((inner) => {
    const ends = [0, ...inner.toSorted((a, b) => a - b), 64];
    return Array.from({ length: classes }, (_, i) => ((ends[i + 1] as number) - (ends[i] as number)) / 64);
  });
}

/** fast-check arbitrary of examples for calibration or prediction: probability rows with labels in 0..classes-1. */
export function labelledRows(
  classes: number,
  size: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<LabelledRow[]> {
  const row = fc.record({ probabilities: probabilityRow(classes), label: fc.integer({ min: 0, max: classes - 1 }) });
  return fc.array(row, { minLength: 1, ...size });
}

/** fast-check arbitrary of nonconformity scores: multiples of 1/8 in [0, 2], so that ties turn up often. */
export function calibrationScores(
  size: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<number[]> {
  const score = fc.integer({ min: 0, max: 16 }).map((eighths) => eighths / 8);
  return fc.array(score, { minLength: 1, ...size });
}

/** fast-check arbitrary of predictions with true values: multiples of 1/8, so that sums are exact and ties occur. */
export function predictedValues(
  size: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<PredictedValue[]> {
  const value = fc.integer({ min: -40, max: 40 }).map((eighths) => eighths / 8);
  return fc.array(fc.record({ prediction: value, target: value }), { minLength: 1, ...size });
}
