import { readFileSync } from "node:fs";

const words: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity, "-0": -0 };

/** A JSON fixture in which numbers that JSON cannot write stand as strings. */
export function readGolden<T>(url: URL): T {
  return JSON.parse(readFileSync(url, "utf8"), (_key, value: unknown) =>
    typeof value === "string" && value in words ? words[value] : value,
  ) as T;
}
