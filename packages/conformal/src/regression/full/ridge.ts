import { checkAlpha, checkAtLeast, checkFinite, checkLength } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { decodeNumber, encodeNumber, type JsonNumber } from "../../base/json.ts";
import { readFlag, readKind, readList, readNumbers } from "../../base/savedRecord.ts";
import { readTargets } from "../checks.ts";
import { choleskyFactor, choleskySolve, dot } from "../cholesky.ts";
import { linearRegion } from "./linearScores.ts";
import type { FullConformalRegion } from "./region.ts";

/** Options of `fullConformalRidge`. */
export interface FullConformalRidgeOptions {
  /** Allowed miscoverage, strictly between 0 and 1. */
  readonly alpha: number;
  /** Penalty on the squared coefficients, >= 0. 0 is least squares, which needs independent columns. Default 1. */
  readonly lambda?: number;
  /** Fit an intercept, without penalty. Default true. */
  readonly intercept?: boolean;
  /** Compare errors of models fitted without the point in question, in place of residuals. Default false. */
  readonly leaveOneOut?: boolean;
}

/** Full conformal prediction with ridge regression, calibrated and immutable. */
export interface FullConformalRidge {
  readonly alpha: number;
  readonly n: number;
  readonly guarantee: "marginal";
  /**
   * The set for one row of features: exact, and a union of intervals (in practice one). Takes O(n p + n log n).
   *
   * @throws ConformalError E_LENGTH, E_NAN, E_RANGE
   */
  predictRegion(row: ArrayLike<number>): FullConformalRegion;
  predictRegions(rows: readonly ArrayLike<number>[]): FullConformalRegion[];
  /** Plain data, the rows and targets included, from which `fullConformalRidgeFromJSON` makes the same predictor. */
  toJSON(): FullConformalRidgeJSON;
}

/** A saved predictor. */
export interface FullConformalRidgeJSON {
  readonly kind: "parsimony.conformal.full-conformal-ridge";
  readonly version: 1;
  readonly alpha: number;
  readonly lambda: number;
  readonly intercept: boolean;
  readonly leaveOneOut: boolean;
  readonly rows: readonly (readonly JsonNumber[])[];
  readonly targets: readonly JsonNumber[];
}

/**
 * Full (transductive) conformal prediction with ridge regression: every point serves for fitting and for calibration,
 * one fit serves all values that could be tried at the test point, and coverage is guaranteed to be `1 - alpha`.
 *
 * The residuals of the fit with a value y at the test row are linear in y: with `M = X'X + lambda I` of the n points,
 * `g = X M^-1 x`, `t = x' M^-1 x` and `f` the prediction, they are `r - g d` and `d` for `d = (y - f) / (1 + t)`. The
 * values kept are those for which `|d|` is not among the largest; see `linearRegion`.
 *
 * @throws ConformalError E_ALPHA, E_RANGE; on calibration E_EMPTY_CALIBRATION, E_LENGTH, E_NAN, and E_RANGE for columns
 *   that are not independent with `lambda` 0
 * @see Nouretdinov, Melluish, Vovk, Ridge regression confidence machine (2001); Burnaev, Vovk, Efficiency of
 *   conformalized ridge regression (2014)
 */
export function fullConformalRidge(options: FullConformalRidgeOptions): {
  /** Calibrates on rows of features `[n][p]` and targets `[n]`. */
  calibrate(rows: readonly ArrayLike<number>[], targets: ArrayLike<number>): FullConformalRidge;
} {
  const where = "fullConformalRidge";
  const { alpha, lambda = 1, intercept = true, leaveOneOut = false } = options;
  checkAlpha(where, alpha);
  checkAtLeast(where, "lambda", lambda, 0);
  return Object.freeze({
    calibrate(rows: readonly ArrayLike<number>[], targets: ArrayLike<number>): FullConformalRidge {
      const given = readTargets(where, targets);
      checkLength(where, "rows", rows.length, given.length);
      const features = (rows[0] as ArrayLike<number>).length;
      // In an order of their own, so that sums round alike whatever the order of the points.
      const points = rows
        .map((row, i) => ({ x: readFeatures(where, row, features, intercept, i), target: given[i] as number }))
        .sort((a, b) => comparePoints(a.x, b.x) || a.target - b.target);
      const design = points.map(({ x }) => x);
      const y = Float64Array.from(points, ({ target }) => target);
      const fit = ridgeFit(where, design, y, lambda, intercept);
      const rowSlack =
        Math.max(2 ** -44, fit.inflation * 2 ** -50) * y.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

      const regionFor = (row: ArrayLike<number>, index?: number): FullConformalRegion => {
        const x = readFeatures("predictRegion", row, features, intercept, index);
        const direction = fit.solve(x);
        const f = dot(fit.coefficients, x);
        const leverage = dot(direction, x);
        const a = new Float64Array(y.length);
        const b = new Float64Array(y.length);
        for (let i = 0; i < y.length; i++) {
          const g = dot(design[i] as Float64Array, direction);
          const left = 1 - (fit.leverages[i] as number) + (g * g) / (1 + leverage);
          const scale = leaveOneOut ? left : 1;
          // A point that alone determines a coefficient has no error without it: it counts as the strangest.
          const undetermined = leaveOneOut && left < 2 ** -40;
          a[i] = undetermined ? Infinity : (fit.residuals[i] as number) / scale;
          b[i] = undetermined ? 0 : -g / scale;
        }
        const own = leaveOneOut ? 1 + leverage : 1;
        return linearRegion({ a, b, own, offset: 0 }, alpha, (d) => f + (1 + leverage) * d, rowSlack * (1 + leverage));
      };

      return Object.freeze({
        alpha,
        n: y.length,
        guarantee: "marginal" as const,
        predictRegion: (row: ArrayLike<number>): FullConformalRegion => regionFor(row),
        predictRegions: (many: readonly ArrayLike<number>[]): FullConformalRegion[] => many.map(regionFor),
        toJSON: (): FullConformalRidgeJSON => ({
          kind: "parsimony.conformal.full-conformal-ridge",
          version: 1,
          alpha,
          lambda,
          intercept,
          leaveOneOut,
          rows: design.map((row) => Array.from(intercept ? row.subarray(1) : row, encodeNumber)),
          targets: Array.from(y, encodeNumber),
        }),
      });
    },
  });
}

