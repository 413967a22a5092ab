import { LotteryError } from "../base/errors.ts";

/** How the number of weights to remove is counted, and which of equal weights go. */
export type PruneCompat = "exact" | "google" | "open_lth" | "synflow";

/** What is asked of tensors that are ranked together. */
export type Amount = { readonly rate: number } | { readonly density: number };

/** Tensors that are ranked together, in numbers. */
export interface PoolSize {
  /** For messages: the name of the only tensor, or a description. */
  readonly name: string;
  /** Survivors. */
  readonly kept: number;
  /** Prunable weights. */
  readonly size: number;
  /** Survivors of the whole mask. */
  readonly keptInMask: number;
}

interface CountingRule {
  readonly ties: "first" | "all";
  readonly byRate: (rate: number, pool: PoolSize) => number;
  /** Undefined where the published code has no such thing. */
  readonly byDensity?: (density: number, pool: PoolSize) => number;
}

/**
 * The rules. The three besides `exact` are those of published code, for cross-checks; each counts the place of a threshold
 * in the sorted survivors and removes all that are not above it, so that ties go together.
 */
const countingRules: Readonly<Record<PruneCompat, CountingRule>> = {
  exact: {
    ties: "first",
    byRate: (rate, { kept }) => Math.floor(rate * kept + 0.5),
    byDensity: (density, { kept, size }) => kept - Math.floor(density * size + 0.5),
  },
  google: { ties: "all", byRate: (rate, { kept }) => roundHalfEven(rate * kept) + 1 },
  open_lth: { ties: "all", byRate: (rate, { keptInMask }) => Math.ceil(rate * keptInMask) + 1 },
  synflow: {
    ties: "all",
    byRate: (rate, { kept }) => Math.trunc(rate * kept),
    byDensity: (density, { kept, size }) => Math.trunc((1 - density) * size) - (size - kept),
  },
};

/** The choices of `compat`. */
export const pruneCompats: readonly PruneCompat[] = ["exact", "google", "open_lth", "synflow"];

/** Which of equal weights go under a rule: those that come first, or all. */
export function tiesOf(compat: PruneCompat): "first" | "all" {
  return countingRules[compat].ties;
}

/** Does a rule know target densities? */
export function knowsDensity(compat: PruneCompat): boolean {
  return countingRules[compat].byDensity !== undefined;
}

/**
 * Number of survivors to remove.
 *
 * @throws LotteryError E_RATE when there are not so many, or when a target density is above the present one.
 */
export function removalCount(where: string, compat: PruneCompat, amount: Amount, pool: PoolSize): number {
  const { byRate, byDensity } = countingRules[compat];
  const count =
    "rate" in amount
      ? byRate(amount.rate, pool)
      : (byDensity as NonNullable<CountingRule["byDensity"]>)(amount.density, pool);
  const { name, kept, size } = pool;
  if (count >= 0 && count <= kept) return count;
  const message =
    "density" in amount && count < 0
      ? `the density ${amount.density} of ${name} is above the present one, ${kept} / ${size} = ${kept / size}`
      : `${count} weights of ${name} would go under the rule ${compat}, there are ${kept}`;
  throw new LotteryError("E_RATE", `${where}: ${message}`, { tensor: name });
}

/** As numpy and Python round. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
