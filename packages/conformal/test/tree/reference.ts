import { readFileSync } from "node:fs";

/** Exact rationals and exhaustive search in Python; `fixtures/tree/make.py` wrote them. */
export const reference = JSON.parse(
  readFileSync(new URL("../fixtures/tree/reference.json", import.meta.url), "utf8"),
) as {
  readonly tails: { n: number; eps: number; delta: number; k: number | null }[];
  readonly prunings: {
    parents: number[];
    costs: number[];
    budget: number;
    maxHoles: number;
    count: number;
    cost: number;
  }[];
};
