import { checkAlpha, checkFinite, checkLength } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { conformalRank } from "../../quantile/rank.ts";
import { checkFunction, readTargets } from "../checks.ts";
import type { FittedModel } from "../cross/fits.ts";
import { everything, type FullConformalRegion, regionOf } from "./region.ts";

/**
 * How strange each of n + 1 points looks among all of them `[n + 1]`. Must treat the points alike: in another order, the
 * scores are the same in that order.
 */
export type ScoresOfAll<Row> = (rows: readonly Row[], targets: Float64Array) => ArrayLike<number>;

/** Options of `fullConformal`. */
export interface FullConformalOptions<Row> {
  /** Allowed miscoverage, strictly between 0 and 1. */
  readonly alpha: number;
  /** The scores of all points: `residualScores(fit)`, `leaveOneOutScores(fit)` or a function of your own. */
  readonly scores: ScoresOfAll<Row>;
}

/** What full conformal prediction says about the values of a grid. */
export interface GridRegion extends FullConformalRegion {
  /** The conformal p-value of each value of the grid. */
  readonly pValues: Float64Array;
  /** The values that are kept: those with a p-value above alpha. */
  readonly values: readonly number[];
}

/** Full conformal prediction on a grid, calibrated and immutable. */
export interface FullConformal<Row> {
  readonly alpha: number;
  readonly n: number;
  /**
   * `marginal` for targets that are always on the grid, as counts are. Between values of the grid nothing was tried:
   * `intervals` bridge neighbours that are both kept, and are then an approximation.
   */
  readonly guarantee: "marginal";
  /**
   * The values of a grid that can't be excluded for a row. Every value takes a fit (or n + 1 of them).
   *
   * @param grid values in strictly ascending order
   * @throws ConformalError E_RANGE for an empty grid, E_MONOTONE, E_NAN, E_LENGTH for scores of another number
   */
  predictGrid(row: Row, grid: ArrayLike<number>): GridRegion;
}

/**
 * Full (transductive) conformal prediction with any model, on a grid of values: each value is tried at the test point,
 * the scores of all n + 1 points are computed anew, and the value is kept when at least `alpha (n + 1)` of them, the test
 * point's own included, are no less strange. For exact sets without a grid see `fullConformalRidge` and
 * `fullConformalNeighbours`.
 *
 * @throws ConformalError E_ALPHA, E_RANGE; on calibration E_EMPTY_CALIBRATION, E_LENGTH, E_NAN
 * @see Vovk, Gammerman, Shafer, Algorithmic learning in a random world (2005), section 2.2
 */
export function fullConformal<Row>(options: FullConformalOptions<Row>): {
  /** Takes rows `[n]` and targets `[n]`. */
  calibrate(rows: readonly Row[], targets: ArrayLike<number>): FullConformal<Row>;
} {
  const where = "fullConformal";
  const { alpha, scores } = options;
  checkAlpha(where, alpha);
  checkFunction(where, "scores", scores);
  return Object.freeze({
    calibrate(rows: readonly Row[], targets: ArrayLike<number>): FullConformal<Row> {
      const y = readTargets(where, targets);
      checkLength(where, "rows", rows.length, y.length);
      const kept = rows.slice();
      const n = y.length;
      const rank = conformalRank(n, alpha);
      return Object.freeze({
        alpha,
        n,
        guarantee: "marginal" as const,
        predictGrid(row: Row, grid: ArrayLike<number>): GridRegion {
          checkGrid(grid);
          const all = [...kept, row];
          const counts = Array.from(grid, (value) => {
            const found = scores(all, Float64Array.of(...y, value));
            return countReaching(found, n);
          });
          return gridRegion(grid, counts, rank, n);
        },
      });
    },
  });
}

/** Absolute residuals of a model fitted to all points. */
export function residualScores<Row>(
  fit: (rows: readonly Row[], targets: Float64Array) => FittedModel<Row>,
): ScoresOfAll<Row> {
  checkFunction("residualScores", "fit", fit);
  return (rows, targets) => {
    const model = fit(rows, targets);
    return Float64Array.from(rows, (row, i) => Math.abs((targets[i] as number) - model(row)));
  };
}

/** Absolute errors of models that are each fitted without the point in question. */
export function leaveOneOutScores<Row>(
  fit: (rows: readonly Row[], targets: Float64Array) => FittedModel<Row>,
): ScoresOfAll<Row> {
  checkFunction("leaveOneOutScores", "fit", fit);
  return (rows, targets) =>
    Float64Array.from(rows, (row, i) => {
      // The last point takes the place of the one left out: fits without one of two equal points round alike.
      const last = rows.length - 1;
      const others = rows.slice(0, last);
      const kept = targets.slice(0, last);
      if (i < last) {
        others[i] = rows[last] as Row;
        kept[i] = targets[last] as number;
      }
      const model = fit(others, kept);
      return Math.abs((targets[i] as number) - model(row));
    });
}

function countReaching(scores: ArrayLike<number>, n: number): number {
  const where = "predictGrid";
  checkLength(where, "scores", scores.length, n + 1);
  const own = scores[n] as number;
  let count = 0;
  for (let i = 0; i <= n; i++) {
    const score = scores[i] as number;
    if (Number.isNaN(score)) throw new ConformalError("E_NAN", `${where}: score ${i} is NaN`, i);
    if (i < n && score >= own) count++;
  }
  return count;
}

function gridRegion(grid: ArrayLike<number>, counts: readonly number[], rank: number, n: number): GridRegion {
  const needed = n + 1 - rank;
  const intervals: { lower: number; upper: number }[] = [];
  const values: number[] = [];
  counts.forEach((count, g) => {
    if (count < needed) return;
    const value = grid[g] as number;
    values.push(value);
    const last = intervals.at(-1);
    if (last !== undefined && (counts[g - 1] as number) >= needed) last.upper = value;
    else intervals.push({ lower: value, upper: value });
  });
  const region = needed === 0 ? everything(1) : regionOf(intervals, rank / (n + 1), false);
  return Object.freeze({
    ...region,
    values: Object.freeze(values),
    pValues: Float64Array.from(counts, (count) => (count + 1) / (n + 1)),
  });
}

function checkGrid(grid: ArrayLike<number>): void {
  const where = "predictGrid";
  if (grid.length === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one value in the grid`);
  for (let g = 0; g < grid.length; g++) {
    checkFinite(where, `grid[${g}]`, grid[g] as number, g);
    if (g > 0 && !((grid[g - 1] as number) < (grid[g] as number))) {
      throw new ConformalError("E_MONOTONE", `${where}: grid must rise, but doesn't at ${g}`, g);
    }
  }
}
