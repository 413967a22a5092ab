import { ConformalError } from "../base/errors.ts";

/** The fields of a saved object of the given kind, version 1; E_JSON for anything else. */
export function savedRecord(where: string, json: unknown, kind: string): Readonly<Record<string, unknown>> {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    const saved = json as Record<string, unknown>;
    if (saved["kind"] === kind && saved["version"] === 1) return saved;
    const found = `${JSON.stringify(saved["kind"])}, version ${JSON.stringify(saved["version"])}`;
    throw new ConformalError("E_JSON", `${where}: expected ${kind}, version 1, got ${found}`);
  }
  throw new ConformalError("E_JSON", `${where}: expected an object, got ${JSON.stringify(json)}`);
}

/** A field that must be a list. */
export function savedList(where: string, saved: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const value = saved[name];
  if (Array.isArray(value)) return value;
  throw new ConformalError("E_JSON", `${where}: ${name} must be a list, got ${JSON.stringify(value)}`);
}
