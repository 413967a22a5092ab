import { checkAlpha, checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { checkGroup, compareGroups, type Group } from "../base/group.ts";
import { coverageOfGroups } from "./coverage.ts";
import type { GroupCoverage, ProportionOptions } from "./proportion.ts";
import { type Region, checkRegions, coveredFlags } from "./region.ts";

/** Coverage of a group with a name. */
export interface NamedGroupCoverage extends GroupCoverage {
  readonly group: Group;
}

/**
 * Coverage among the examples of each group, whatever the groups are: a country, a year, a true class.
 *
 * @param groups the group of each example `[n]`
 * @returns one entry for each group that occurs: numbers first and ascending, then strings in code unit order
 * @throws ConformalError E_LENGTH, E_RANGE, E_NAN, E_ALPHA for the confidence
 */
export function coverageByGroup(
  regions: readonly Region[],
  truths: ArrayLike<number>,
  groups: ArrayLike<Group>,
  options: ProportionOptions = {},
): NamedGroupCoverage[] {
  const where = "coverageByGroup";
  checkRegions(where, regions, truths);
  checkLength(where, "groups", groups.length, regions.length);
  const { confidence = 0.95 } = options;
  const all = Array.from(groups, (group, i) => checkGroup(where, group, i));
  const names = [...new Set(all)].sort(compareGroups);
  const position = new Map(names.map((name, i) => [name, i]));
  const groupOf = all.map((group) => position.get(group) as number);
  const found = coverageOfGroups(where, coveredFlags(regions, truths), groupOf, names.length, confidence);
  return found.map((entry, i) => ({ group: names[i] as Group, ...entry }));
}

/** How far groups are from the coverage that was asked for. */
export interface CoverageGap {
  /** Mean of `|coverage - (1 - alpha)|` over the groups, each counted once. */
  readonly mean: number;
  /** The largest `(1 - alpha) - coverage`: how much the worst group is short of the promise; negative if none is. */
  readonly shortfall: number;
  /** Position of the group with the least coverage. */
  readonly worst: number;
  /** Groups whose confidence interval lies below `1 - alpha`. */
  readonly below: readonly number[];
}

/**
 * The gap between the coverage of groups and the promise, as shares in [0, 1]. Groups without examples don't count. A
 * mean gap is positive even for a predictor that is exact in every group, because observed shares scatter: look at
 * `below` before you conclude.
 *
 * @param groups what `coverageByClass`, `coverageByGroup` or a stratified coverage gave
 * @throws ConformalError E_ALPHA; E_RANGE when no group has examples
 * @see Ding et al., Class-conditional conformal prediction with many classes (2023), for the mean gap over classes
 */
export function coverageGap(groups: readonly GroupCoverage[], alpha: number): CoverageGap {
  checkAlpha("coverageGap", alpha);
  let sum = 0;
  let filled = 0;
  let worst = -1;
  const below: number[] = [];
  groups.forEach(({ count, coverage, upper }, i) => {
    if (count === 0) return;
    filled++;
    sum += Math.abs(coverage - (1 - alpha));
    if (worst < 0 || coverage < (groups[worst] as GroupCoverage).coverage) worst = i;
    if (upper < 1 - alpha) below.push(i);
  });
  if (worst < 0) throw new ConformalError("E_RANGE", "coverageGap: needs at least one group with examples");
  return { mean: sum / filled, shortfall: 1 - alpha - (groups[worst] as GroupCoverage).coverage, worst, below };
}
