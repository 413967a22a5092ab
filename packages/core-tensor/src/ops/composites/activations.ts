/** Activation functions. Floats in, floats of the same dtype out. */
import type { Tensor } from "../../tensor/tensor.ts";
import {
  add,
  div,
  erf,
  expm1,
  greater,
  mul,
  neg,
  pow,
  relu,
  sigmoid,
  softplus,
  tanh,
  where,
} from "../elementwise/index.ts";
import { type Operand, operand } from "../operand.ts";
import { clip } from "./clip.ts";

export interface GeluOptions {
  /** `"tanh"`: the approximation by a hyperbolic tangent that GPT-2 was trained with. Default `"none"`. */
  readonly approximate?: "none" | "tanh";
}

/**
 * Gaussian error linear unit, `x Φ(x)` with the normal distribution function Φ (Hendrycks and Gimpel 2016).
 * Written step by step in the order in which engines recognise it.
 */
export function gelu(x: Operand, options: GeluOptions = {}): Tensor {
  const value = operand(x);
  if (options.approximate === "tanh") {
    const inner = mul(add(value, mul(pow(value, 3), 0.044715)), Math.sqrt(2 / Math.PI));
    return mul(mul(value, 0.5), add(tanh(inner), 1));
  }
  return mul(mul(value, add(erf(div(value, Math.SQRT2)), 1)), 0.5);
}

/** `x sigmoid(x)`, also called swish (Elfwing, Uchibe and Doya 2018). */
export function silu(x: Operand): Tensor {
  const value = operand(x);
  return mul(value, sigmoid(value));
}

/** `log(sigmoid(x))` without underflow. */
export function logSigmoid(x: Operand): Tensor {
  return neg(softplus(neg(x)));
}

/** x where it is positive, `slope x` elsewhere (Maas, Hannun and Ng 2013). Default slope 0.01. */
export function leakyRelu(x: Operand, slope = 0.01): Tensor {
  const value = operand(x);
  return where(greater(value, 0), value, mul(value, slope));
}

/** x where it is positive, `alpha (exp(x) - 1)` elsewhere (Clevert et al. 2016). Default alpha 1. */
export function elu(x: Operand, alpha = 1): Tensor {
  const value = operand(x);
  const positive = greater(value, 0);
  // The branch that is not taken must not overflow, or its derivative would be Infinity * 0.
  return where(positive, value, mul(expm1(where(positive, 0, value)), alpha));
}

/** Scaled elu that keeps mean 0 and variance 1 (Klambauer et al. 2017). */
export function selu(x: Operand): Tensor {
  return mul(elu(x, 1.6732632423543772), 1.0507009873554805);
}

/** `min(max(x / 6 + 1 / 2, 0), 1)` (Howard et al. 2019). */
export function hardSigmoid(x: Operand): Tensor {
  return clip(add(div(x, 6), 0.5), 0, 1);
}

/** `x hardSigmoid(x)` (Howard et al. 2019). */
export function hardSwish(x: Operand): Tensor {
  const value = operand(x);
  return mul(value, hardSigmoid(value));
}

/** `x tanh(softplus(x))` (Misra 2019). */
export function mish(x: Operand): Tensor {
  const value = operand(x);
  return mul(value, tanh(softplus(value)));
}

/** `min(max(x, 0), 6)` (Howard et al. 2017). */
export function relu6(x: Operand): Tensor {
  return clip(relu(x), undefined, 6);
}
