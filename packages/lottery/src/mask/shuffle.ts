import { type HostTensor, random } from "@parsimony/core-tensor";
import { checkChoice, checkWhole } from "../base/checks.ts";
import { sortedNames } from "../base/parameters.ts";
import { bits, type Mask, maskBytes } from "./mask.ts";
import { countOnes } from "./ranking.ts";

/** What a random mask has in common with the one it is made of. */
export type ShuffleScope = "layer" | "global" | "even";

export interface ShuffleMaskOptions {
  /**
   * `"layer"` (default): every tensor keeps its count; `"global"`: the whole mask does, survivors may move to other tensors;
   * `"even"`: the whole mask does, and every tensor gets the same density, to within one weight.
   */
  readonly scope?: ShuffleScope;
  /** A whole number >= 0. */
  readonly seed: number;
}

/**
 * A random mask with as many survivors: the control that asks whether it matters which weights were kept (Frankle and Carbin
 * 2019). Every mask with these counts is equally likely.
 *
 * @throws LotteryError E_OPTION for a seed or scope outside its domain.
 */
export function shuffleMask(mask: Mask, { scope = "layer", seed }: ShuffleMaskOptions): Mask {
  checkChoice("shuffleMask", "scope", scope, ["layer", "global", "even"]);
  checkWhole("shuffleMask", "seed", seed, 0);
  const names = sortedNames(mask);
  const bytes = names.map((name) => maskBytes(mask[name] as HostTensor));
  const shuffled = scope === "global" ? acrossTensors(bytes, seed) : withinTensors(bytes, seed, scope);
  return Object.fromEntries(
    names.map((name, i) => [name, bits(shuffled[i] as Uint8Array, (mask[name] as HostTensor).shape)]),
  );
}

function withinTensors(bytes: readonly Uint8Array[], seed: number, scope: "layer" | "even"): Uint8Array[] {
  const counts = bytes.map(countOnes);
  const kept =
    scope === "layer"
      ? counts
      : evenCounts(
          counts.reduce((sum, each) => sum + each, 0),
          bytes,
        );
  const keys = random.split(random.key(seed), bytes.length);
  return bytes.map(({ length }, i) => randomBits(keys[i] as random.Key, length, kept[i] as number));
}

function acrossTensors(bytes: readonly Uint8Array[], seed: number): Uint8Array[] {
  const size = bytes.reduce((sum, { length }) => sum + length, 0);
  const kept = bytes.reduce((sum, each) => sum + countOnes(each), 0);
  const all = randomBits(random.key(seed), size, kept);
  let end = 0;
  return bytes.map(({ length }) => {
    end += length;
    return all.slice(end - length, end);
  });
}

function randomBits(key: random.Key, size: number, kept: number): Uint8Array {
  const result = new Uint8Array(size);
  for (const place of random.choice(key, size, kept).dataSync() as Int32Array) result[place] = 1;
  return result;
}

// What is left after rounding all shares down goes to the largest remainders, the first of equals.
function evenCounts(kept: number, bytes: readonly Uint8Array[]): number[] {
  const size = bytes.reduce((sum, { length }) => sum + length, 0);
  const shares = bytes.map(({ length }) => (size === 0 ? 0 : (kept * length) / size));
  const counts = shares.map(Math.floor);
  const left = kept - counts.reduce((sum, each) => sum + each, 0);
  const order = shares.map((_, i) => i).sort((a, b) => remainder(shares[b]) - remainder(shares[a]) || a - b);
  for (const i of order.slice(0, left)) (counts[i] as number)++;
  return counts;
}

function remainder(share = 0): number {
  return share - Math.floor(share);
}
