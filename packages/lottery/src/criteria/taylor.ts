import type { Mask } from "../mask/mask.ts";
import type { Scores } from "../mask/scores.ts";
import { companionValues, scoreWeights } from "./scoreWeights.ts";

/**
 * |w g|: by how much the loss changes to first order when the weight becomes 0 (Molchanov et al. 2017, 2019; the square of the
 * latter ranks alike). `snip` is the same of the gradient of a loss, divided by the sum.
 *
 * @param params w, a tree of float tensors
 * @param gradients g, the gradient of the loss at `params`: a tree of the same names
 * @throws LotteryError E_MASK, E_PARAMETERS when the trees and the mask do not fit; E_NON_FINITE for a product that is not finite.
 */
export function taylor(params: unknown, gradients: unknown, mask: Mask): Scores {
  const gradientOf = companionValues("taylor: gradients", gradients, mask);
  return scoreWeights("taylor", params, mask, (weights, kept, scores, name) => {
    const gradient = gradientOf(name);
    for (let i = 0; i < kept.length; i++) {
      if (kept[i] === 1) scores[i] = Math.abs((weights[i] as number) * (gradient[i] as number));
    }
  });
}
