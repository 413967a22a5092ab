import type { Group } from "../base/group.ts";
import { uniformStream } from "../base/random.ts";

/** Options of `subsampleOnePerGroup`. */
export interface SubsampleOnePerGroupOptions {
  /** Seed, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/**
 * Positions of one uniformly chosen point of every group, in the order in which groups first turn up. Points of one
 * group (visits of a patient, frames of a video) are not exchangeable with those of another; one from each is, when the
 * groups are, and batch methods then hold for test points that are one from each new group.
 *
 * @param groups name of the group of each point
 * @throws ConformalError E_RANGE for the seed
 */
export function subsampleOnePerGroup(groups: readonly Group[], options: SubsampleOnePerGroupOptions = {}): number[] {
  const uniform = uniformStream(options.seed ?? 0);
  const members = new Map<Group, number[]>();
  for (const [i, group] of groups.entries()) {
    const found = members.get(group);
    if (found === undefined) members.set(group, [i]);
    else found.push(i);
  }
  return [...members.values()].map((of) => of[Math.floor(uniform() * of.length)] as number);
}
