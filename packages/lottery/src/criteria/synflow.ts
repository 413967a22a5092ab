import {
  type Backend,
  type Graph,
  type HostTensor,
  type Tensor,
  type TensorSpec,
  abs,
  add,
  cast,
  flattenTree,
  grad,
  interpret,
  isFloat,
  isTensor,
  jit,
  mul,
  ones,
  spec,
  sum,
  toHost,
  trace,
  unflattenTree,
} from "@parsimony/core-tensor";
import { checkChoice, checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { type Named, floatData } from "../base/parameters.ts";
import { type Mask, applyMask } from "../mask/mask.ts";
import type { Scores } from "../mask/scores.ts";
import type { CompiledCriterion } from "./criterion.ts";
import { scoredNames, weightsOf, withWeights } from "./lossGradients.ts";
import { retype } from "./retype.ts";
import { scoreWeights } from "./scoreWeights.ts";

export interface SynflowOptions {
  /** Shape of the input that `forward` wants, for one example: `[1, 784]`, `[1, 3, 32, 32]`. */
  readonly inputShape: readonly number[];
  /**
   * What it is computed in, whatever the parameters are. Default float64: the flow of deep nets does not fit float32. For
   * backends without float64.
   */
  readonly dtype?: "float32" | "float64";
  /** Where it computes. Default: that of `jit`, onnxruntime. */
  readonly backend?: Backend;
}

/**
 * The criterion |∂R/∂w · w|, R being what flows from an input of ones to the sum of the outputs when every parameter has its
 * absolute value: the synaptic flow (Tanaka et al. 2020). It looks at no data. In a net of linear layers, convolutions,
 * ReLU and pooling the scores into each hidden unit add up to those out of it, and those of each layer to R.
 *
 * R is the part of the output that is linear in the input, `∂(Σ outputs)/∂input · input`: biases and other shifts are no
 * connections and have no part, as in the paper's nets, whatever their names. The paper's code adds them to R.
 *
 * Score again after every step: `pruneAtInit(synflow(forward, options), params, mask, { density, iterations: 100 })`.
 *
 * @param forward (parameters, input) to logits; batch norm as at inference
 * @throws LotteryError E_OPTION for a shape or dtype that is none. The criterion throws E_MASK, E_PARAMETERS when parameters and
 *   mask do not fit; E_NON_FINITE when R overflows; E_EMPTY when R is 0 (no path of kept weights leads to an output) or
 *   the mask has no tensors.
 * @example const scores = await synflow(forward, { inputShape: [1, 784] })(params, mask);
 */
export function synflow<P>(
  forward: (params: P, input: Tensor) => Tensor,
  { inputShape, dtype = "float64", ...options }: SynflowOptions,
): CompiledCriterion<P> {
  checkChoice("synflow", "dtype", dtype, ["float32", "float64"]);
  for (const [axis, length] of inputShape.entries()) checkWhole("synflow", `inputShape[${axis}]`, length, 1);
  const flow = jit((params: P, names: readonly string[]) => {
    const net = retype(netGraph(forward, params, names, inputShape), dtype);
    const absolute = absoluteParams(params, dtype);
    const throughput = (weights: Named<Tensor>): Tensor => {
      const leaves = flattenTree(withWeights(absolute, weights), isTensor).leaves;
      const outputs = (input: Tensor): Tensor => sumOfOutputs(net, [...leaves, input]);
      return sum(grad(outputs)(ones(inputShape, { dtype })));
    };
    const weights = weightsOf(absolute, names);
    const slopes = grad(throughput)(weights);
    return {
      total: throughput(weights),
      scores: Object.fromEntries(names.map((name) => [name, mul(slopes[name] as Tensor, weights[name] as Tensor)])),
    };
  }, options);
  const criterion = async (params: P, mask: Mask): Promise<Scores> => {
    const names = scoredNames("synflow", params, mask);
    const masked = applyMask(params, mask);
    const { total, scores } = (await flow(masked, names)) as unknown as {
      readonly total: Tensor;
      readonly scores: Named<Tensor>;
    };
    const host: Record<string, HostTensor> = {};
    for (const [name, score] of Object.entries(scores)) host[name] = await toHost(score);
    checkTotal((await toHost(total)).item() as number, dtype);
    const result = scoreWeights("synflow", masked, mask, (_weights, kept, values, name) => {
      const own = floatData("synflow", name, host[name] as HostTensor);
      for (let i = 0; i < kept.length; i++) if (kept[i] === 1) values[i] = Math.abs(own[i] as number);
    });
    for (const each of [total, ...Object.values(scores)]) each.dispose();
    return result;
  };
  return Object.assign(criterion, { dispose: () => flow.dispose() });
}

/** The net as a program: inputs are the leaves of the parameters, then the input. */
function netGraph<P>(
  forward: (params: P, input: Tensor) => Tensor,
  params: P,
  names: readonly string[],
  inputShape: readonly number[],
): Graph {
  const { leaves, structure } = flattenTree(params, isTensor);
  const own = leaves.map(({ shape, dtype }): TensorSpec => spec(shape, dtype));
  const { dtype } = weightsOf(params, names)[names[0] as string] as Tensor;
  return trace(
    (values: readonly Tensor[], input: Tensor) => forward(unflattenTree(structure, values) as P, input),
    own,
    spec(inputShape, dtype),
  );
}

function absoluteParams<P>(params: P, dtype: "float32" | "float64"): P {
  const { leaves, structure } = flattenTree(params, isTensor);
  const absolute = leaves.map((leaf) => (isFloat(leaf.dtype) ? abs(cast(leaf, dtype)) : leaf));
  return unflattenTree(structure, absolute) as P;
}

function sumOfOutputs(net: Graph, inputs: readonly Tensor[]): Tensor {
  const values = interpret(net, Object.fromEntries(net.inputs.map((name, i) => [name, inputs[i] as Tensor])));
  return Object.values(values)
    .map((value) => sum(value))
    .reduce((a, b) => add(a, b));
}

function checkTotal(total: number, dtype: string): void {
  if (total === 0) {
    throw new LotteryError("E_EMPTY", "synflow: nothing flows: no path of kept weights leads from input to output");
  }
  if (Number.isFinite(total)) return;
  const advice = dtype === "float32" ? "; float64 has room for more" : "";
  throw new LotteryError("E_NON_FINITE", `synflow: the flow is ${total} in ${dtype}${advice}`);
}
