import { ConformalError } from "../base/errors.ts";

/** Which ends of a batch statistic are bounded. `"both"` spends `alpha / 2` on either. */
export type Side = "upper" | "lower" | "both";

/** Why a bound is the end of the range of scores: no calibration score (or mean of some) serves at this level. */
export type BatchReason = "too-few-calibration";

/** What every bound on a batch statistic has. */
export interface BatchBound {
  /** The statistic is at least this. Absent for `side: "upper"`. */
  readonly lower?: number;
  /** The statistic is at most this. Absent for `side: "lower"`. */
  readonly upper?: number;
  /**
   * Probability of the accepted rank vectors, at least `1 - alpha`: the statement holds with at least this probability,
   * over calibration and test points together.
   */
  readonly level: number;
  /** Are all the ends asked for finite? */
  readonly finite: boolean;
  /** Set when an end is `sMin` or `sMax` because there is too little calibration data for the level. */
  readonly reason?: BatchReason;
  readonly guarantee: "batch";
}

/** Throws E_RANGE for anything but a side. */
export function checkSide(where: string, side: unknown): asserts side is Side {
  if (side !== "upper" && side !== "lower" && side !== "both") {
    throw new ConformalError("E_RANGE", `${where}: side must be "upper", "lower" or "both", got ${String(side)}`);
  }
}

/** The allowed miscoverage of each end. */
export function alphaOfEnd(side: Side, alpha: number): number {
  return side === "both" ? alpha / 2 : alpha;
}

/** What all results share; `trivial` says that an end is the end of the range for want of data. */
export function boundOf(
  ends: { readonly lower?: number; readonly upper?: number },
  level: number,
  trivial: boolean,
): BatchBound {
  const { lower, upper } = ends;
  return {
    ...(lower === undefined ? {} : { lower }),
    ...(upper === undefined ? {} : { upper }),
    level: Math.min(1, level),
    finite: Number.isFinite(lower ?? 0) && Number.isFinite(upper ?? 0),
    ...(trivial ? { reason: "too-few-calibration" } : {}),
    guarantee: "batch",
  };
}
