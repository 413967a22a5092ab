import { LotteryError } from "../base/errors.ts";

/**
 * The input axis of a weight: the first of a dense layer's [in, out], the second of a convolution's
 * [out, in, height, width].
 */
export function inputAxis(rank: number): number {
  return rank === 2 ? 0 : 1;
}

/** An axis counted from the front. Throws E_OPTION when there is none. */
export function canonicalAxis(where: string, name: string, axis: number, rank: number): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new LotteryError("E_OPTION", `${where}: ${name} has ${rank} axes, none is ${axis}`, { tensor: name });
}
