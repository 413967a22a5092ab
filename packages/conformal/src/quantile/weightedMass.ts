import { checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { compensatedSum } from "../base/sum.ts";
import { reaches } from "./rank.ts";

/** Scores in ascending order with the weight of the points up to each: what weighted quantiles are read off. */
export interface WeightedMass {
  /** Scores `[n]`, ascending. */
  readonly scores: Float64Array;
  /** `mass[k]` is the total weight of `scores[0..k]` `[n]`, ascending. */
  readonly mass: Float64Array;
  /** The total weight, positive and finite. */
  readonly total: number;
}

/**
 * Sorts checked scores with their weights and adds the weights up, each prefix correct to a rounding error or so.
 *
 * @throws ConformalError E_LENGTH, E_NAN, E_WEIGHTS
 */
export function weightedMass(where: string, scores: Float64Array, weights: ArrayLike<number>): WeightedMass {
  checkLength(where, "weights", weights.length, scores.length);
  for (let i = 0; i < weights.length; i++) checkWeight(where, `weights[${i}]`, weights[i] as number, i);
  const order = Uint32Array.from(scores, (_, i) => i);
  // Equal scores go by weight, so that every prefix is the same in every order of the input.
  const compare = (a: number, b: number, of: ArrayLike<number>): number =>
    compareNumbers(of[a] as number, of[b] as number);
  order.sort((a, b) => compare(a, b, scores) || compare(a, b, weights));
  const sorted = new Float64Array(scores.length);
  const mass = new Float64Array(scores.length);
  const sum = compensatedSum();
  let total = 0;
  for (let k = 0; k < order.length; k++) {
    const i = order[k] as number;
    sorted[k] = scores[i] as number;
    // The largest so far: a compensated sum may fall by a rounding error, and a binary search needs an order.
    total = Math.max(total, sum(weights[i] as number));
    mass[k] = total;
  }
  if (!(total > 0 && total < Infinity)) {
    throw new ConformalError("E_WEIGHTS", `${where}: weights must have a positive finite sum, got ${total}`);
  }
  return { scores: sorted, mass, total };
}

/** Position of the first score whose mass reaches `1 - alpha` of the total with the test point; n if none does. */
export function reachingPosition({ mass, total }: WeightedMass, testWeight: number, alpha: number): number {
  let low = 0;
  let high = mass.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reaches(mass[middle] as number, total + testWeight, alpha)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Throws E_NAN or E_WEIGHTS unless a weight is finite and >= 0. */
export function checkWeight(where: string, name: string, weight: number, index?: number): void {
  if (typeof weight === "number" && weight >= 0 && weight < Infinity) return;
  const code = Number.isNaN(weight) ? "E_NAN" : "E_WEIGHTS";
  throw new ConformalError(code, `${where}: ${name} must be finite and >= 0, got ${weight}`, index);
}

/** Unlike a difference, right for two infinite scores. */
function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
