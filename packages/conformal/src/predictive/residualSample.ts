import { countUpTo } from "../base/sortedSearch.ts";

/** Calibration residuals with the running integrals that make a CRPS a matter of two binary searches. */
export interface ResidualSample {
  /** Residuals `[n]`, ascending. */
  readonly residuals: Float64Array;
  /** Height of the step function between residual i (1 = the smallest) and the next, for i in 0..n. */
  readonly height: (i: number) => number;
  /** `lower[k]` is the integral of `height^2` from the smallest residual to `residuals[k]`. */
  readonly lower: Float64Array;
  /** `upper[k]` is the integral of `(1 - height)^2` from `residuals[k]` to the largest residual. */
  readonly upper: Float64Array;
}

/**
 * @param residuals ascending
 * @param bounded does the outcome have two finite bounds, to which the new point's own mass can go?
 */
export function residualSample(residuals: Float64Array, bounded: boolean): ResidualSample {
  const n = residuals.length;
  const height = bounded ? (i: number): number => (i + 0.5) / (n + 1) : (i: number): number => i / n;
  const lower = new Float64Array(n);
  const upper = new Float64Array(n);
  const gap = (k: number): number => (residuals[k] as number) - (residuals[k - 1] as number);
  for (let k = 1; k < n; k++) lower[k] = (lower[k - 1] as number) + height(k) ** 2 * gap(k);
  for (let k = n - 1; k > 0; k--) upper[k - 1] = (upper[k] as number) + (1 - height(k)) ** 2 * gap(k);
  return { residuals, height, lower, upper };
}

/** The integral of `height^2` from the smallest residual to t; negative for a smaller t. The sample is not empty. */
export function lowerArea({ residuals, height, lower }: ResidualSample, t: number): number {
  const i = countUpTo(residuals, t);
  const last = Math.max(0, i - 1);
  return (lower[last] as number) + height(i) ** 2 * (t - (residuals[last] as number));
}

/** The integral of `(1 - height)^2` from t to the largest residual; negative for a larger t. */
export function upperArea({ residuals, height, upper }: ResidualSample, t: number): number {
  const i = countUpTo(residuals, t);
  const next = Math.min(residuals.length - 1, i);
  return (upper[next] as number) + (1 - height(i)) ** 2 * ((residuals[next] as number) - t);
}
