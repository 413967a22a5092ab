import { checkOpenShare, checkShare, checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import type { UnitGroup } from "./unitGroups.ts";

/** How many units go. */
export interface UnitCountOptions {
  /** Share of the units to remove, in [0, 1]: of every group, or by name of group (others stay whole). */
  readonly ratio?: number | Readonly<Record<string, number>>;
  /** Number of units to keep, by name of group; comes before `ratio`, and is taken as it is. */
  readonly keep?: Readonly<Record<string, number>>;
  /** `"layer"` removes the share from every group, `"global"` from all units together. Default `"layer"`. */
  readonly scope?: "layer" | "global";
  /**
   * Kept units of a group that loses any are a multiple of this: rounded up, or down where there are not as many. A group with
   * fewer units stays whole. Default 1.
   */
  readonly roundTo?: number;
  /** Units that every group keeps at least, >= 1. Default 1. */
  readonly minUnits?: number;
  /** Largest share that a group may lose, in (0, 1] (before rounding to multiples). Default 1. */
  readonly maxRatio?: number;
}

/** Throws for options that are out of range, or that name groups that do not exist. */
export function checkUnitCounts(where: string, options: UnitCountOptions, groups: readonly UnitGroup[]): void {
  const { ratio, keep = {}, roundTo = 1, minUnits = 1, maxRatio = 1 } = options;
  if (ratio === undefined && options.keep === undefined) {
    throw new LotteryError("E_OPTION", `${where}: give a ratio, or keep with numbers of units`);
  }
  const named = typeof ratio === "object" ? ratio : {};
  if (typeof ratio === "number") checkShare(where, "ratio", ratio);
  for (const [name, share] of Object.entries(named)) checkShare(where, `ratio of ${name}`, share);
  checkWhole(where, "roundTo", roundTo, 1);
  checkWhole(where, "minUnits", minUnits, 1);
  if (maxRatio !== 1) checkOpenShare(where, "maxRatio", maxRatio);
  const sizes = new Map(groups.map(({ name, units }) => [name, units]));
  for (const name of [...Object.keys(named), ...Object.keys(keep)]) {
    if (sizes.has(name)) continue;
    const message = `${where}: there is no group ${name}; groups are ${[...sizes.keys()].join(", ")}`;
    throw new LotteryError("E_OPTION", message, { tensor: name });
  }
  for (const [name, count] of Object.entries(keep)) {
    checkWhole(where, `keep of ${name}`, count, 1);
    const size = sizes.get(name) as number;
    if (count <= size) continue;
    throw new LotteryError("E_OPTION", `${where}: keep of ${name} is ${count}, the group has ${size} units`, {
      tensor: name,
    });
  }
}

/** For every group the places of the units that go, rising. The smallest scores go first, ties by the earlier unit. */
export function chooseUnits(
  groups: readonly UnitGroup[],
  scores: readonly ArrayLike<number>[],
  { ratio, keep = {}, scope = "layer", roundTo = 1, minUnits = 1, maxRatio = 1 }: UnitCountOptions,
): number[][] {
  const shareOf = ({ name }: UnitGroup): number => (typeof ratio === "number" ? ratio : (ratio?.[name] ?? 0));
  const isFixed = ({ name }: UnitGroup): boolean => Object.hasOwn(keep, name);
  const limits = groups.map(({ units }) => Math.max(0, Math.min(Math.floor(maxRatio * units), units - minUnits)));
  const orders = scores.map((own) =>
    Array.from(own, (_, i) => i).sort((a, b) => (own[a] as number) - (own[b] as number) || a - b),
  );
  const open = groups.map((group, i) => (isFixed(group) ? 0 : (limits[i] as number)));
  const lost =
    scope === "layer"
      ? groups.map((group, i) => Math.min(Math.floor(shareOf(group) * group.units + 0.5), open[i] as number))
      : lostTogether(groups, scores, orders, open, shareOf);
  return groups.map((group, i) => {
    const kept = isFixed(group)
      ? (keep[group.name] as number)
      : roundKept(group.units - (lost[i] as number), group.units, roundTo, minUnits);
    return (orders[i] as number[]).slice(0, group.units - kept).sort((a, b) => a - b);
  });
}

/** Counts when units of all groups are ranked together; a group at its limit is passed over. */
function lostTogether(
  groups: readonly UnitGroup[],
  scores: readonly ArrayLike<number>[],
  orders: readonly (readonly number[])[],
  limits: readonly number[],
  shareOf: (group: UnitGroup) => number,
): number[] {
  const wanted = groups.reduce((sum, group) => sum + shareOf(group) * group.units, 0);
  const ranked = orders
    .flatMap((order, group) => order.map((unit) => ({ group, score: scores[group]?.[unit] as number })))
    .sort((a, b) => a.score - b.score || a.group - b.group);
  const lost = groups.map(() => 0);
  let left = Math.floor(wanted + 0.5);
  for (const { group } of ranked) {
    if (left === 0) break;
    if (lost[group] === limits[group] || shareOf(groups[group] as UnitGroup) === 0) continue;
    lost[group] = (lost[group] as number) + 1;
    left--;
  }
  return lost;
}

function roundKept(kept: number, units: number, roundTo: number, minUnits: number): number {
  if (kept === units) return units;
  const up = Math.ceil(kept / roundTo) * roundTo;
  if (up <= units) return up;
  const down = Math.floor(units / roundTo) * roundTo;
  return down >= minUnits && down > 0 ? down : units;
}
