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
  const left = pool.map(({ values, kept }) => atLeast(values, kept, threshold));
  removeEquals(pool, left, threshold, ties === "all" ? Number.POSITIVE_INFINITY : count - below);
  return left;
}

// Without a branch that depends on the data, like the loops below and in `select.ts`: guessing wrong costs more than the work.
function atLeast(values: Float32Array | Float64Array, kept: Uint8Array, threshold: number): Uint8Array {
  const left = new Uint8Array(kept.length);
  for (let i = 0; i < kept.length; i++) left[i] = (kept[i] as number) & Number((values[i] as number) >= threshold);
  return left;
}

function removeEquals(pool: readonly Ranked[], left: readonly Uint8Array[], threshold: number, count: number): void {
  let open = count;
  for (const [t, { values }] of pool.entries()) {
    const bytes = left[t] as Uint8Array;
    for (let i = 0; i < bytes.length && open > 0; i++) {
      if (values[i] !== threshold || bytes[i] === 0) continue;
      bytes[i] = 0;
      open--;
    }
  }
}

function survivors(pool: readonly Ranked[]): Float32Array | Float64Array {
  const size = pool.reduce((sum, { count }) => sum + count, 0);
  const narrow = pool.every(({ values }) => values instanceof Float32Array);
  // One place more, for what is overwritten at the end.
  const all = narrow ? new Float32Array(size + 1) : new Float64Array(size + 1);
  let at = 0;
  for (const { values, kept, count } of pool) {
    if (count === kept.length) {
      all.set(values, at);
      at += count;
      continue;
    }
    for (let i = 0; i < kept.length; i++) {
      all[at] = values[i] as number;
      at += kept[i] as number;
    }
  }
  return all.subarray(0, size);
}
