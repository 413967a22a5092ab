import { type HostTensor, jit, tensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import type { Named } from "../base/parameters.ts";
import { type Mask, applyMask } from "../mask/mask.ts";
import type { Scores } from "../mask/scores.ts";
import type { CompiledCriterion, CriterionContext } from "./criterion.ts";
import { type Loss, type LossCriterionOptions, checkBatches, scoredNames, weightGradient } from "./lossGradients.ts";
import { meanOverBatches } from "./meanOverBatches.ts";
import { taylor } from "./taylor.ts";

/**
 * The criterion |w g| over its sum, g being the gradient of a loss at the masked parameters: the connection sensitivity (Lee et al.
 * 2019), which is |∂loss/∂m| at the mask m. The scores are >= 0 and add up to 1.
 *
 * The published code takes one batch with 10 examples of each class. With several batches, g is the mean of their gradients.
 *
 * @param loss (parameters, batch) to a scalar; batch norm and dropout as at inference
 * @param batches trees of tensors on the host
 * @throws LotteryError E_OPTION when there is no batch. The criterion throws E_MASK, E_PARAMETERS when parameters and mask do not
 *   fit; E_EMPTY for a mask without tensors; E_NON_FINITE for a gradient that is not finite, or one that is 0 at every kept weight
 *   that is not 0.
 * @example const scores = await snip(loss, [batch])(params, mask);
 */
export function snip<P, B>(
  loss: Loss<P, B>,
  batches: readonly B[],
  options: LossCriterionOptions = {},
): CompiledCriterion<P> {
  checkBatches("snip", batches);
  const gradient = jit(weightGradient(loss), options);
  const criterion = async (params: P, mask: Mask, context?: CriterionContext): Promise<Scores> => {
    const names = scoredNames("snip", params, mask);
    const masked = applyMask(params, mask);
    const gradients = await meanOverBatches(
      "snip",
      batches,
      (batch) => gradient(masked, names, batch) as Promise<Named>,
      context?.signal,
    );
    return shares(taylor(masked, gradients, mask));
  };
  return Object.assign(criterion, { dispose: () => gradient.dispose() });
}

function shares(scores: Scores): Scores {
  const entries = Object.entries(scores).map(
    ([name, score]) => [name, score, score.dataSync() as Float64Array] as const,
  );
  const total = entries.reduce((sum, [, , values]) => values.reduce((a, b) => a + b, sum), 0);
  if (!(total > 0 && Number.isFinite(total))) {
    throw new LotteryError("E_NON_FINITE", `snip: |w g| adds up to ${total}, by which no score can be divided`);
  }
  return Object.fromEntries(
    entries.map(([name, { shape }, values]): [string, HostTensor] => [
      name,
      tensor(
        values.map((value) => value / total),
        { shape },
      ),
    ]),
  );
}
