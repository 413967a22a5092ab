import { checkWhole } from "../base/checks.ts";
import { decodeNumber } from "../base/json.ts";
import { readNumbers, readRecord } from "../base/savedRecord.ts";

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
  const record = readRecord(where, name, value);
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
    numbers: (key, length) => [...readNumbers(where, `${name}.${key}`, record[key], length)],
  };
}
