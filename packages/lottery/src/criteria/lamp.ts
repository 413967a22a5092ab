import type { Mask } from "../mask/mask.ts";
import type { Scores } from "../mask/scores.ts";
import { type Values, scoreWeights } from "./scoreWeights.ts";

/**
 * The layer-adaptive magnitude: w² over the sum of the squares of all kept weights of its tensor that are not smaller (Lee et al.
 * 2021, equation 3). The largest of every tensor has the score 1, so a global ranking leaves something of each tensor as long as
 * as many weights stay as there are tensors. Of equal magnitudes the one with the smaller index has the smaller score. A tensor of
 * zeros scores 0 everywhere.
 *
 * @throws LotteryError E_MASK, E_PARAMETERS when parameters and mask do not fit; E_NON_FINITE for a weight that is not finite.
 */
export function lamp(params: unknown, mask: Mask): Scores {
  return scoreWeights("lamp", params, mask, (weights, kept, scores) => {
    const order = risingOrder(weights, kept);
    // Squares of ratios to the largest: those of the weights themselves may not fit a double.
    const largest = order.length === 0 ? 0 : Math.abs(weights[order[order.length - 1] as number] as number);
    let notSmaller = 0;
    for (let at = order.length - 1; at >= 0 && largest > 0; at--) {
      const i = order[at] as number;
      const ratio = (weights[i] as number) / largest;
      notSmaller += ratio * ratio;
      scores[i] = (ratio * ratio) / notSmaller;
    }
    if (!Number.isFinite(largest)) scores[order[order.length - 1] as number] = largest;
  });
}

/** Indices of the kept weights by rising magnitude, of equal ones by rising index; a NaN comes last. */
function risingOrder(weights: Values, kept: Uint8Array): Uint32Array {
  const indices = new Uint32Array(kept.length);
  let count = 0;
  for (let i = 0; i < kept.length; i++) if (kept[i] === 1) indices[count++] = i;
  const size = (i: number): number => Math.abs(weights[i] as number);
  const isNan = (i: number): number => (Number.isNaN(weights[i]) ? 1 : 0);
  return indices.subarray(0, count).sort((a, b) => isNan(a) - isNan(b) || size(a) - size(b) || a - b);
}
