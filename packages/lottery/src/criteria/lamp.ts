import { LotteryError } from "../base/errors.ts";
import type { Mask } from "../mask/mask.ts";
import type { Scores } from "../mask/scores.ts";
import { risingOrder } from "./risingOrder.ts";
import { type Values, scoreWeights } from "./scoreWeights.ts";

/**
 * The layer-adaptive magnitude: w² over the sum of the squares of all kept weights of its tensor that are not smaller (Lee et al.
 * 2021). The largest of every tensor has the score 1, so a global ranking leaves something of each tensor as long as
 * as many weights stay as there are tensors. Of equal magnitudes the one with the smaller index has the smaller score. A tensor of
 * zeros scores 0 everywhere.
 *
 * @throws LotteryError E_MASK, E_PARAMETERS when parameters and mask do not fit; E_NON_FINITE for a weight that is not finite.
 */
export function lamp(params: unknown, mask: Mask): Scores {
  return scoreWeights("lamp", params, mask, (weights, kept, scores, name) => {
    checkFinite(name, weights, kept);
    const order = risingOrder(weights, kept);
    // Squares of ratios to the largest: those of the weights themselves may not fit a double.
    const largest = Math.abs(weights[order[order.length - 1] as number] ?? 0);
    if (largest === 0) return;
    let notSmaller = 0;
    for (let at = order.length - 1; at >= 0; at--) {
      const i = order[at] as number;
      const ratio = (weights[i] as number) / largest;
      notSmaller += ratio * ratio;
      scores[i] = (ratio * ratio) / notSmaller;
    }
  });
}

/** A weight that is not finite would spoil the scores of others, and they would be named. */
function checkFinite(name: string, weights: Values, kept: Uint8Array): void {
  for (let i = 0; i < kept.length; i++) {
    if (kept[i] === 0 || Number.isFinite(weights[i])) continue;
    throw new LotteryError("E_NON_FINITE", `lamp: weight ${i} of ${name} is ${weights[i]}`, { tensor: name, index: i });
  }
}
