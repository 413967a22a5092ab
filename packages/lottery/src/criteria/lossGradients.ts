import { type Backend, type Tensor, add, flattenTree, grad, isTensor, mapTree, mul, sum } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { type Named, namedTensors, sortedNames } from "../base/parameters.ts";
import { type Mask, checkMask } from "../mask/mask.ts";

/** A scalar, from a tree of parameters and a tree of tensors that hold some examples. */
export type Loss<P, B> = (params: P, batch: B) => Tensor;

export interface LossCriterionOptions {
  /** Where it computes. Default: that of `jit`, onnxruntime. */
  readonly backend?: Backend;
}

/** The gradient of a loss in the weights with these names; other parameters are constants. To be compiled. */
export function weightGradient<P, B>(loss: Loss<P, B>) {
  return (params: P, names: readonly string[], batch: B): Named<Tensor> =>
    grad((weights: Named<Tensor>) => loss(withWeights(params, weights), batch))(weightsOf(params, names));
}

/** H v, for the Hessian H of a loss in the weights that v has entries for: the gradient of (gradient · v). To be compiled. */
export function hessianProduct<P, B>(loss: Loss<P, B>) {
  const gradient = weightGradient(loss);
  return (params: P, vector: Named<Tensor>, batch: B): Named<Tensor> => {
    const names = Object.keys(vector);
    const slope = (weights: Named<Tensor>): Tensor => {
      const inner = gradient(withWeights(params, weights), names, batch);
      return names.map((name) => sum(mul(inner[name] as Tensor, vector[name] as Tensor))).reduce((a, b) => add(a, b));
    };
    return grad(slope)(weightsOf(params, names));
  };
}

/** The tensors of a tree with these paths, by path; the tree may be traced. */
export function weightsOf(params: unknown, names: readonly string[]): Named<Tensor> {
  const { leaves, paths } = flattenTree(params, isTensor);
  const wanted = new Set(names);
  return Object.fromEntries(
    paths.map((path, i) => [path, leaves[i] as Tensor] as const).filter(([p]) => wanted.has(p)),
  );
}

/** The tree with other tensors at some of its paths. */
export function withWeights<P>(params: P, weights: Named<Tensor>): P {
  return mapTree((leaf, path) => weights[path] ?? leaf, params) as P;
}

/**
 * The names of a mask's tensors, in order.
 *
 * @throws LotteryError E_MASK when the mask does not fit the parameters; E_EMPTY when it has no tensors, for then there is no program.
 */
export function scoredNames(where: string, params: unknown, mask: Mask): readonly string[] {
  checkMask(where, mask, namedTensors(where, params));
  const names = sortedNames(mask);
  if (names.length === 0) throw new LotteryError("E_EMPTY", `${where}: the mask has no tensors to score`);
  return names;
}

/** Throws E_OPTION unless there are batches to score on. */
export function checkBatches(where: string, batches: readonly unknown[]): void {
  if (Array.isArray(batches) && batches.length > 0) return;
  throw new LotteryError("E_OPTION", `${where}: batches must be a list of one batch or more`);
}
