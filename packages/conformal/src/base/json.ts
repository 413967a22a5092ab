import { ConformalError } from "./errors.ts";

/** A number in JSON: what JSON cannot write (infinities) or would change (-0) is a string. */
export type JsonNumber = number | string;

/** Writes a number so that `decodeNumber` gives back the same bits after a trip through JSON text. */
export function encodeNumber(value: number): JsonNumber {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

/** Reads what `encodeNumber` wrote; E_JSON for anything else. */
export function decodeNumber(where: string, name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (value === "Infinity" || value === "-Infinity" || value === "-0") return Number(value);
  throw new ConformalError("E_JSON", `${where}: ${name} must be a number, got ${JSON.stringify(value)}`);
}
