import { conformalRank } from "../../quantile/rank.ts";
import { everything, type FullConformalRegion, regionOf } from "./region.ts";

/**
 * Scores that are `|a[i] + b[i] t|` as a function of one number t that stands for the value tried at the test point,
 * whose own score is `|own t + offset|`.
 */
export interface LinearScores {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly own: number;
  readonly offset: number;
}

/**
 * The exact full conformal set: all t for which at least `n + 1 - k` of the n scores reach the test point's own, k being
 * the conformal rank (its p-value then exceeds alpha). Each score does so on an interval, on two rays, everywhere or
 * nowhere, so the set is read off the sorted ends of all of them: `O(n log n)`.
 *
 * @param toValue the value that t stands for, a rising function
 * @param slack how far ends are moved outward, in units of the value, against rounding: a tie at an end is covered
 * @see Nouretdinov, Melluish, Vovk, Ridge regression confidence machine (2001)
 */
export function linearRegion(
  { a, b, own, offset }: LinearScores,
  alpha: number,
  toValue: (t: number) => number,
  slack: number,
): FullConformalRegion {
  const n = a.length;
  const rank = conformalRank(n, alpha);
  const level = rank / (n + 1);
  const needed = n + 1 - rank;
  if (needed === 0) return everything(1);
  const starts: number[] = [];
  const stops: number[] = [];
  for (let i = 0; i < n; i++) {
    // |a + b t| >= |own t + offset| exactly where the product of sum and difference is not negative.
    const ai = a[i] as number;
    const bi = b[i] as number;
    for (const [lower, upper] of notNegative(ai - offset, bi - own, ai + offset, bi + own)) {
      const from = lower === -Infinity ? lower : toValue(lower);
      const to = upper === Infinity ? upper : toValue(upper);
      const start = from - Math.max(slack, Math.abs(from) * 2 ** -50);
      const stop = to + Math.max(slack, Math.abs(to) * 2 ** -50);
      // Beyond the range of doubles an end is not known: it excludes nothing.
      starts.push(Number.isNaN(start) ? -Infinity : start);
      stops.push(Number.isNaN(stop) ? Infinity : stop);
    }
  }
  return regionOf(coveredAtLeast(Float64Array.from(starts), Float64Array.from(stops), needed), level, false);
}

/** The closed intervals where `(u + v t)(w + x t) >= 0`. */
function notNegative(u: number, v: number, w: number, x: number): readonly (readonly [number, number])[] {
  const line = [[-Infinity, Infinity]] as const;
  // Numbers that left the range of doubles exclude nothing.
  if (Number.isNaN(u) || Number.isNaN(w) || !Number.isFinite(v) || !Number.isFinite(x)) return line;
  if (v === 0 && x === 0) return u === 0 || w === 0 || u > 0 === w > 0 ? line : [];
  if (v === 0 || x === 0) {
    const [constant, intercept, slope] = v === 0 ? [u, w, x] : [w, u, v];
    if (constant === 0) return line;
    const root = -intercept / slope;
    return constant > 0 === slope > 0 ? [[root, Infinity]] : [[-Infinity, root]];
  }
  const low = Math.min(-u / v, -w / x);
  const high = Math.max(-u / v, -w / x);
  if (v > 0 !== x > 0) return [[low, high]];
  // Two rays that meet are the whole line, once and not twice.
  if (low === high) return line;
  return [
    [-Infinity, low],
    [high, Infinity],
  ];
}

/** The maximal closed intervals that at least `needed` of the given ones cover. */
export function coveredAtLeast(
  starts: Float64Array,
  stops: Float64Array,
  needed: number,
): { lower: number; upper: number }[] {
  starts.sort();
  stops.sort();
  const found: { lower: number; upper: number }[] = [];
  let depth = 0;
  let lower = 0;
  let opened = 0;
  for (let closed = 0; closed < stops.length; closed++) {
    const stop = stops[closed] as number;
    // Intervals are closed: those that start at a point count there together with those that end there.
    while (opened < starts.length && (starts[opened] as number) <= stop) {
      depth++;
      if (depth === needed) lower = starts[opened] as number;
      opened++;
    }
    if (depth === needed) push(found, lower, stop);
    depth--;
  }
  return found;
}

function push(found: { lower: number; upper: number }[], lower: number, upper: number): void {
  const last = found.at(-1);
  if (last !== undefined && lower <= last.upper) last.upper = upper;
  else found.push({ lower, upper });
}
