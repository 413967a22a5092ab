import { expm1, ln1p } from "../elementary.ts";
import { ArgumentError } from "../errors.ts";
import { normalCdf } from "../special/erf.ts";
import { normalQuantile } from "../special/normalQuantile.ts";
import { checkDraw, openUnitAt } from "./bits.ts";
import type { Key } from "./key.ts";
import { checkParameter, finite, positive } from "./parameter.ts";

export interface TruncatedNormalOptions {
  /** Mean of the normal distribution before it is cut; 0 if not given. */
  readonly mean?: number;
  /** Standard deviation before it is cut, > 0; 1 if not given. */
  readonly std?: number;
  /** Lower end, may be -Infinity; two standard deviations below the mean if not given. */
  readonly min?: number;
  /** Upper end, may be Infinity; two standard deviations above the mean if not given. */
  readonly max?: number;
}

/** Where inversion hands over to rejection, in standard deviations: beyond, probabilities lose precision. */
const tailStart = 4;

/**
 * One draw of a standard normal variable in [a, b] for a >= 4: a Rayleigh variable in the same interval, kept with
 * probability a / x. (G. Marsaglia 1964's tail method with an upper end, as in Z. I. Botev, "The normal law under
 * linear restrictions", JRSS B 79 (2017), section 2.)
 */
function tailAt(key: Key, index: number, a: number, b: number): number {
  const half = 0.5 * a * a;
  const factor = expm1(-0.5 * (b - a) * (b + a));
  for (let stream = 0; ; stream += 2) {
    const energy = half - ln1p(openUnitAt(key, stream, index) * factor);
    const u = openUnitAt(key, stream + 1, index);
    if (u * u * energy <= half) return Math.sqrt(2 * energy);
  }
}

/**
 * Normally distributed numbers given that they lie in [min, max]. Drawn by inversion of the cut distribution
 * function; intervals that lie wholly beyond 4 standard deviations by rejection, which stays exact however far out.
 */
export function truncatedNormalValues(key: Key, count: number, options: TruncatedNormalOptions = {}): Float64Array {
  const { mean = 0, std = 1 } = options;
  const { min = mean - 2 * std, max = mean + 2 * std } = options;
  const op = "truncatedNormal";
  checkDraw(op, key, count);
  checkParameter(op, "mean", mean, count, finite);
  checkParameter(op, "std", std, count, positive);
  if (!(min < max && min < Infinity && max > -Infinity)) {
    throw new ArgumentError({ op, argument: "min", expected: "a number below max", found: `min ${min}, max ${max}` });
  }
  // An interval right of the mean is drawn as its mirror image on the left, where probabilities are small and exact.
  const mirrored = min > mean;
  const lower = mirrored ? (mean - max) / std : (min - mean) / std;
  const upper = mirrored ? (mean - min) / std : (max - mean) / std;
  const start = normalCdf(lower);
  const width = normalCdf(upper) - start;
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const z =
      upper <= -tailStart
        ? -tailAt(key, i, -upper, -lower)
        : normalQuantile(Math.min(start + openUnitAt(key, 0, i) * width, 1 - 1 / 0x20000000000000));
    const value = mean + std * (mirrored ? -z : z);
    values[i] = Math.min(max, Math.max(min, value));
  }
  return values;
}
