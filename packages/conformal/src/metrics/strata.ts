import { checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { coverageOfGroups } from "./coverage.ts";
import type { GroupCoverage, ProportionOptions } from "./proportion.ts";
import { type Region, checkRegions, coveredFlags, regionSize } from "./region.ts";

/** Coverage of the examples for which a number (a set size, a width, a feature) lies within `from..to`, both included. */
export interface StratumCoverage extends GroupCoverage {
  readonly from: number;
  readonly to: number;
}

/** Options of `sizeStratifiedCoverage` and `featureStratifiedCoverage`. */
export interface StratifiedCoverageOptions extends ProportionOptions {
  /**
   * Number of strata with about equally many examples each; equal numbers share a stratum, so that there may be fewer.
   * Default 5 for widths and features; sets of labels have a stratum for each size unless you ask for bins.
   */
  readonly bins?: number;
}

/**
 * Coverage among the regions of each size (SSC). For sets of labels entry s is for the sets with s labels, up to the
 * largest size there is; intervals are put into `bins` strata by width. A low entry shows examples for which the
 * average hides undercoverage; the criterion of the paper is the least entry (see `coverageGap`).
 *
 * @param regions sets of labels or intervals `[n]`
 * @param truths true classes or true values `[n]`
 * @throws ConformalError E_LENGTH, E_RANGE, E_NAN, E_ALPHA for the confidence
 * @see Angelopoulos et al., Uncertainty sets for image classifiers using conformal prediction (2021)
 */
export function sizeStratifiedCoverage(
  regions: readonly Region[],
  truths: ArrayLike<number>,
  options: StratifiedCoverageOptions = {},
): StratumCoverage[] {
  const where = "sizeStratifiedCoverage";
  checkRegions(where, regions, truths);
  const { bins, confidence = 0.95 } = options;
  const sizes = Float64Array.from(regions, regionSize);
  const flags = coveredFlags(regions, truths);
  if (bins !== undefined || regions.some((region) => !("labels" in region))) {
    return byBins(where, sizes, flags, bins ?? 5, confidence);
  }
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const groups = coverageOfGroups(where, flags, sizes, largest + 1, confidence);
  return groups.map((group, size) => ({ from: size, to: size, ...group }));
}

/**
 * Coverage in strata of a feature (FSC): any number that is known for each example, such as an age or a predicted
 * difficulty. For a feature with names use `coverageByGroup`.
 *
 * @param regions sets of labels or intervals `[n]`
 * @param truths true classes or true values `[n]`
 * @param feature one number for each example `[n]`; infinite ones are allowed, NaN is not
 * @throws ConformalError E_LENGTH, E_RANGE, E_NAN, E_ALPHA for the confidence
 * @see Angelopoulos, Bates, Conformal prediction: a gentle introduction (2023), section 3
 */
export function featureStratifiedCoverage(
  regions: readonly Region[],
  truths: ArrayLike<number>,
  feature: ArrayLike<number>,
  options: StratifiedCoverageOptions = {},
): StratumCoverage[] {
  const where = "featureStratifiedCoverage";
  checkRegions(where, regions, truths);
  checkLength(where, "feature", feature.length, regions.length);
  const { bins = 5, confidence = 0.95 } = options;
  const values = Float64Array.from(feature);
  const bad = values.findIndex(Number.isNaN);
  if (bad >= 0) throw new ConformalError("E_NAN", `${where}: feature[${bad}] is NaN`, bad);
  return byBins(where, values, coveredFlags(regions, truths), bins, confidence);
}

function byBins(
  where: string,
  values: Float64Array,
  flags: Uint8Array,
  bins: number,
  confidence: number,
): StratumCoverage[] {
  checkWhole(where, "bins", bins, 1);
  const starts = binStarts(values.slice().sort(), bins);
  const binOf = values.map((value) => lastAtMost(starts, value));
  const ends = starts.map(() => -Infinity);
  values.forEach((value, i) => {
    const bin = binOf[i] as number;
    ends[bin] = Math.max(ends[bin] as number, value);
  });
  return coverageOfGroups(where, flags, binOf, starts.length, confidence).map((group, bin) => ({
    from: starts[bin] as number,
    to: ends[bin] as number,
    ...group,
  }));
}

/** The first value of each stratum: cut at equal counts, but only between different values. */
function binStarts(sorted: Float64Array, bins: number): number[] {
  const cuts = Array.from({ length: bins }, (_, bin) => sorted[Math.floor((bin * sorted.length) / bins)] as number);
  return [...new Set(cuts)];
}

/** The position of the last start that is at most the value. */
function lastAtMost(starts: readonly number[], value: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] as number) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
