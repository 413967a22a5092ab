import type { Scores } from "../quantile/quantile.ts";
import { conformalRank } from "../quantile/rank.ts";
import { type OnlineState, type OnlineThreshold, thresholdOf } from "./method.ts";
import type { Saved } from "./saved.ts";
import { type StreamingQuantile, streamingQuantile } from "./streamingQuantile.ts";

/** Where the methods that move a miscoverage level get their quantiles from. */
export interface OnlineCalibrationOptions {
  /** Calibration scores to start with, in order of arrival. Default none: then everything is covered at first. */
  readonly scores?: Scores;
  /** Take quantiles of the last `window` scores only, a whole number >= 1. Default: of all. */
  readonly window?: number;
}

/** The calibration set of a method; every score that is stepped through joins it. */
export function calibrationOf(alpha: number, { scores, window }: OnlineCalibrationOptions): StreamingQuantile {
  return streamingQuantile({
    alpha,
    ...(scores === undefined ? {} : { scores }),
    ...(window === undefined ? {} : { window }),
  });
}

/** The threshold at a working level, which may lie outside (0, 1). */
export function thresholdAtLevel(calibration: StreamingQuantile, alpha: number): OnlineThreshold {
  if (alpha <= 0) return thresholdOf(Infinity, { alpha, reason: "level-at-most-0" });
  if (alpha >= 1) return thresholdOf(-Infinity, { alpha, reason: "level-at-least-1" });
  const { value, reason } = calibration.quantile(alpha);
  return thresholdOf(value, reason === undefined ? { alpha } : { alpha, reason });
}

/**
 * Does the threshold at a working level cover a score that is above `below` of `n` calibration scores? The same answer
 * as a comparison with `thresholdAtLevel`, without selecting.
 */
export function levelCovers(alpha: number, below: number, n: number): boolean {
  return alpha <= 0 || (alpha < 1 && below < conformalRank(n, alpha));
}

/** What is saved of a calibration set. */
export function savedCalibration(calibration: StreamingQuantile, window: number | undefined): OnlineState {
  return { scores: Array.from(calibration.scores()), ...(window === undefined ? {} : { window }) };
}

/** Reads what `savedCalibration` wrote. */
export function readCalibration(state: Saved): OnlineCalibrationOptions {
  return { scores: state.numbers("scores"), ...(state.has("window") ? { window: state.whole("window", 1) } : {}) };
}
