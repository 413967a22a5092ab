import { checkAllFinite, checkLength } from "../base/checks.ts";
import { containing } from "../base/containing.ts";
import { ConformalError } from "../base/errors.ts";
import type { Scores } from "../quantile/quantile.ts";
import { residuals } from "./residuals.ts";
import {
  type SimultaneousThreshold,
  type SimultaneousThresholdOptions,
  simultaneousThreshold,
} from "./simultaneousThreshold.ts";

/** Options of `simultaneousIntervals`. */
export interface SimultaneousIntervalsOptions extends Pick<SimultaneousThresholdOptions, "alpha" | "missedShare"> {
  /** Predictions `[n]` for calibration points that the model was not fitted to. */
  readonly calibrationPredictions: Scores;
  /** Their true outcomes `[n]`. */
  readonly calibrationTargets: Scores;
  /** Predictions `[m]` for the batch, m >= 1. */
  readonly testPredictions: Scores;
  /** How hard each calibration point is `[n]`, > 0: residuals are divided by it. Together with `testScales`. */
  readonly calibrationScales?: Scores;
  /** How hard each point of the batch is `[m]`, > 0: widths are proportional to it. */
  readonly testScales?: Scores;
}

/** Intervals for all points of a batch. */
export interface SimultaneousIntervals extends SimultaneousThreshold {
  /** Lower ends `[m]`. */
  readonly lower: Float64Array;
  /** Upper ends `[m]`. */
  readonly upper: Float64Array;
}

/**
 * An interval `prediction +- threshold * scale` for each point of a batch, such that with probability at least
 * `1 - alpha` at least a share `1 - missedShare` of them hold at the same time. When all do (`missedShare: 0`), every order
 * statistic of the outcomes is within the same order statistic of the lower and of the upper ends.
 *
 * @throws ConformalError E_ALPHA, E_LENGTH, E_NAN, E_RANGE, E_SIGMA for a scale that isn't positive and finite
 */
export function simultaneousIntervals(options: SimultaneousIntervalsOptions): SimultaneousIntervals {
  const { calibrationPredictions, calibrationTargets, testPredictions, ...rest } = options;
  const { calibrationScales, testScales, ...settings } = rest;
  const where = "simultaneousIntervals";
  if ((calibrationScales === undefined) !== (testScales === undefined)) {
    throw new ConformalError("E_SIGMA", `${where}: calibrationScales and testScales belong together`);
  }
  checkScales(where, "calibrationScales", calibrationScales, calibrationPredictions.length);
  checkScales(where, "testScales", testScales, testPredictions.length);
  checkAllFinite(where, "testPredictions", testPredictions);
  // The score whose own interval holds the target, so that rounding costs no coverage in data with ties.
  const scores = residuals(where, calibrationPredictions, calibrationTargets).map((residual, i) => {
    const [prediction, target] = [calibrationPredictions[i] as number, calibrationTargets[i] as number];
    const scale = calibrationScales?.[i] ?? 1;
    return containing(
      Math.abs(residual) / scale,
      (q) => q === Infinity || (prediction - q * scale <= target && target <= prediction + q * scale),
    );
  });
  const found = simultaneousThreshold({ ...settings, calibration: scores, m: testPredictions.length });
  const half = Float64Array.from(testPredictions, (_, j) => found.threshold * (testScales?.[j] ?? 1));
  return Object.freeze({
    ...found,
    lower: half.map((width, j) => (testPredictions[j] as number) - width),
    upper: half.map((width, j) => (testPredictions[j] as number) + width),
  });
}

function checkScales(where: string, name: string, scales: Scores | undefined, expected: number): void {
  if (scales === undefined) return;
  checkLength(where, name, scales.length, expected);
  for (let i = 0; i < scales.length; i++) {
    const scale = scales[i] as number;
    if (scale > 0 && scale < Infinity) continue;
    throw new ConformalError("E_SIGMA", `${where}: ${name}[${i}] must be positive and finite, got ${scale}`, i);
  }
}
