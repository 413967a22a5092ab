/**
 * Why a region is not a bounded set.
 *
 * - `too-few-calibration`: no point can be excluded at this alpha with so few points.
 * - `unbounded`: far away the test point never becomes the strangest one, as when other points' residuals grow with it
 *   as fast as its own.
 */
export type FullConformalReason = "too-few-calibration" | "unbounded";

/** A set of values: a union of intervals, ends included. */
export interface FullConformalRegion {
  /** In ascending order, apart from each other; infinite ends are possible. */
  readonly intervals: readonly { readonly lower: number; readonly upper: number }[];
  /** The ends of the whole; `Infinity` and `-Infinity` (crossed) for the empty set. */
  readonly lower: number;
  readonly upper: number;
  readonly finite: boolean;
  readonly empty: boolean;
  /** The attained level: `k / (n + 1)` with k the conformal rank; coverage is at least this. */
  readonly level: number;
  readonly reason?: FullConformalReason;
  /** Is a value in the set? */
  contains(y: number): boolean;
}

/** The region of the given intervals, which are in ascending order and apart. */
export function regionOf(
  intervals: readonly { readonly lower: number; readonly upper: number }[],
  level: number,
  tooFew: boolean,
): FullConformalRegion {
  const lower = intervals[0]?.lower ?? Infinity;
  const upper = intervals.at(-1)?.upper ?? -Infinity;
  const empty = intervals.length === 0;
  const finite = empty || (Number.isFinite(lower) && Number.isFinite(upper));
  const region = {
    intervals: Object.freeze(intervals.map((interval) => Object.freeze({ ...interval }))),
    lower,
    upper,
    finite,
    empty,
    level,
    contains: (y: number): boolean => intervals.some((interval) => interval.lower <= y && y <= interval.upper),
  };
  if (finite) return Object.freeze(region);
  return Object.freeze({ ...region, reason: tooFew ? "too-few-calibration" : "unbounded" });
}

/** The whole line, where nothing can be excluded. */
export function everything(level: number): FullConformalRegion {
  return regionOf([{ lower: -Infinity, upper: Infinity }], level, true);
}
