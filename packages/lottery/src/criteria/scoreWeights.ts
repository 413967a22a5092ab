import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { floatData, namedTensors, sortedNames } from "../base/parameters.ts";
import { type Mask, checkMask, maskBytes } from "../mask/mask.ts";
import { type Scores, checkScores } from "../mask/scores.ts";

/** The elements of a tensor, flat. */
export type Values = Float32Array | Float64Array;

/**
 * The float64 scores that `scorer` writes for each tensor of the mask: it gets the weights and what is kept, flat, and an array of
 * zeros to fill at the places that are kept.
 *
 * @throws LotteryError E_MASK, E_PARAMETERS when parameters and mask do not fit; E_NON_FINITE for a score that is not finite.
 */
export function scoreWeights(
  where: string,
  params: unknown,
  mask: Mask,
  scorer: (weights: Values, kept: Uint8Array, scores: Float64Array, name: string) => void,
): Scores {
  const named = namedTensors(where, params);
  checkMask(where, mask, named);
  const scores = Object.fromEntries(
    sortedNames(mask).map((name): [string, HostTensor] => {
      const { shape, size } = mask[name] as HostTensor;
      const values = new Float64Array(size);
      scorer(floatData(where, name, named[name] as HostTensor), maskBytes(mask[name] as HostTensor), values, name);
      return [name, tensor(values, { shape })];
    }),
  );
  checkScores(where, scores, mask);
  return scores;
}

/** The elements of other tensors that belong to the weights of a mask: gradients, earlier weights, earlier scores. */
export function companionValues(where: string, tree: unknown, mask: Mask): (name: string) => Values {
  const named = namedTensors(where, tree);
  checkMask(where, mask, named);
  return (name) => floatData(where, name, named[name] as HostTensor);
}
