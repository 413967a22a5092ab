import type { HostTensor } from "@parsimony/core-tensor";
import { checkChoice, checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { floatData, type Named, namedTensors, sortedNames } from "../base/parameters.ts";
import { bits, checkMask, type Mask, maskBytes } from "./mask.ts";
import { type AmountOptions, amountsOf } from "./amounts.ts";
import { countOnes, type Ranked, removeSmallest } from "./ranking.ts";
import { type Amount, type PruneCompat, knowsDensity, pruneCompats, removalCount, tiesOf } from "./removalCount.ts";
import { checkScores, type Scores } from "./scores.ts";

/** Exactly one of `rate`, `density` and `densities` says how much goes. */
export interface PruneOptions extends AmountOptions {
  /**
   * What is ranked together: the weights of each tensor (`"layer"`, the default; LeNet and Conv-x of Frankle and Carbin
   * 2019), or those of all tensors with the same rate (`"global"`; their deep nets, whose layers are too uneven for one
   * rate).
   */
  readonly scope?: "layer" | "global";
  /** Weights that stay in every tensor at least, as long as there are so many: the best of it. Default 0. */
  readonly minPerTensor?: number;
  /** May a tensor lose its last weight? Default false: E_EMPTY. */
  readonly allowEmpty?: boolean;
  /**
   * How weights are counted and what becomes of ties: `"exact"` (default), or as published code does it, for cross-checks.
   * `"google"` (layer scope and rates only) removes round-half-even(p n) + 1 of n survivors and all ties; `"open_lth"`
   * (global scope and rates only) ceil(p N) + 1 and all ties, N counting the survivors of the whole mask, also of
   * tensors that are not pruned; `"synflow"` trunc((1 - density) size) of all weights, or trunc(p n), and all ties.
   */
  readonly compat?: PruneCompat;
}

/**
 * The mask without the survivors of smallest score: of n survivors exactly floor(p n + 0.5) go at rate p, and of `size` weights
 * floor(d size + 0.5) stay at density d, whatever the ties. Of equal scores go first those of the smaller name (by code
 * unit), then of the smaller flat index. A pruned weight never comes back; its score is not looked at.
 *
 * @throws LotteryError E_RATE for a rate or density outside [0, 1], or a density above the present one; E_NON_FINITE for
 *   the score of a survivor that is no finite number; E_PARAMETERS when scores and mask do not fit; E_EMPTY when a tensor
 *   would lose its last weight; E_OPTION for options that contradict each other or name no tensor of the mask.
 */
export function pruneByScore(scores: Scores, mask: Mask, options: PruneOptions): Mask {
  checkScores("pruneByScore", scores, mask);
  const value = (name: string): Float32Array | Float64Array =>
    floatData("pruneByScore", name, scores[name] as HostTensor);
  return prune("pruneByScore", value, mask, options);
}

/**
 * The mask without the survivors of smallest |w|: one step of iterative magnitude pruning, with the weights as they are
 * after training (Frankle and Carbin 2019, section 2). Counts and ties as in `pruneByScore`.
 *
 * @throws LotteryError as `pruneByScore`, and E_MASK when mask and parameters do not fit.
 */
export function pruneByMagnitude(params: unknown, mask: Mask, options: PruneOptions): Mask {
  const named = namedTensors("pruneByMagnitude", params);
  checkMask("pruneByMagnitude", mask, named);
  checkScores("pruneByMagnitude", named, mask);
  return prune("pruneByMagnitude", (name) => magnitudes(named, name), mask, options);
}

function magnitudes(params: Named, name: string): Float32Array | Float64Array {
  const values = floatData("pruneByMagnitude", name, params[name] as HostTensor).slice();
  for (let i = 0; i < values.length; i++) values[i] = Math.abs(values[i] as number);
  return values;
}

function prune(
  where: string,
  valuesOf: (name: string) => Float32Array | Float64Array,
  mask: Mask,
  options: PruneOptions,
): Mask {
  const { scope = "layer", minPerTensor = 0, allowEmpty = false, compat = "exact" } = options;
  checkChoice(where, "scope", scope, ["layer", "global"]);
  checkWhole(where, "minPerTensor", minPerTensor, 0);
  checkCompat(where, compat, scope, options);
  const names = sortedNames(mask);
  const amounts = amountsOf(where, names, options);
  const tensors = names.map((name): Ranked => {
    const kept = maskBytes(mask[name] as HostTensor);
    return { name, values: valuesOf(name), kept, count: countOnes(kept) };
  });
  const keptInMask = total(tensors);
  const left: Record<string, Uint8Array> = Object.fromEntries(tensors.map(({ name, kept }) => [name, kept]));
  for (const { pool, amount } of poolsOf(tensors, amounts, scope)) {
    const size = pool.reduce((sum, each) => sum + each.kept.length, 0);
    const name = pool.length === 1 ? (pool[0] as Ranked).name : "the tensors together";
    const count = removalCount(where, compat, amount, { name, kept: total(pool), size, keptInMask });
    const bytes = minPerTensor === 0 ? removeSmallest(pool, count, tiesOf(compat)) : spare(pool, count, minPerTensor);
    for (const [i, each] of pool.entries()) left[each.name] = bytes[i] as Uint8Array;
  }
  if (!allowEmpty) checkNotEmptied(where, tensors, left);
  return Object.fromEntries(
    names.map((name) => [name, bits(left[name] as Uint8Array, (mask[name] as HostTensor).shape)]),
  );
}

function checkCompat(where: string, compat: PruneCompat, scope: "layer" | "global", options: PruneOptions): void {
  checkChoice(where, "compat", compat, pruneCompats);
  const fail = (reason: string): never => {
    throw new LotteryError("E_OPTION", `${where}: compat ${compat} ${reason}`);
  };
  if (compat === "exact") return;
  if (compat === "google" && scope !== "layer") fail("knows the scope layer only");
  if (compat === "open_lth" && scope !== "global") fail("knows the scope global only");
  if (!knowsDensity(compat) && options.rate === undefined) fail("knows rates only");
  if ((options.minPerTensor ?? 0) > 0) fail("knows no minPerTensor");
}

// In global scope tensors with the same amount compete; an amount of their own makes a ranking of their own.
function poolsOf(
  tensors: readonly Ranked[],
  amounts: Readonly<Record<string, Amount>>,
  scope: "layer" | "global",
): { pool: Ranked[]; amount: Amount }[] {
  const pools = new Map<string | number, { pool: Ranked[]; amount: Amount }>();
  for (const each of tensors) {
    const amount = amounts[each.name];
    if (amount === undefined) continue;
    const key = scope === "layer" ? each.name : "rate" in amount ? amount.rate : amount.density;
    const found = pools.get(key);
    if (found === undefined) pools.set(key, { pool: [each], amount });
    else found.pool.push(each);
  }
  return [...pools.values()];
}

function total(pool: readonly Ranked[]): number {
  return pool.reduce((sum, { count }) => sum + count, 0);
}

// The best of every tensor stand aside while the rest is ranked, so that the count stays exact while it can.
function spare(pool: readonly Ranked[], count: number, minPerTensor: number): Uint8Array[] {
  const spared = pool.map((each) => removeSmallest([each], each.count - minPerTensor)[0] as Uint8Array);
  const rest = pool.map((each, i) => {
    const aside = spared[i] as Uint8Array;
    const kept = each.kept.map((bit, j) => bit & ~(aside[j] as number));
    return { ...each, kept, count: countOnes(kept) };
  });
  const left = removeSmallest(rest, Math.min(count, total(rest)));
  return left.map((bytes, i) => bytes.map((bit, j) => bit | ((spared[i] as Uint8Array)[j] as number)));
}

function checkNotEmptied(where: string, before: readonly Ranked[], after: Readonly<Record<string, Uint8Array>>): void {
  for (const { name, kept, count } of before) {
    const bytes = after[name] as Uint8Array;
    if (bytes === kept || count === 0 || bytes.includes(1)) continue;
    const message = `${where}: ${name} would lose its last weight; allow it with allowEmpty, or set minPerTensor`;
    throw new LotteryError("E_EMPTY", message, { tensor: name });
  }
}
