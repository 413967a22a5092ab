import { checkAlpha } from "../base/checks.ts";
import { observedCoverage } from "./coverage.ts";
import type { GroupCoverage, ProportionOptions } from "./proportion.ts";
import type { Region } from "./region.ts";

/** Coverage at one level. */
export interface CoverageCurvePoint extends GroupCoverage {
  readonly alpha: number;
}

/** Options of `coverageCurve`. */
export interface CoverageCurveOptions extends ProportionOptions {
  /** Levels, each strictly between 0 and 1. Default 0.05, 0.1, ... 0.95. */
  readonly alphas?: readonly number[];
}

/**
 * Confidence against coverage: the observed coverage at many levels alpha, each with its exact confidence interval. A
 * predictor that keeps its promise lies on or above the diagonal `coverage = 1 - alpha`, up to sampling.
 *
 * @param regionsAt gives the regions `[n]` of the test examples at a level: calibrate with that alpha, and predict
 * @param truths true classes or true values `[n]`
 * @throws ConformalError E_ALPHA, E_LENGTH, E_RANGE, E_NAN
 */
export function coverageCurve(
  regionsAt: (alpha: number) => readonly Region[],
  truths: ArrayLike<number>,
  options: CoverageCurveOptions = {},
): CoverageCurvePoint[] {
  const { alphas = Array.from({ length: 19 }, (_, i) => (i + 1) / 20), confidence = 0.95 } = options;
  for (const alpha of alphas) checkAlpha("coverageCurve", alpha);
  return alphas.map((alpha) => ({ alpha, ...observedCoverage(regionsAt(alpha), truths, { confidence }) }));
}
