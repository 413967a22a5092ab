import { checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";

/** A set of labels, as a classifier's `predictSet` gives it. */
export interface LabelSet {
  readonly labels: readonly number[];
}

/** An interval of numbers with both ends included, as a regressor gives it; `lower > upper` is the empty one. */
export interface IntervalBounds {
  readonly lower: number;
  readonly upper: number;
}

/** What a conformal predictor says about one example. */
export type Region = LabelSet | IntervalBounds;

/** Sets of labels, as `predictSets` gives them. */
export type LabelSets = readonly LabelSet[];

/** Is the true label in the set, or the true value within the interval? */
export function covers(region: Region, truth: number): boolean {
  if ("labels" in region) return region.labels.includes(truth);
  return region.lower <= truth && truth <= region.upper;
}

/** How much a region leaves open: the number of labels, or the width of the interval (0 when it is empty). */
export function regionSize(region: Region): number {
  if ("labels" in region) return region.labels.length;
  return region.lower < region.upper ? region.upper - region.lower : 0;
}

/** Throws unless there is at least one region, a true value for each, and no NaN among values and ends. */
export function checkRegions(where: string, regions: readonly Region[], truths: ArrayLike<number>): void {
  checkLength(where, "the true values", truths.length, regions.length);
  checkSizes(where, regions);
  for (let i = 0; i < truths.length; i++) {
    if (Number.isNaN(truths[i] as number)) {
      throw new ConformalError("E_NAN", `${where}: true value ${i} is NaN`, i);
    }
  }
}

/** Throws unless there is at least one region, and no NaN among the ends of intervals. */
export function checkSizes(where: string, regions: readonly Region[]): void {
  if (regions.length === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one region, got none`);
  regions.forEach((region, i) => {
    if (!("labels" in region) && (Number.isNaN(region.lower) || Number.isNaN(region.upper))) {
      const found = `${region.lower} to ${region.upper}`;
      throw new ConformalError("E_NAN", `${where}: interval ${i} has an end that is NaN: ${found}`, i);
    }
  });
}

/** 1 for every example whose region holds its true value, 0 for the others. */
export function coveredFlags(regions: readonly Region[], truths: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(regions, (region, i) => (covers(region, truths[i] as number) ? 1 : 0));
}
