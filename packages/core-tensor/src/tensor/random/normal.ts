import { normalQuantile } from "../special/normalQuantile.ts";
import { checkDraw, openUnitAt } from "./bits.ts";
import type { Key } from "./key.ts";
import { checkParameter, finite, nonNegative, type Parameter, parameterAt } from "./parameter.ts";

export interface NormalOptions {
  /** Expected value; 0 if not given. */
  readonly mean?: Parameter;
  /** Standard deviation, >= 0; 1 if not given. */
  readonly std?: Parameter;
}

/** One standard normal number, from the block (stream, index): the quantile of a uniform one. Within ±8.3. */
export function normalAt(key: Key, stream: number, index: number): number {
  return normalQuantile(openUnitAt(key, stream, index));
}

/**
 * Normally distributed numbers. Drawn by inversion (one uniform number each, the quantile function of AS 241):
 * cheap, without rejections, and exactly symmetric about the mean.
 */
export function normalValues(key: Key, count: number, options: NormalOptions = {}): Float64Array {
  const { mean = 0, std = 1 } = options;
  checkDraw("normal", key, count);
  checkParameter("normal", "mean", mean, count, finite);
  checkParameter("normal", "std", std, count, nonNegative);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = parameterAt(mean, i) + parameterAt(std, i) * normalAt(key, 0, i);
  return values;
}
