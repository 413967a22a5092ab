import { add, mul } from "../ops/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkNonNegative } from "./check.ts";
import { type Transform, stateless } from "./transform.ts";

/** Which parameters a rule is for. The path is for example `"layers.0.weight"`. */
export type ParameterFilter = (param: Tensor, path: string) => boolean;

/** A filter for weights: parameters with two axes or more, not the biases and scales. */
export const isWeight: ParameterFilter = (param) => param.rank >= 2;

/** A filter for every parameter. */
export const isAny: ParameterFilter = () => true;

/**
 * `update + decay * param`: weight decay. Before an adaptive scaling it is the gradient of the L2 penalty
 * `decay / 2 * |param|^2`, after it the decoupled decay of AdamW (Loshchilov and Hutter 2019).
 *
 * @param decays which parameters decay; default: all. `isWeight` leaves out biases and scales.
 */
export function addDecayedWeights(decay: number, decays: ParameterFilter = isAny): Transform<readonly []> {
  checkNonNegative("addDecayedWeights", "decay", decay);
  return stateless(
    (update, param, path) => (decay > 0 && decays(param, path) ? add(update, mul(param, decay)) : update),
    "addDecayedWeights",
  );
}
