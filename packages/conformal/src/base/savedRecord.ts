import { ConformalError } from "./errors.ts";
import { type JsonNumber, decodeNumber, encodeNumber } from "./json.ts";

/** An object read from JSON whose fields are still to be checked. */
export type SavedRecord = Readonly<Record<string, unknown>>;

/** `value` as an object with fields; E_JSON for anything else. */
export function readRecord(where: string, name: string, value: unknown): SavedRecord {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as SavedRecord;
  throw new ConformalError("E_JSON", `${where}: ${name} must be an object, got ${JSON.stringify(value)}`);
}

/** `value` as an object that says it is of the given kind, in version 1; E_JSON for anything else. */
export function readKind(where: string, value: unknown, kind: string): SavedRecord {
  const saved = readRecord(where, "the saved object", value);
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

/** Writes numbers so that `readNumbers` gives back the same bits after a trip through JSON text. */
export function encodeNumbers(values: ArrayLike<number>): JsonNumber[] {
  return Array.from(values, encodeNumber);
}

/** Reads what `encodeNumbers` wrote, of a given length where one is given; E_JSON for anything else. */
export function readNumbers(where: string, name: string, value: unknown, length?: number): Float64Array {
  const list = readList(where, name, value, length);
  return Float64Array.from(list, (entry, i) => decodeNumber(where, `${name}[${i}]`, entry));
}

/** `value` as an array, of a given length where one is given, of unchecked elements; E_JSON for anything else. */
export function readList(where: string, name: string, value: unknown, length?: number): readonly unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value as readonly unknown[];
  throw new ConformalError("E_JSON", `${where}: ${name} must be a list${length === undefined ? "" : ` of ${length}`}`);
}

/** E_JSON unless the numbers never fall. */
export function checkAscending(where: string, name: string, values: ArrayLike<number>): void {
  for (let i = 1; i < values.length; i++) {
    if (!((values[i - 1] as number) <= (values[i] as number))) {
      throw new ConformalError("E_JSON", `${where}: ${name} must be in ascending order`, i);
    }
  }
}
