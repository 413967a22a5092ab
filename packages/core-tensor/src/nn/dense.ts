import { linear } from "../ops/index.ts";
import { type FloatDType, type Key, split } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Initializer, constantInitializer, glorotUniform } from "./initializers.ts";

/** How the parameters of a layer begin. */
export interface LayerOptions {
  readonly weight?: Initializer;
  /** Default: zeros. `false` leaves the bias out. */
  readonly bias?: Initializer | false;
  /** Default float32. */
  readonly dtype?: FloatDType;
}

export interface DenseParams {
  /** `[in, out]` */
  readonly weight: Tensor;
  /** `[out]` */
  readonly bias?: Tensor;
}

/** Parameters of a dense layer; weights by Glorot's uniform rule if not given. */
export function initDense(key: Key, inputs: number, outputs: number, options: LayerOptions = {}): DenseParams {
  const [weightKey, biasKey] = split(key) as [Key, Key];
  const { weight = glorotUniform, dtype = "float32" } = options;
  return { weight: weight(weightKey, [inputs, outputs], dtype), ...initBias(biasKey, outputs, options) };
}

/** The bias of a layer, if it is to have one. */
export function initBias(key: Key, length: number, options: LayerOptions): { readonly bias?: Tensor } {
  const { bias = constantInitializer(0), dtype = "float32" } = options;
  return bias === false ? {} : { bias: bias(key, [length], dtype) };
}

/** `x weight + bias`: `[..., in] -> [..., out]`. */
export function dense({ weight, bias }: DenseParams, x: Tensor): Tensor {
  return linear(x, weight, bias);
}
