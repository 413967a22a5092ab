import { ConformalError } from "../base/errors.ts";
import { decodeNumber } from "../base/json.ts";

/** Plain data that was read from JSON text. */
export type SavedRecord = Readonly<Record<string, unknown>>;

/** The value as a record; E_JSON for anything else. */
export function readObject(where: string, name: string, value: unknown): SavedRecord {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as SavedRecord;
  throw new ConformalError("E_JSON", `${where}: ${name} must be an object, got ${JSON.stringify(value)}`);
}

/** A saved object of the given kind in version 1; E_JSON for anything else. */
export function readKind(where: string, json: unknown, kind: string): SavedRecord {
  const saved = readObject(where, "the saved predictor", json);
  if (saved["kind"] === kind && saved["version"] === 1) return saved;
  const found = `${JSON.stringify(saved["kind"])}, version ${JSON.stringify(saved["version"])}`;
  throw new ConformalError("E_JSON", `${where}: expected ${kind}, version 1, got ${found}`);
}

/** A member that is true or false; E_JSON for anything else. */
export function readFlag(where: string, saved: SavedRecord, name: string): boolean {
  const value = saved[name];
  if (typeof value === "boolean") return value;
  throw new ConformalError("E_JSON", `${where}: ${name} must be true or false, got ${JSON.stringify(value)}`);
}

/** A member that is a list, of a given length where one is given; E_JSON for anything else. */
export function readList(where: string, name: string, value: unknown, length?: number): readonly unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  throw new ConformalError("E_JSON", `${where}: ${name} must be a list${length === undefined ? "" : ` of ${length}`}`);
}

/** A list of numbers as `encodeNumber` writes them; E_JSON for anything else. */
export function readNumbers(where: string, name: string, value: unknown, length?: number): Float64Array {
  return Float64Array.from(readList(where, name, value, length), (entry, i) =>
    decodeNumber(where, `${name}[${i}]`, entry),
  );
}