/**
 * The predictor that `toJSON` described, with the same regions bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved predictor; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function fullConformalRidgeFromJSON(json: unknown): FullConformalRidge {
  const where = "fullConformalRidgeFromJSON";
  const saved = readKind(where, json, "parsimony.conformal.full-conformal-ridge");
  const intercept = readFlag(where, saved, "intercept");
  const leaveOneOut = readFlag(where, saved, "leaveOneOut");
  const alpha = decodeNumber(where, "alpha", saved["alpha"]);
  const lambda = decodeNumber(where, "lambda", saved["lambda"]);
  const rows = readList(where, "rows", saved["rows"]).map((row, i) => readNumbers(where, `rows[${i}]`, row));
  return fullConformalRidge({ alpha, lambda, intercept, leaveOneOut }).calibrate(
    rows,
    readNumbers(where, "targets", saved["targets"]),
  );
}

function comparePoints(a: Float64Array, b: Float64Array): number {
  const j = a.findIndex((value, i) => value !== b[i]);
  return j < 0 ? 0 : (a[j] as number) < (b[j] as number) ? -1 : 1;
}

interface RidgeFit {
  readonly coefficients: Float64Array;
  readonly residuals: Float64Array;
  readonly leverages: Float64Array;
  /** By how much nearly dependent columns inflate rounding errors: 1 / (1 - R^2) of one column on those before. */
  readonly inflation: number;
  solve(x: ArrayLike<number>): Float64Array;
}

function ridgeFit(
  where: string,
  design: readonly Float64Array[],
  y: Float64Array,
  lambda: number,
  intercept: boolean,
): RidgeFit {
  const size = (design[0] as Float64Array).length;
  const gram = new Float64Array(size * size);
  const moment = new Float64Array(size);
  for (const [row, x] of design.entries()) {
    for (let i = 0; i < size; i++) {
      const xi = x[i] as number;
      moment[i] = (moment[i] as number) + xi * (y[row] as number);
      for (let j = 0; j <= i; j++) gram[i * size + j] = (gram[i * size + j] as number) + xi * (x[j] as number);
    }
  }
  for (let i = intercept ? 1 : 0; i < size; i++) gram[i * (size + 1)] = (gram[i * (size + 1)] as number) + lambda;
  const factor = choleskyFactor(gram, size);
  if (factor === undefined) {
    throw new ConformalError("E_RANGE", `${where}: columns are not independent; give a lambda > 0 or drop some`);
  }
  const solve = (x: ArrayLike<number>): Float64Array => choleskySolve(factor, size, x);
  const coefficients = solve(moment);
  return {
    coefficients,
    residuals: Float64Array.from(design, (x, i) => (y[i] as number) - dot(coefficients, x)),
    leverages: Float64Array.from(design, (x) => dot(solve(x), x)),
    inflation: factor.reduce(
      (most, value, at) => (at % (size + 1) === 0 ? Math.max(most, (gram[at] as number) / value ** 2) : most),
      1,
    ),
    solve,
  };
}

function readFeatures(
  where: string,
  row: ArrayLike<number>,
  features: number,
  intercept: boolean,
  index?: number,
): Float64Array {
  const name = index === undefined ? "the row" : `row ${index}`;
  checkLength(where, name, row.length, features);
  const first = intercept ? 1 : 0;
  const x = new Float64Array(features + first);
  if (intercept) x[0] = 1;
  for (let j = 0; j < features; j++) {
    checkFinite(where, `feature ${j}`, row[j] as number, index);
    x[first + j] = (row[j] as number) + 0;
  }
  if (x.length === 0) throw new ConformalError("E_RANGE", `${where}: needs a feature or an intercept`);
  return x;
}
