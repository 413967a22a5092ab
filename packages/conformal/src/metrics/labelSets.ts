import { checkLabels, checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";

/** Sets of labels, as `predictSets` gives them. */
export type LabelSets = readonly { readonly labels: readonly number[] }[];

/** How often the true label was in the set, within one group of rows. */
export interface GroupCoverage {
  /** Rows in the group. */
  readonly count: number;
  /** Rows of the group whose set holds their label. */
  readonly covered: number;
  /** `covered / count`; NaN for a group without rows. */
  readonly coverage: number;
}

/**
 * The share of rows whose set holds their true label, in [0, 1].
 *
 * @param labels true classes, one for each set
 * @throws ConformalError E_LENGTH; E_RANGE for no rows at all
 */
export function coverage(sets: LabelSets, labels: ArrayLike<number>): number {
  checkRows("coverage", sets, labels);
  return countCovered(sets, labels) / sets.length;
}

/**
 * Coverage among the rows of each true class `[classes]`.
 *
 * @param classes number of classes; labels are 0..classes-1
 * @throws ConformalError E_LENGTH, E_RANGE
 */
export function coverageByClass(sets: LabelSets, labels: ArrayLike<number>, classes: number): GroupCoverage[] {
  checkRows("coverageByClass", sets, labels);
  checkLabels("coverageByClass", labels, classes);
  return groupCoverage(sets, labels, classes, (i) => labels[i] as number);
}

/**
 * Coverage among the sets of each size: entry s is for the sets with s labels, up to the largest size there is. A low
 * entry shows rows for which the average hides undercoverage (Angelopoulos et al., Uncertainty sets for image
 * classifiers using conformal prediction, 2021, whose criterion is the minimum over the sizes).
 *
 * @throws ConformalError E_LENGTH; E_RANGE for no rows at all
 */
export function sizeStratifiedCoverage(sets: LabelSets, labels: ArrayLike<number>): GroupCoverage[] {
  checkRows("sizeStratifiedCoverage", sets, labels);
  return groupCoverage(sets, labels, setSizes(sets).length, (i) => (sets[i] as LabelSets[number]).labels.length);
}

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
  if (sets.length === 0) throw new ConformalError("E_RANGE", "meanSetSize: needs at least one set, got none");
  let labels = 0;
  for (const set of sets) labels += set.labels.length;
  return labels / sets.length;
}

function groupCoverage(
  sets: LabelSets,
  labels: ArrayLike<number>,
  groups: number,
  groupOf: (index: number) => number,
): GroupCoverage[] {
  const members: number[][] = Array.from({ length: groups }, () => []);
  for (let i = 0; i < sets.length; i++) (members[groupOf(i)] as number[]).push(i);
  return members.map((rows) => {
    const covered = countCovered(
      rows.map((i) => sets[i] as LabelSets[number]),
      rows.map((i) => labels[i] as number),
    );
    return { count: rows.length, covered, coverage: covered / rows.length };
  });
}

function countCovered(sets: LabelSets, labels: ArrayLike<number>): number {
  let covered = 0;
  sets.forEach((set, i) => {
    if (set.labels.includes(labels[i] as number)) covered++;
  });
  return covered;
}

function checkRows(where: string, sets: LabelSets, labels: ArrayLike<number>): void {
  checkLength(where, "labels", labels.length, sets.length);
  if (sets.length === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one set, got none`);
}
