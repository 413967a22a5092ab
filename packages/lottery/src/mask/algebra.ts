import type { HostTensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { sortedNames } from "../base/parameters.ts";
import { bits, checkMask, type Mask, maskBytes } from "./mask.ts";

/** What all masks keep. @throws LotteryError E_MASK when names or shapes differ. */
export function andMasks(first: Mask, ...others: readonly Mask[]): Mask {
  return others.reduce((left, right) => combine("andMasks", left, right, (a, b) => a & b), first);
}

/** What at least one mask keeps. @throws LotteryError E_MASK when names or shapes differ. */
export function orMasks(first: Mask, ...others: readonly Mask[]): Mask {
  return others.reduce((left, right) => combine("orMasks", left, right, (a, b) => a | b), first);
}

/** What exactly one of two masks keeps. @throws LotteryError E_MASK when names or shapes differ. */
export function xorMasks(first: Mask, second: Mask): Mask {
  return combine("xorMasks", first, second, (a, b) => a ^ b);
}

/** What a mask removes. */
export function notMask(mask: Mask): Mask {
  return combine("notMask", mask, mask, (a) => a ^ 1);
}

/** Do two masks keep the same weights? Masks of other names or shapes are not equal. */
export function equalMasks(first: Mask, second: Mask): boolean {
  return alike(first, second) && hamming(first, second) === 0;
}

/** Does `mask` keep nothing that `other` removes? @throws LotteryError E_MASK when names or shapes differ. */
export function isSubmask(mask: Mask, other: Mask): boolean {
  return count("isSubmask", mask, other, (a, b) => a & ~b) === 0;
}

/** Number of weights that one mask keeps and the other removes. @throws LotteryError E_MASK when names or shapes differ. */
export function hamming(first: Mask, second: Mask): number {
  return count("hamming", first, second, (a, b) => a ^ b);
}

/**
 * Overlap of two masks, for example of the tickets of two seeds: weights that both keep over weights that at least one keeps,
 * in [0, 1]; 1 when both keep nothing. Two random masks of density d have about d / (2 - d).
 *
 * @throws LotteryError E_MASK when names or shapes differ.
 */
export function jaccard(first: Mask, second: Mask): number {
  const either = count("jaccard", first, second, (a, b) => a | b);
  return either === 0 ? 1 : count("jaccard", first, second, (a, b) => a & b) / either;
}

type BitOperation = (a: number, b: number) => number;

function combine(where: string, first: Mask, second: Mask, operation: BitOperation): Mask {
  checkAlike(where, first, second);
  return Object.fromEntries(
    sortedNames(first).map((name) => {
      const entry = first[name] as HostTensor;
      const other = maskBytes(second[name] as HostTensor);
      const result = maskBytes(entry).map((bit, i) => operation(bit, other[i] as number));
      return [name, bits(result, entry.shape)];
    }),
  );
}

function count(where: string, first: Mask, second: Mask, operation: BitOperation): number {
  checkAlike(where, first, second);
  let ones = 0;
  for (const name of Object.keys(first)) {
    const one = maskBytes(first[name] as HostTensor);
    const other = maskBytes(second[name] as HostTensor);
    for (let i = 0; i < one.length; i++) ones += operation(one[i] as number, other[i] as number);
  }
  return ones;
}

function alike(first: Mask, second: Mask): boolean {
  const names = sortedNames(first);
  return (
    names.join("\n") === sortedNames(second).join("\n") &&
    names.every((name) => first[name]?.shape.join() === second[name]?.shape.join())
  );
}

function checkAlike(where: string, first: Mask, second: Mask): void {
  checkMask(where, first, second);
  checkMask(where, second, first);
  if (!alike(first, second)) throw new LotteryError("E_MASK", `${where}: the masks have different names or shapes`);
}
