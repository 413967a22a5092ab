import { type HostTensor, type Tensor, div, jit, tensor } from "@parsimony/core-tensor";
import { checkPositive } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { type Named, floatData, namedTensors, sortedNames } from "../base/parameters.ts";
import { type Mask, applyMask, maskBytes } from "../mask/mask.ts";
import { type Scores, checkScores } from "../mask/scores.ts";
import type { CompiledCriterion, CriterionContext } from "./criterion.ts";
import {
  type Loss,
  type LossCriterionOptions,
  checkBatches,
  hessianProduct,
  scoredNames,
  weightGradient,
} from "./lossGradients.ts";
import { meanOverBatches } from "./meanOverBatches.ts";
import { scoreWeights } from "./scoreWeights.ts";

/**
 * The criterion w (H g): to first order, removing the weight takes twice this from |g|², so keeping the largest preserves the
 * gradient flow (Wang et al. 2020, whose score is the negative and whose smallest are kept). g and H are gradient and
 * Hessian of the loss in the kept weights, at the masked parameters; other parameters are constants.
 *
 * The published code divides logits by 200: `grasp(classification(withTemperature(logits, 200)).loss, [batch])`. With several
 * batches, g and H g are means, as of the loss over all examples of batches of the same size.
 *
 * @param loss (parameters, batch) to a scalar; batch norm and dropout as at inference
 * @param batches trees of tensors on the host
 * @throws LotteryError E_OPTION when there is no batch. The criterion throws E_MASK, E_PARAMETERS when parameters and mask do not
 *   fit; E_EMPTY for a mask without tensors; E_NON_FINITE for a derivative that is not finite, or when every score is 0.
 * @example const scores = await grasp(loss, [batch])(params, mask);
 */
export function grasp<P, B>(
  loss: Loss<P, B>,
  batches: readonly B[],
  options: LossCriterionOptions = {},
): CompiledCriterion<P> {
  checkBatches("grasp", batches);
  const gradient = jit(weightGradient(loss), options);
  const product = jit(hessianProduct(loss), options);
  const criterion = async (params: P, mask: Mask, context?: CriterionContext): Promise<Scores> => {
    const names = scoredNames("grasp", params, mask);
    const named = namedTensors("grasp", params);
    const masked = applyMask(params, mask);
    const mean = (compute: (batch: B) => Promise<Named<Tensor>>): Promise<Named> =>
      meanOverBatches("grasp", batches, compute, context?.signal);
    const slopes = await mean((batch) => gradient(masked, names, batch) as Promise<Named<Tensor>>);
    checkScores("grasp: gradient", slopes, mask);
    const vector = keptVector(slopes, named, mask);
    const curved = await mean((batch) => product(masked, vector, batch) as Promise<Named<Tensor>>);
    let largest = 0;
    const scores = scoreWeights("grasp", masked, mask, (weights, kept, values, name) => {
      const own = floatData("grasp", name, curved[name] as HostTensor);
      for (let i = 0; i < kept.length; i++) {
        if (kept[i] === 1) values[i] = 0 + (weights[i] as number) * (own[i] as number);
        largest = Math.max(largest, Math.abs(values[i] as number));
      }
    });
    if (largest === 0) throw new LotteryError("E_NON_FINITE", "grasp: every score is 0: the loss has no gradient here");
    return scores;
  };
  return Object.assign(criterion, {
    async dispose(): Promise<void> {
      await gradient.dispose();
      await product.dispose();
    },
  });
}

/** The gradient with 0 at masked weights, in the parameters' dtypes. */
function keptVector(slopes: Named, params: Named, mask: Mask): Named {
  return Object.fromEntries(
    sortedNames(mask).map((name): [string, HostTensor] => {
      const { dtype, shape } = params[name] as HostTensor;
      const kept = maskBytes(mask[name] as HostTensor);
      const values = (slopes[name] as HostTensor).dataSync() as Float64Array;
      return [name, tensor(dtype === "float32" ? Float32Array.from(values, pick) : values.map(pick), { shape, dtype })];
      function pick(value: number, i: number): number {
        return kept[i] === 1 ? value : 0;
      }
    }),
  );
}

/**
 * Logits divided by a temperature, for a loss that is flatter than the one that is trained: GraSP's code uses 200.
 *
 * @param logits from parameters and inputs
 * @throws LotteryError E_OPTION unless the temperature is finite and above 0.
 * @example classification(withTemperature(logits, 200)).loss
 */
export function withTemperature<P, X>(
  logits: (params: P, inputs: X) => Tensor,
  temperature: number,
): (params: P, inputs: X) => Tensor {
  checkPositive("withTemperature", "temperature", temperature);
  return (params, inputs) => div(logits(params, inputs), temperature);
}
