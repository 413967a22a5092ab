import { checkFinite, checkLength, checkLevel, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { normalQuantile } from "../base/normal.ts";
import { uniformStream } from "../base/random.ts";
import { type GroupCoverage, type ProportionOptions, proportion } from "./proportion.ts";
import { type Region, checkRegions, coveredFlags } from "./region.ts";
import { worstSlab } from "./slab.ts";

/** Options of `worstSlabCoverage`. */
export interface WorstSlabCoverageOptions extends ProportionOptions {
  /** Least share of the searched examples in a slab, strictly between 0 and 1. Default 0.1. */
  readonly slabShare?: number;
  /** Random directions to search. Default 1000. */
  readonly directions?: number;
  /** Share of the examples on which the slab is searched, strictly between 0 and 1; the rest measures it. Default 0.5. */
  readonly searchShare?: number;
  /** Divide every feature by its standard deviation first, so that units don't choose the slab. Default true. */
  readonly standardize?: boolean;
  /** Seed of the split and of the directions, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/** Coverage within the worst slab `from <= direction . features <= to`, as measured on examples not searched. */
export interface WorstSlabCoverage extends GroupCoverage {
  /** Weights of the features, as given (not standardised). */
  readonly direction: readonly number[];
  readonly from: number;
  readonly to: number;
  /** Coverage of the slab on the examples where it was found: too low, because it was chosen for that. */
  readonly searchCoverage: number;
}

/**
 * Worst-slab coverage (WSC): the coverage among examples between two parallel planes in the space of features, for the
 * slab in which it is worst. Half of the examples search (in each of many random directions the slab with the smallest
 * coverage among those with at least a share `slabShare`, found exactly), the others measure the slab that was found, so
 * that the answer isn't biased by the search. Near `1 - alpha` for a predictor that covers all kinds of examples alike.
 *
 * @param regions sets of labels or intervals `[n]`
 * @param truths true classes or true values `[n]`
 * @param features rows of finite numbers `[n, d]`
 * @throws ConformalError E_LENGTH, E_NAN, E_ALPHA; E_RANGE for fewer than two examples or values out of their domain
 * @see Cauchois, Gupta, Duchi, Knowing what you know: valid and validated confidence sets in multiclass and multilabel
 *   prediction (2021), section 4; Romano, Sesia, Candès (2020) for the split
 */
export function worstSlabCoverage(
  regions: readonly Region[],
  truths: ArrayLike<number>,
  features: readonly ArrayLike<number>[],
  options: WorstSlabCoverageOptions = {},
): WorstSlabCoverage {
  const where = "worstSlabCoverage";
  const {
    slabShare = 0.1,
    directions = 1000,
    searchShare = 0.5,
    standardize = true,
    seed = 0,
    confidence = 0.95,
  } = options;
  checkRegions(where, regions, truths);
  checkLength(where, "features", features.length, regions.length);
  checkLevel(where, "slabShare", slabShare);
  checkLevel(where, "searchShare", searchShare);
  checkWhole(where, "directions", directions, 1);
  const n = regions.length;
  const searched = Math.round(searchShare * n);
  if (searched < 1 || searched > n - 1) {
    throw new ConformalError("E_RANGE", `${where}: needs at least one example on either side of the split, got ${n}`);
  }
  const rows = scaledRows(where, features, standardize);
  const flags = coveredFlags(regions, truths);
  const uniform = uniformStream(seed);
  const order = randomOrder(n, uniform);
  const search = order.slice(0, searched);
  const least = Math.max(1, Math.ceil(slabShare * searched - 1e-9));

  let worst: { direction: Float64Array; from: number; to: number; covered: number; count: number } | undefined;
  for (let k = 0; k < directions; k++) {
    const direction = randomDirection(rows.scales.length, uniform);
    const projected = Float64Array.from(search, (i) => dot(direction, rows.rows[i] as Float64Array));
    const ascending = Uint32Array.from(projected, (_, i) => i).sort(
      (a, b) => (projected[a] as number) - (projected[b] as number),
    );
    const values = Float64Array.from(ascending, (i) => projected[i] as number);
    const slab = worstSlab(
      values,
      Uint8Array.from(ascending, (i) => flags[search[i] as number] as number),
      least,
    );
    const count = slab.to - slab.from;
    // Compared as whole numbers: the first of equally bad slabs wins.
    if (worst === undefined || slab.covered * worst.count < worst.covered * count) {
      const from = values[slab.from] as number;
      worst = { direction, from, to: values[slab.to - 1] as number, covered: slab.covered, count };
    }
  }
  const { direction, from, to, covered: hits, count: size } = worst as NonNullable<typeof worst>;
  let count = 0;
  let covered = 0;
  for (const i of order.slice(searched)) {
    const value = dot(direction, rows.rows[i] as Float64Array);
    if (value < from || value > to) continue;
    count++;
    covered += flags[i] as number;
  }
  const weights = Array.from(direction, (weight, j) => weight / (rows.scales[j] as number));
  return {
    ...proportion(where, covered, count, confidence),
    direction: weights,
    from,
    to,
    searchCoverage: hits / size,
  };
}

function scaledRows(
  where: string,
  features: readonly ArrayLike<number>[],
  standardize: boolean,
): { readonly rows: readonly Float64Array[]; readonly scales: Float64Array } {
  const width = (features[0] as ArrayLike<number>).length;
  if (width === 0) throw new ConformalError("E_RANGE", `${where}: needs at least one feature`);
  features.forEach((row, i) => {
    checkLength(where, `features[${i}]`, row.length, width);
    for (let j = 0; j < width; j++) {
      checkFinite(where, `features[${i}][${j}]`, row[j] as number, i);
    }
  });
  const scales = Float64Array.from({ length: width }, (_, j) => (standardize ? spread(features, j) : 1));
  const rows = features.map((row) => Float64Array.from(row, (value, j) => value / (scales[j] as number)));
  return { rows, scales };
}

/** The standard deviation of a feature, or 1 for a constant one, which then moves every slab alike. */
function spread(features: readonly ArrayLike<number>[], j: number): number {
  let mean = 0;
  for (const row of features) mean += (row[j] as number) / features.length;
  let sum = 0;
  for (const row of features) sum += ((row[j] as number) - mean) ** 2;
  return Math.sqrt(sum / features.length) || 1;
}

function randomOrder(n: number, uniform: () => number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < n; i++) {
    const j = i + Math.floor(uniform() * (n - i));
    const picked = order[j] as number;
    order[j] = order[i] as number;
    order[i] = picked;
  }
  return order;
}

/** A uniform point of the unit sphere: normal numbers over their length. */
function randomDirection(width: number, uniform: () => number): Float64Array {
  const normals = Float64Array.from({ length: width }, () => normalQuantile(uniform() * 0.999999 + 5e-7));
  const length = Math.sqrt(dot(normals, normals));
  return length === 0 ? normals.fill(1) : normals.map((value) => value / length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}
