import { readFileSync } from "node:fs";

type Encoded = (number | "Infinity" | "-Infinity")[];

/** Thresholds by a separate NumPy implementation; `fixtures/online/make.py` wrote them. */
export const fixture = JSON.parse(readFileSync(new URL("../fixtures/online/online.json", import.meta.url), "utf8")) as {
  start: number[];
  stream: number[];
  dtAciLevels: number[];
} & Record<string, Encoded>;

export function thresholdsOf(name: string): number[] {
  return (fixture[name] as Encoded).map(Number);
}
