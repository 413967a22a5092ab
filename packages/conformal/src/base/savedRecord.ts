import { ConformalError } from "./errors.ts";
import { type JsonNumber, decodeNumber, encodeNumber } from "./json.ts";

/** An object read from JSON whose fields are still to be checked. */
export type SavedRecord = Readonly<Record<string, unknown>>;

/** `value` as an object with fields; E_JSON for anything else. */
export function readRecord(where: string, name: string, value: unknown): SavedRecord {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as SavedRecord;
  throw new ConformalError("E_JSON", `${where}: ${name} must be an object, got ${JSON.stringify(value)}`);
}

/** `value` as an object that says it is of the given kind and version; E_JSON for anything else. */
export function readKind(where: string, value: unknown, kind: string, version: number): SavedRecord {
  const saved = readRecord(where, "the saved object", value);
  if (saved["kind"] === kind && saved["version"] === version) return saved;
  const found = `${JSON.stringify(saved["kind"])}, version ${JSON.stringify(saved["version"])}`;
  throw new ConformalError("E_JSON", `${where}: expected ${kind}, version ${version}, got ${found}`);
}

/** Writes numbers so that `readNumbers` gives back the same bits after a trip through JSON text. */
export function encodeNumbers(values: ArrayLike<number>): JsonNumber[] {
  return Array.from(values, encodeNumber);
}

/** Reads what `encodeNumbers` wrote; E_JSON for anything else. */
export function readNumbers(where: string, name: string, value: unknown): Float64Array {
  return Float64Array.from(readList(where, name, value), (entry, i) => decodeNumber(where, `${name}[${i}]`, entry));
}

/** `value` as an array whose elements are still to be checked; E_JSON for anything else. */
export function readList(where: string, name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new ConformalError("E_JSON", `${where}: ${name} must be a list, got ${JSON.stringify(value)}`);
}

/** E_JSON unless the numbers never fall. */
export function checkAscending(where: string, name: string, values: ArrayLike<number>): void {
  for (let i = 1; i < values.length; i++) {
    if (!((values[i - 1] as number) <= (values[i] as number))) {
      throw new ConformalError("E_JSON", `${where}: ${name} must be in ascending order`, i);
    }
  }
}
