import { ConformalError } from "../base/errors.ts";
import { type Region, checkRegions, coveredFlags, regionSize } from "./region.ts";

/** Options of `sizeCoverageDependence`. */
export interface SizeCoverageDependenceOptions {
  /** Width of the kernel over sizes, > 0. Default: the standard deviation of the sizes. */
  readonly bandwidth?: number;
}

/**
 * The Hilbert-Schmidt independence criterion (HSIC) between being covered and the size of the region: 0 when they are
 * independent, as they are for a predictor that covers all kinds of examples alike, and larger the more the size tells
 * about coverage. The biased estimate `tr(K H L H) / n^2` with `H = I - 11'/n`, K over sizes and L over coverage.
 *
 * K is Gaussian, `exp(-(a - b)^2 / (2 bandwidth^2))`, so that the default bandwidth makes the value free of units. L is
 * Gaussian with bandwidth 1. L has two values only, which leaves `2 (1 - exp(-1/2)) / n^2` times the sum of `c_i c_j
 * K_ij` with c the centred coverage; terms of equal sizes are added first. Time `O(n log n + d^2)` with d different
 * sizes: nothing for label sets, `O(n^2)` for intervals that all differ in width; memory `O(n)`.
 *
 * @param regions sets of labels, or intervals of finite width `[n]`
 * @param truths true classes or true values `[n]`
 * @returns 0 when all sizes are equal, or all examples or none are covered
 * @throws ConformalError E_LENGTH, E_NAN; E_RANGE for an infinite width or a bad bandwidth
 * @see Gretton et al., Measuring statistical dependence with Hilbert-Schmidt norms (2005); Feldman, Bates, Romano,
 *   Improving conditional coverage via orthogonal quantile regression (2021), for its use on coverage
 */
export function sizeCoverageDependence(
  regions: readonly Region[],
  truths: ArrayLike<number>,
  options: SizeCoverageDependenceOptions = {},
): number {
  const where = "sizeCoverageDependence";
  checkRegions(where, regions, truths);
  const sizes = Float64Array.from(regions, regionSize);
  const infinite = sizes.indexOf(Infinity);
  if (infinite >= 0) throw new ConformalError("E_RANGE", `${where}: interval ${infinite} is infinite`, infinite);
  const { bandwidth } = options;
  if (bandwidth !== undefined && !(bandwidth > 0 && bandwidth < Infinity)) {
    throw new ConformalError("E_RANGE", `${where}: bandwidth must be finite and > 0, got ${bandwidth}`);
  }
  const flags = coveredFlags(regions, truths);
  const n = sizes.length;
  let covered = 0;
  for (const flag of flags) covered += flag;
  const { distinct, masses } = massBySize(sizes, flags, covered);
  const width = bandwidth ?? standardDeviation(sizes);
  if (distinct.length === 1 || width === 0) return 0;
  let sum = 0;
  for (let i = 0; i < distinct.length; i++) {
    let row = (masses[i] as number) / 2;
    for (let j = 0; j < i; j++) {
      const distance = ((distinct[i] as number) - (distinct[j] as number)) / width;
      row += (masses[j] as number) * Math.exp((-distance * distance) / 2);
    }
    sum += 2 * row * (masses[i] as number);
  }
  // A positive semi-definite form: below 0 by rounding alone.
  return Math.max(0, (2 * (1 - Math.exp(-0.5)) * sum) / (n * n));
}

/**
 * The different sizes in ascending order, each with the sum of the centred coverage of its regions. From whole counts,
 * so that the order of the examples doesn't matter to the last bit.
 */
function massBySize(
  sizes: Float64Array,
  flags: Uint8Array,
  covered: number,
): { readonly distinct: Float64Array; readonly masses: Float64Array } {
  const distinct = Float64Array.from(new Set(sizes)).sort();
  const position = new Map(Array.from(distinct, (size, i) => [size, i]));
  const counts = new Float64Array(distinct.length);
  const hits = new Float64Array(distinct.length);
  sizes.forEach((size, i) => {
    const at = position.get(size) as number;
    counts[at] = (counts[at] as number) + 1;
    hits[at] = (hits[at] as number) + (flags[i] as number);
  });
  return { distinct, masses: hits.map((hit, i) => hit - ((counts[i] as number) * covered) / sizes.length) };
}

function standardDeviation(values: Float64Array): number {
  const sorted = values.slice().sort();
  let mean = 0;
  for (const value of sorted) mean += value / sorted.length;
  let sum = 0;
  for (const value of sorted) sum += (value - mean) ** 2;
  return Math.sqrt(sum / sorted.length);
}
