import { ConformalError } from "../base/errors.ts";
import { checkLevel } from "../base/checks.ts";
import { type IntervalBounds, type LabelSets, checkSizes, regionSize } from "./region.ts";

/**
 * How many sets have 0, 1, 2, ... labels, up to the largest size there is, or up to `classes` where given.
 *
 * @throws ConformalError E_RANGE when a set has more than `classes` labels
 */
export function setSizes(sets: LabelSets, classes?: number): number[] {
  const counts: number[] = Array<number>((classes ?? 0) + 1).fill(0);
  sets.forEach(({ labels }, i) => {
    if (classes !== undefined && labels.length > classes) {
      throw new ConformalError("E_RANGE", `setSizes: set ${i} has more than ${classes} labels: ${labels.length}`, i);
    }
    while (counts.length <= labels.length) counts.push(0);
    counts[labels.length] = (counts[labels.length] as number) + 1;
  });
  return counts;
}

/**
 * The mean number of labels in a set.
 *
 * @throws ConformalError E_RANGE for no sets at all
 */
export function meanSetSize(sets: LabelSets): number {
  checkSizes("meanSetSize", sets);
  let labels = 0;
  for (const set of sets) labels += set.labels.length;
  return labels / sets.length;
}

/**
 * The mean width of intervals: Infinity when one of them is infinite, 0 for an empty one.
 *
 * @throws ConformalError E_RANGE for no intervals at all, E_NAN
 */
export function meanWidth(intervals: readonly IntervalBounds[]): number {
  checkSizes("meanWidth", intervals);
  let sum = 0;
  for (const interval of intervals) sum += regionSize(interval);
  return sum / intervals.length;
}

/** Options of `medianWidth`. */
export interface MedianWidthOptions {
  /** Which quantile, strictly between 0 and 1. Default 0.5, the median. */
  readonly share?: number;
}

/**
 * A quantile of the widths of intervals: the `ceil(share * n)`-th smallest, by default the (lower) median, which says
 * something even where some intervals are infinite.
 *
 * @throws ConformalError E_RANGE for no intervals at all, E_NAN, E_ALPHA for the share
 */
export function medianWidth(intervals: readonly IntervalBounds[], options: MedianWidthOptions = {}): number {
  const { share = 0.5 } = options;
  checkSizes("medianWidth", intervals);
  checkLevel("medianWidth", "share", share);
  const widths = Float64Array.from(intervals, regionSize).sort();
  return widths[Math.max(0, Math.ceil(share * widths.length - 1e-9) - 1)] as number;
}
