import type { Rule } from "../../src/rules/rule.ts";

/** Corrected probabilities by the definition: a sum over all assignments. */
export function byEnumeration(concepts: readonly string[], rules: readonly Rule[], p: ArrayLike<number>): number[] {
  const n = concepts.length;
  const on = new Array<number>(n).fill(0);
  let total = 0;
  for (let world = 0; world < 2 ** n; world++) {
    const holds = (name: string): boolean => ((world >> concepts.indexOf(name)) & 1) === 1;
    let mass = 1;
    for (let k = 0; k < n; k++) mass *= (world >> k) & 1 ? (p[k] as number) : 1 - (p[k] as number);
    for (const { if: body, then, weight } of rules) {
      const satisfied = holds(then) || ![body].flat().every((name) => holds(name));
      if (weight > 0 && !satisfied) mass *= Math.exp(-weight);
      if (weight < 0 && satisfied) mass *= Math.exp(weight);
    }
    total += mass;
    for (let k = 0; k < n; k++) if ((world >> k) & 1) on[k] = (on[k] as number) + mass;
  }
  return on.map((mass) => mass / total);
}

/** The range of corrected probabilities over the vertices of a box. */
export function rangeByEnumeration(
  concepts: readonly string[],
  rules: readonly Rule[],
  lower: readonly number[],
  upper: readonly number[],
): { low: number[]; high: number[] } {
  const low = concepts.map(() => 1);
  const high = concepts.map(() => 0);
  for (let vertex = 0; vertex < 2 ** concepts.length; vertex++) {
    const p = lower.map((value, k) => ((vertex >> k) & 1 ? (upper[k] as number) : value));
    byEnumeration(concepts, rules, p).forEach((value, k) => {
      low[k] = Math.min(low[k] as number, value);
      high[k] = Math.max(high[k] as number, value);
    });
  }
  return { low, high };
}
