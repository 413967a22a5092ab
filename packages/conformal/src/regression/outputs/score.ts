import { ConformalError } from "../../base/errors.ts";

/** A set of points `[d]`. */
export interface OutputRegion {
  /** Least and largest value of each output within the region `[d]`; infinite where nothing can be excluded. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Its volume, Infinity for an unbounded one. */
  readonly volume: number;
  /**
   * Is a point `[d]` in the region? Decided by the scores themselves, so that ties are covered.
   *
   * @throws ConformalError E_LENGTH, E_NAN
   */
  contains(y: ArrayLike<number>): boolean;
}

/**
 * A nonconformity score for points with several outputs, and the region that thresholds on it leave. A plain record, so
 * that a score of your own is an object with the same members.
 */
export interface OutputScore {
  /** Name, with the parameters that change it. Saved with a calibrated predictor. */
  readonly name: string;
  /** Number of outputs d. */
  readonly outputs: number;
  /** Number of scores of a point, each of which gets a threshold at alpha over this number. */
  readonly thresholds: number;
  /** The scores `[thresholds]` of a point `[d]` beside a prediction `[d]`. */
  scores(prediction: Float64Array, y: Float64Array): ArrayLike<number>;
  /** Ends and volume of all points whose scores are within finite thresholds `[thresholds]`. */
  bounds(prediction: Float64Array, thresholds: readonly number[]): Omit<OutputRegion, "contains">;
}

/** A checked copy of a point; E_LENGTH, E_NAN, E_RANGE. */
export function readPoint(where: string, point: ArrayLike<number>, outputs: number, index?: number): Float64Array {
  const name = index === undefined ? "the point" : `point ${index}`;
  if (point?.length !== outputs) {
    throw new ConformalError("E_LENGTH", `${where}: ${name} must have ${outputs} outputs, got ${point?.length}`, index);
  }
  return Float64Array.from(point, (value, j) => {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    const code = Number.isNaN(value) ? "E_NAN" : "E_RANGE";
    throw new ConformalError(code, `${where}: output ${j} of ${name} must be a finite number, got ${value}`, index);
  });
}

/** A checked copy of scales: positive finite numbers, at least one; E_SIGMA. */
export function readScales(where: string, scales: ArrayLike<number>): Float64Array {
  if (scales.length === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one output`);
  return Float64Array.from(scales, (scale, j) => {
    if (scale > 0 && scale < Infinity) return scale;
    throw new ConformalError("E_SIGMA", `${where}: scale ${j} must be positive and finite, got ${scale}`, j);
  });
}
