import { checkAlpha, checkLength, checkWhole } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { checkFunction, readTargets } from "../checks.ts";
import { linearRegion } from "./linearScores.ts";
import type { FullConformalRegion } from "./region.ts";

/** Options of `fullConformalNeighbours`. */
export interface FullConformalNeighboursOptions<Row> {
  /** Allowed miscoverage, strictly between 0 and 1. */
  readonly alpha: number;
  /** Number of neighbours whose mean predicts, a whole number >= 1. Default 5. */
  readonly k?: number;
  /** Distance of two rows: symmetric, >= 0, no NaN. Default: squared Euclidean, for rows of numbers. */
  readonly distance?: (a: Row, b: Row) => number;
}

/** Full conformal prediction with nearest neighbours, calibrated and immutable. */
export interface FullConformalNeighbours<Row> {
  readonly alpha: number;
  readonly n: number;
  readonly guarantee: "marginal";
  /**
   * The set for one row: exact, a union of intervals. Takes n distances and O(n log n).
   *
   * @throws ConformalError E_NAN for a distance that is NaN, E_RANGE for one that is negative
   */
  predictRegion(row: Row): FullConformalRegion;
  predictRegions(rows: readonly Row[]): FullConformalRegion[];
}

/**
 * Full conformal prediction with k nearest neighbours: the score of a point is its distance from the mean of its k
 * nearest other points, the test point with the value tried among them. Coverage is guaranteed to be `1 - alpha`.
 * Points at one distance share what is left of the k places equally, so that the order of points has no influence.
 * Calibration takes all `n (n - 1) / 2` distances.
 *
 * @throws ConformalError E_ALPHA, E_RANGE; on calibration E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, and E_RANGE unless there
 *   are more than k points
 * @see Papadopoulos, Vovk, Gammerman, Regression conformal prediction with nearest neighbours (2011)
 */
export function fullConformalNeighbours<Row = ArrayLike<number>>(
  options: FullConformalNeighboursOptions<Row>,
): {
  /** Calibrates on rows `[n]` and targets `[n]`. */
  calibrate(rows: readonly Row[], targets: ArrayLike<number>): FullConformalNeighbours<Row>;
} {
  const where = "fullConformalNeighbours";
  const { alpha, k = 5, distance = squaredDistance as (a: Row, b: Row) => number } = options;
  checkAlpha(where, alpha);
  checkWhole(where, "k", k, 1);
  checkFunction(where, "distance", distance);
  return Object.freeze({
    calibrate(rows: readonly Row[], targets: ArrayLike<number>): FullConformalNeighbours<Row> {
      const y = readTargets(where, targets);
      checkLength(where, "rows", rows.length, y.length);
      const n = y.length;
      if (n <= k) throw new ConformalError("E_RANGE", `${where}: needs more than k = ${k} points, got ${n}`);
      const kept = rows.slice();
      const between = kept.map(() => new Float64Array(n - 1));
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < i; j++) {
          const d = checkedDistance(where, distance(kept[i] as Row, kept[j] as Row), i);
          (between[i] as Float64Array)[j] = d;
          (between[j] as Float64Array)[i - 1] = d;
        }
      }
      const surroundings = between.map((distances, i) => surroundingsOf(distances, without(y, i), k));
      const slack = 2 ** -44 * y.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

      const regionFor = (row: Row): FullConformalRegion => {
        const distances = Float64Array.from(kept, (other, i) =>
          checkedDistance("predictRegion", distance(row, other), i),
        );
        const own = shareAt(cutAt(distances, y, kth(distances, k)), k, 0);
        const a = new Float64Array(n);
        const b = new Float64Array(n);
        for (let i = 0; i < n; i++) {
          const { sum, newcomer } = withNewcomer(surroundings[i] as Surroundings, distances[i] as number, k);
          a[i] = (y[i] as number) - sum / k;
          b[i] = -newcomer / k;
        }
        return linearRegion({ a, b, own: 1, offset: -own.sum / k }, alpha, (value) => value, slack);
      };

      return Object.freeze({
        alpha,
        n,
        guarantee: "marginal" as const,
        predictRegion: regionFor,
        predictRegions: (many: readonly Row[]): FullConformalRegion[] => many.map((row) => regionFor(row)),
      });
    },
  });
}

/** Points around one point, cut at a distance: those nearer, and those exactly there. */
interface Cut {
  readonly distance: number;
  readonly nearer: number;
  readonly nearerSum: number;
  readonly tied: number;
  readonly tiedSum: number;
}

/** The cuts at the k-th and the (k-1)-th nearest other point: what a newcomer can change. */
interface Surroundings {
  readonly atK: Cut;
  readonly before: Cut;
}

function surroundingsOf(distances: Float64Array, values: Float64Array, k: number): Surroundings {
  return {
    atK: cutAt(distances, values, kth(distances, k)),
    before: cutAt(distances, values, k === 1 ? -Infinity : kth(distances, k - 1)),
  };
}

function kth(distances: Float64Array, k: number): number {
  return distances.slice().sort()[k - 1] as number;
}

function cutAt(distances: Float64Array, values: Float64Array, distance: number): Cut {
  let nearer = 0;
  let nearerSum = 0;
  let tied = 0;
  let tiedSum = 0;
  for (let i = 0; i < distances.length; i++) {
    const d = distances[i] as number;
    if (d < distance) {
      nearer++;
      nearerSum += values[i] as number;
    } else if (d === distance) {
      tied++;
      tiedSum += values[i] as number;
    }
  }
  return { distance, nearer, nearerSum, tied, tiedSum };
}

/** Sum over the k nearest, those at the cut sharing the places that are left with `newcomers` more at that distance. */
function shareAt(cut: Cut, places: number, newcomers: number): { sum: number; newcomer: number } {
  const share = (places - cut.nearer) / (cut.tied + newcomers);
  return { sum: cut.nearerSum + share * cut.tiedSum, newcomer: newcomers * share };
}

/** The sum over the k nearest of the other points and a newcomer at a distance, its own value left out, and its share. */
function withNewcomer({ atK, before }: Surroundings, distance: number, k: number): { sum: number; newcomer: number } {
  if (distance > atK.distance) return shareAt(atK, k, 0);
  if (distance === atK.distance) return shareAt(atK, k, 1);
  if (distance > before.distance) return { sum: before.nearerSum + before.tiedSum, newcomer: 1 };
  if (distance === before.distance) return shareAt(before, k, 1);
  return { sum: shareAt(before, k - 1, 0).sum, newcomer: 1 };
}

function without(values: Float64Array, index: number): Float64Array {
  return values.filter((_, i) => i !== index);
}

function checkedDistance(where: string, distance: number, index: number): number {
  if (distance >= 0) return distance + 0;
  const code = Number.isNaN(distance) ? "E_NAN" : "E_RANGE";
  throw new ConformalError(code, `${where}: a distance to row ${index} is ${distance}, must be >= 0`, index);
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkLength("fullConformalNeighbours", "a row", b.length, a.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return sum;
}
