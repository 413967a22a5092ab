import { valueAtRank } from "./select.ts";

/** A tensor whose survivors are ranked: the smallest values go first. */
export interface Ranked {
  readonly name: string;
  readonly values: Float32Array | Float64Array;
  /** 1 for a survivor. */
  readonly kept: Uint8Array;
  /** Number of survivors. */
  readonly count: number;
}

/** Number of survivors among a mask's bytes. */
export function countOnes(kept: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < kept.length; i++) count += kept[i] as number;
  return count;
}

/**
 * What stays of each tensor when the `count` survivors of smallest value go, all tensors in one ranking. With ties
 * `"first"` exactly that many go, of equals those that come first in the order of the pool and the flat index; with
 * `"all"` every equal of the last one goes too.
 */
export function removeSmallest(pool: readonly Ranked[], count: number, ties: "first" | "all" = "first"): Uint8Array[] {
  if (count <= 0) return pool.map(({ kept }) => kept);
  const { value: threshold, below } = valueAtRank(survivors(pool), count - 1);
  let equals = ties === "all" ? Number.POSITIVE_INFINITY : count - below;
  return pool.map(({ values, kept }) => {
    const left = kept.slice();
    for (let i = 0; i < left.length; i++) {
      const value = values[i] as number;
      if (value > threshold) continue;
      if (value === threshold && kept[i] === 1 && equals-- <= 0) continue;
      left[i] = 0;
    }
    return left;
  });
}

function survivors(pool: readonly Ranked[]): Float32Array | Float64Array {
  const size = pool.reduce((sum, { count }) => sum + count, 0);
  const narrow = pool.every(({ values }) => values instanceof Float32Array);
  const all = narrow ? new Float32Array(size) : new Float64Array(size);
  let at = 0;
  for (const { values, kept, count } of pool) {
    if (count === kept.length) {
      all.set(values, at);
      at += count;
      continue;
    }
    for (let i = 0; i < kept.length; i++) if (kept[i] === 1) all[at++] = values[i] as number;
  }
  return all;
}
