import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { decodeNumber } from "../base/json.ts";

/** Numbers by name out of JSON, each checked when it is asked for. */
export interface Saved {
  /** The function to name in errors. */
  readonly where: string;
  has(name: string): boolean;
  /** A number without NaN. */
  number(name: string): number;
  /** A whole number of at least `least`. */
  whole(name: string, least: number): number;
  /** A list of numbers without NaN, of a length if one is given. */
  numbers(name: string, length?: number): number[];
}

/** Reads an object of numbers; E_JSON for anything else. */
export function readSaved(where: string, value: unknown, name: string): Saved {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConformalError("E_JSON", `${where}: ${name} must be an object, got ${JSON.stringify(value)}`);
  }
  const record = value as Readonly<Record<string, unknown>>;
  const number = (key: string): number => decodeNumber(where, `${name}.${key}`, record[key]);
  return {
    where,
    has: (key) => Object.hasOwn(record, key),
    number,
    whole(key, least) {
      const found = number(key);
      checkWhole(where, `${name}.${key}`, found, least);
      return found;
    },
    numbers(key, length) {
      const list = record[key];
      if (!Array.isArray(list) || (length !== undefined && list.length !== length)) {
        const wanted = length === undefined ? "a list" : `a list of ${length}`;
        throw new ConformalError("E_JSON", `${where}: ${name}.${key} must be ${wanted}`);
      }
      return list.map((entry: unknown, i) => decodeNumber(where, `${name}.${key}[${i}]`, entry));
    },
  };
}
