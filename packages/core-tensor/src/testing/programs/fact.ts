import type { ValueType } from "../../ops/program.ts";
import { type DType, dtypes, isFloat } from "../../tensor/dtype.ts";
import { epsilons } from "../cases/tolerance.ts";

/**
 * What is known of the numbers in a value before it is computed: the interval they lie in, and how far two correct
 * engines may be apart.
 */
export interface Bounds {
  readonly low: number;
  readonly high: number;
  /**
   * Every element is a multiple of this power of two, and is computed without rounding; 0 for values that are rounded
   * on the way. Comparisons, rounding and indices are taken of exact values only: there engines have no excuse.
   */
  readonly grid: number;
  /** Bound on the absolute difference from the exact result; 0 for exact values. */
  readonly error: number;
}

/** A value of the program that is being written. */
export interface Fact extends Bounds, ValueType {
  readonly name: string;
}

/** Largest absolute value. */
export function magnitude({ low, high }: Bounds): number {
  return Math.max(Math.abs(low), Math.abs(high));
}

export function isExact({ grid }: Bounds): boolean {
  return grid > 0;
}

/** Relative distance of neighbouring numbers. */
export function epsilonOf(dtype: DType): number {
  return epsilons[dtype] ?? 0;
}

/** Bounds of an exact value. */
export function exact(low: number, high: number, grid: number): Bounds {
  return { low, high, grid, error: 0 };
}

/**
 * Bounds of a rounded value: the error that came in, enlarged by the op, and `ulps` roundings of numbers of the size
 * of the result or `scale`.
 */
export function rough(dtype: DType, low: number, high: number, carried: number, ulps: number, scale = 0): Bounds {
  const size = Math.max(Math.abs(low), Math.abs(high), scale);
  return { low, high, grid: 0, error: carried + ulps * epsilonOf(dtype) * size };
}

/** Bounds of values that are one or the other. */
export function union(...parts: readonly Bounds[]): Bounds {
  const grids = parts.map(({ grid }) => grid);
  return {
    low: Math.min(...parts.map(({ low }) => low)),
    high: Math.max(...parts.map(({ high }) => high)),
    grid: grids.includes(0) ? 0 : Math.min(...grids),
    error: Math.max(...parts.map(({ error }) => error)),
  };
}

/**
 * Are such numbers still fit for comparing engines? Exact ones must be representable with room for sums in any order;
 * rounded ones moderate, and known to more than three digits.
 */
export function isFit(dtype: DType, bounds: Bounds): boolean {
  const size = magnitude(bounds);
  if (!Number.isFinite(bounds.low) || !Number.isFinite(bounds.high)) return false;
  if (!isFloat(dtype)) return bounds.low >= leastWhole(dtype) && bounds.high <= mostWhole(dtype);
  const digits = 1 / epsilonOf(dtype);
  if (isExact(bounds)) return size / bounds.grid <= digits / 2 && size < 4096 && bounds.grid >= 2 ** -12;
  return size <= 1000 && bounds.error <= Math.max(2e-4, 64 * epsilonOf(dtype)) * Math.max(1, size);
}

/** int64 keeps to the range of int32, in which engines without int64 carry it. */
export function leastWhole(dtype: DType): number {
  return dtype === "int64" ? dtypes.int32.min : dtypes[dtype].min;
}

export function mostWhole(dtype: DType): number {
  return dtype === "int64" ? dtypes.int32.max : dtypes[dtype].max;
}

/** Whole numbers up to 32 bits wrap: beyond the range anything in it may come out. */
export function wrapped(dtype: DType, low: number, high: number): Bounds {
  const inside = low >= leastWhole(dtype) && high <= mostWhole(dtype);
  if (inside || dtype === "int64") return exact(low, high, 1);
  return exact(leastWhole(dtype), mostWhole(dtype), 1);
}
