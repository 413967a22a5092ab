import { checkAlpha, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import type { Scores } from "../quantile/quantile.ts";
import { allowedCount, ratio } from "./allowance.ts";
import { alphaOfEnd, type BatchBound, boundOf, checkSide, type Side } from "./bound.ts";
import { type Cell, compositionTable } from "./compositionTable.ts";
import type { RankOrdering } from "./rankOrderings.ts";
import type { ScoreStatistic } from "./scoreStatistics.ts";
import { type ScoreRange, sortedScores } from "./sortedScores.ts";
import { checkSizes } from "./sumLaw.ts";

/** Options of `compositionalBound`. */
export interface CompositionalBoundOptions extends ScoreRange {
  /** Calibration scores, all finite, in any order; not modified. */
  readonly calibration: Scores;
  /** Size of the batch, >= 1. */
  readonly m: number;
  /** Allowed miscoverage, strictly between 0 and 1. */
  readonly alpha: number;
  /** The statistic to bound: one of `scoreStatistics`, or your own. */
  readonly phi: ScoreStatistic;
  /**
   * In which order rank vectors are accepted: one of `rankOrderings`, or your own. Any choice is valid that was made
   * without looking at the scores; one that resembles the statistic gives tight bounds.
   */
  readonly psi: RankOrdering;
  /** Default `"upper"`. */
  readonly side?: Side;
  /** Most different values that `psi` may take at one position. Default 100,000. */
  readonly maxStates?: number;
}

/**
 * Bounds any statistic of the next m scores that is built up score by score, nondecreasing in each of them: weighted
 * sums of the largest scores, counts, sums of clipped scores. Dynamic programming over the values of `psi` counts the
 * rank vectors exactly and finds the extreme values of the statistic over the accepted ones: `O(n m V)` for V values.
 *
 * @throws ConformalError E_ALPHA, E_NAN, E_MONOTONE where `phi` falls as a score rises, E_RANGE (also for an infinite
 *   score, and for more than `maxStates` values of `psi`)
 * @see Lee, Tchetgen Tchetgen, Dobriban, Batch predictive inference (arXiv 2409.13990), for the idea. Unlike there, the
 *   statistic sees the scores in ascending order, so that it may weigh them by position.
 */
export function compositionalBound(options: CompositionalBoundOptions): BatchBound {
  const { calibration, m, alpha, phi, psi, side = "upper", maxStates = 100_000 } = options;
  const where = "compositionalBound";
  checkAlpha(where, alpha);
  checkSizes(where, 0, m);
  checkSide(where, side);
  checkWhole(where, "maxStates", maxStates, 1);
  const sorted = sortedScores(where, calibration, options);
  const index = calibration.findIndex((score) => !Number.isFinite(score));
  if (index >= 0) throw new ConformalError("E_RANGE", `${where}: calibration[${index}] must be finite`, index);
  const ascending = compositionTable(where, sorted, { m, phi, psi, maxStates });
  const total = ascending.reduce((sum, cell) => sum + cell.count, 0n);
  const allowed = allowedCount(total, alphaOfEnd(side, alpha));
  let lost = 0n;
  const ends: { lower?: number; upper?: number } = {};
  if (side !== "upper") {
    const { kept, left } = keep(ascending.toReversed(), allowed);
    ends.lower = kept.reduce((least, cell) => Math.min(least, cell.least), Infinity);
    if (ends.lower !== -Infinity) lost += left;
  }
  if (side !== "lower") {
    const { kept, left } = keep(ascending, allowed);
    ends.upper = kept.reduce((most, cell) => Math.max(most, cell.most), -Infinity);
    if (ends.upper !== Infinity) lost += left;
  }
  const unbounded = ends.lower === -Infinity || ends.upper === Infinity;
  return Object.freeze(boundOf(ends, 1 - ratio(lost, total), unbounded || calibration.length === 0));
}

/** The fewest first cells that leave at most `allowed` vectors to the others. */
function keep(cells: readonly Cell[], allowed: bigint): { readonly kept: readonly Cell[]; readonly left: bigint } {
  let left = 0n;
  let size = cells.length;
  while (size > 1 && left + (cells[size - 1] as Cell).count <= allowed) left += (cells[--size] as Cell).count;
  return { kept: cells.slice(0, size), left };
}
