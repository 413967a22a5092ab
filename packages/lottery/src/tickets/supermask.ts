import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { checkChoice } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { type Named, floatData, sortedNames } from "../base/parameters.ts";
import { type Mask, applyMask, checkMask } from "../mask/mask.ts";
import type { DataPart, Metrics, Trainer } from "../train/trainer.ts";

export interface SupermaskOptions {
  /**
   * "init" (the default): the weights as they are. "signedConstant": each kept weight becomes plus or minus one constant of its
   * tensor, with the sign that it has; a zero counts as positive.
   */
  readonly values?: "init" | "signedConstant";
  /** Constant of each tensor by name. Default: the standard deviation of the tensor's weights, masked ones included. */
  readonly constants?: Readonly<Record<string, number>>;
}

/**
 * The weights of an untrained net under a mask, as they are or as signed constants (Zhou et al. 2019, section 5).
 *
 * @throws LotteryError E_MASK when the mask does not fit, E_OPTION for a constant that is not finite or of
 *   no tensor of the mask.
 */
export function supermaskParams(params: Named, mask: Mask, options: SupermaskOptions = {}): Named {
  const { values = "init", constants = {} } = options;
  checkChoice("supermaskParams", "values", values, ["init", "signedConstant"]);
  checkMask("supermaskParams", mask, params);
  const unknown = sortedNames(constants).find((name) => !Object.hasOwn(mask, name));
  if (unknown !== undefined) {
    throw new LotteryError("E_OPTION", `supermaskParams: constants: the mask has no tensor ${unknown}`);
  }
  if (values === "init") return applyMask(params, mask);
  const signed = sortedNames(mask).map((name): [string, HostTensor] => {
    const param = params[name] as HostTensor;
    const weights = floatData("supermaskParams", name, param);
    const constant = constants[name] ?? deviation(weights);
    if (!Number.isFinite(constant)) {
      throw new LotteryError("E_OPTION", `supermaskParams: the constant of ${name} is ${constant}`, { tensor: name });
    }
    const filled = weights.map((weight) => (weight < 0 ? -constant : constant));
    return [name, tensor(filled, { shape: param.shape, dtype: param.dtype })];
  });
  return applyMask({ ...params, ...Object.fromEntries(signed) }, mask);
}

/**
 * How good an untrained net is under a mask: a mask that lifts it far above chance is a supermask (Zhou et al. 2019). `params` are
 * initial weights, `mask` for example that of a level.
 *
 * @throws LotteryError as `supermaskParams`.
 */
export async function evaluateSupermask(
  trainer: Pick<Trainer, "evaluate">,
  params: Named,
  mask: Mask,
  options: SupermaskOptions & { readonly part?: DataPart; readonly signal?: AbortSignal } = {},
): Promise<Metrics> {
  const { part = "test", signal } = options;
  return trainer.evaluate(supermaskParams(params, mask, options), part, signal);
}

/** The standard deviation of the weights themselves: the divisor is their number. */
function deviation(weights: Float32Array | Float64Array): number {
  let sum = 0;
  for (const weight of weights) sum += weight;
  const mean = sum / weights.length;
  let squares = 0;
  for (const weight of weights) squares += (weight - mean) ** 2;
  return weights.length === 0 ? 0 : Math.sqrt(squares / weights.length);
}
