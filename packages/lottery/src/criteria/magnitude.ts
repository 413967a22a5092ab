import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { floatData, namedTensors, sortedNames } from "../base/parameters.ts";
import { type Mask, checkMask, maskBytes } from "../mask/mask.ts";
import { type Scores, checkScores } from "../mask/scores.ts";

/**
 * |w|, in the dtype of the weights: what iterative magnitude pruning ranks (Han et al. 2015; Frankle and Carbin 2019).
 *
 * Of the parameters before training it is "magnitude at initialisation"; there is no other function for that.
 *
 * @throws LotteryError E_MASK, E_PARAMETERS when parameters and mask do not fit; E_NON_FINITE for a weight that is not finite.
 */
export function magnitude(params: unknown, mask: Mask): Scores {
  const named = namedTensors("magnitude", params);
  checkMask("magnitude", mask, named);
  const scores = Object.fromEntries(
    sortedNames(mask).map((name): [string, HostTensor] => {
      const param = named[name] as HostTensor;
      const kept = maskBytes(mask[name] as HostTensor);
      const values = floatData("magnitude", name, param).slice();
      for (let i = 0; i < values.length; i++) values[i] = kept[i] === 0 ? 0 : Math.abs(values[i] as number);
      return [name, tensor(values, { shape: param.shape })];
    }),
  );
  checkScores("magnitude", scores, mask);
  return scores;
}
