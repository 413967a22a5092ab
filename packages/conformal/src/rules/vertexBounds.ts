import type { Component } from "./components.ts";
import { type Interval, oddsInterval } from "./oddsInterval.ts";
import { logFactor } from "./rule.ts";

/** Half a unit in the last place of 1: the relative error of one operation. */
const UNIT = 2 ** -53;
/** Above the sum of all that underflow can add or take away: each operation at most 2^-1074, at most 2^20 of them. */
const UNDERFLOW = 2 ** -1040;

/** The factor F of every assignment of a component `[2 ^ size]`; bit k of a position is concept k. */
export function factorTable({ concepts, rules }: Component): Float64Array {
  const table = new Float64Array(2 ** concepts.length).fill(1);
  for (const rule of rules) {
    for (let position = 0; position < table.length; position++) {
      // A product of exponentials, not one of a sum, whose rounding would grow with the weights.
      const holds = (concept: number): boolean => ((position >>> concept) & 1) === 1;
      table[position] = (table[position] as number) * Math.exp(logFactor(rule, holds));
    }
  }
  return table;
}

/**
 * The exact range of every corrected probability over a box. With the others fixed, the odds of a concept are a
 * quotient of two functions linear in any one probability, so monotone in it, and the extremes are at vertices. All
 * 2^k vertices are visited at once: replacing the two assignments of a concept by the two ends of its interval turns
 * the table of factors into the table of expectations at vertices, and concept j needs all replaced but itself. Half of
 * the concepts are replaced on the way to the other half, which takes `k log(k) 2^k` steps for all k concepts.
 *
 * Sums and products of numbers >= 0 have a small relative error, by which the range is widened.
 *
 * @param factors `factorTable` of the component, not modified
 * @returns undefined for a concept on which no point of the box has an answer
 */
export function vertexBounds(
  component: Component,
  factors: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
): (Interval | undefined)[] {
  const size = component.concepts.length;
  const slack = mayUnderflow(component, lower, upper) ? UNDERFLOW : 0;
  const margin = 16 * (size + component.rules.length + 2) * UNIT;
  const bounds: (Interval | undefined)[] = [];
  const copies: Float64Array[] = [];
  const visit = (table: Float64Array, rest: readonly number[], depth: number): void => {
    if (rest.length === 1) {
      const j = rest[0] as number;
      const { lowest, highest } = ratioRange(table, j, slack);
      bounds[j] =
        lowest <= highest ? oddsInterval(lower[j] as number, upper[j] as number, lowest, highest, margin) : undefined;
      return;
    }
    const half = rest.length >>> 1;
    for (const [replaced, kept] of [
      [rest.slice(half), rest.slice(0, half)],
      [rest.slice(0, half), rest.slice(half)],
    ] as const) {
      copies[depth] ??= new Float64Array(table.length);
      const copy = copies[depth] as Float64Array;
      copy.set(table);
      for (const k of replaced) toVertices(copy, k, lower[k] as number, upper[k] as number);
      visit(copy, kept, depth + 1);
    }
  };
  const all = component.concepts.map((_, k) => k);
  visit(factors, all, 0);
  return bounds;
}

/** Replaces bit k: from "off, on" to "probability at its lower end, at its upper end". */
function toVertices(table: Float64Array, k: number, low: number, high: number): void {
  const step = 2 ** k;
  for (let block = 0; block < table.length; block += 2 * step) {
    for (let p = block; p < block + step; p++) {
      const off = table[p] as number;
      const on = table[p + step] as number;
      table[p] = (1 - low) * off + low * on;
      table[p + step] = (1 - high) * off + high * on;
    }
  }
}

/** The range of A(1)/A(0) over the vertices of the other concepts; vertices that forbid both values have none. */
function ratioRange(table: Float64Array, j: number, slack: number): { lowest: number; highest: number } {
  const step = 2 ** j;
  let lowest = Infinity;
  let highest = -Infinity;
  for (let block = 0; block < table.length; block += 2 * step) {
    for (let p = block; p < block + step; p++) {
      const off = table[p] as number;
      const on = table[p + step] as number;
      if (off === 0 && on === 0 && slack === 0) continue;
      const least = Math.max(0, on - slack) / (off + slack);
      const most = (on + slack) / Math.max(0, off - slack);
      if (least < lowest) lowest = least;
      if (most > highest) highest = most;
    }
  }
  return { lowest, highest };
}

/** Could a product of positive factors and probabilities leave the range of doubles with full precision? */
function mayUnderflow({ rules }: Component, lower: Float64Array, upper: Float64Array): boolean {
  let log = 0;
  for (const { weight } of rules) if (Number.isFinite(weight)) log -= Math.abs(weight);
  for (let k = 0; k < lower.length; k++) {
    const ends = [lower[k] as number, 1 - (lower[k] as number), upper[k] as number, 1 - (upper[k] as number)];
    log += Math.log(Math.min(...ends.filter((p) => p > 0)));
  }
  return log < -690;
}
