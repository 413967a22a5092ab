import { checkLabels } from "../base/checks.ts";
import { type GroupCoverage, type ProportionOptions, proportion } from "./proportion.ts";
import { type LabelSets, type Region, checkRegions, coveredFlags } from "./region.ts";

/**
 * The share of examples whose region holds their true value, in [0, 1].
 *
 * @param regions sets of labels or intervals `[n]`
 * @param truths true classes or true values `[n]`
 * @throws ConformalError E_LENGTH; E_RANGE for no examples at all; E_NAN
 */
export function coverage(regions: readonly Region[], truths: ArrayLike<number>): number {
  checkRegions("coverage", regions, truths);
  return total(coveredFlags(regions, truths)) / regions.length;
}

/**
 * The share of examples whose region holds their true value, with the exact (Clopper-Pearson) confidence interval for
 * the coverage of this calibrated predictor. `coverageInterval` asks another question: where should the share be?
 *
 * @param regions sets of labels or intervals `[n]`
 * @param truths true classes or true values `[n]`
 * @throws ConformalError E_LENGTH, E_RANGE, E_NAN, E_ALPHA for the confidence
 */
export function observedCoverage(
  regions: readonly Region[],
  truths: ArrayLike<number>,
  options: ProportionOptions = {},
): GroupCoverage {
  checkRegions("observedCoverage", regions, truths);
  const { confidence = 0.95 } = options;
  return proportion("observedCoverage", total(coveredFlags(regions, truths)), regions.length, confidence);
}

/**
 * Coverage among the rows of each true class `[classes]`.
 *
 * @param classes number of classes; labels are 0..classes-1
 * @throws ConformalError E_LENGTH, E_RANGE, E_NAN, E_ALPHA for the confidence
 */
export function coverageByClass(
  sets: LabelSets,
  labels: ArrayLike<number>,
  classes: number,
  options: ProportionOptions = {},
): GroupCoverage[] {
  const where = "coverageByClass";
  checkRegions(where, sets, labels);
  checkLabels(where, labels, classes);
  const { confidence = 0.95 } = options;
  return coverageOfGroups(where, coveredFlags(sets, labels), labels, classes, confidence);
}

/** Coverage of each of the groups 0..groups-1, from the flags of their members. */
export function coverageOfGroups(
  where: string,
  flags: Uint8Array,
  groupOf: ArrayLike<number>,
  groups: number,
  confidence: number,
): GroupCoverage[] {
  const counts = new Float64Array(groups);
  const covered = new Float64Array(groups);
  flags.forEach((flag, i) => {
    const group = groupOf[i] as number;
    counts[group] = (counts[group] as number) + 1;
    covered[group] = (covered[group] as number) + flag;
  });
  return Array.from(counts, (count, group) => proportion(where, covered[group] as number, count, confidence));
}

function total(flags: Uint8Array): number {
  let sum = 0;
  for (const flag of flags) sum += flag;
  return sum;
}
