import { clip, relu, relu6, tanh } from "../../ops/index.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { OperatorNode } from "./node.ts";

/** `ActivationFunctionType` of the schema, by number. */
const activations: readonly ((x: Tensor) => Tensor)[] = [(x) => x, relu, reluN1To1, relu6, tanh];

/** x moved into [-1, 1]. */
export function reluN1To1(x: Tensor): Tensor {
  return clip(x, -1, 1);
}

/** The activation that is part of another operator. */
export function activate(node: OperatorNode, x: Tensor, activation: number): Tensor {
  const apply = activations[activation];
  if (apply !== undefined) return apply(x);
  return activation === 5 ? node.refuse("the fused activation SIGN_BIT") : node.fail(`no activation ${activation}`);
}
