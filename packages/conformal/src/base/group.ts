import { ConformalError } from "./errors.ts";

/** Name of a group of points, such as a region or a kind of customer. `1` and `"1"` are different groups. */
export type Group = string | number;

/** The group itself; E_RANGE (E_NAN for NaN) unless it is a string or a finite number. */
export function checkGroup(where: string, group: unknown, index?: number): Group {
  if (typeof group === "string" || (typeof group === "number" && Number.isFinite(group))) return group;
  const code = Number.isNaN(group) ? "E_NAN" : "E_RANGE";
  const name = index === undefined ? "the group" : `groups[${index}]`;
  const found = typeof group === "number" ? String(group) : typeof group;
  const message = `${where}: ${name} must be a string or a finite number, got ${found}`;
  throw new ConformalError(code, message, index);
}

/** The order in which groups are listed: numbers first and ascending, then strings by code unit. */
export function compareGroups(a: Group, b: Group): number {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
