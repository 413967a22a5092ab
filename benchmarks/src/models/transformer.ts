import { type Tensor, add, gelu, squaredError, random } from "@parsimony/core-tensor";
import {
  type AttentionParams,
  type DenseParams,
  type NormParams,
  dense,
  initAttention,
  initDense,
  initNorm,
  layerNorm,
  multiHeadAttention,
} from "@parsimony/core-tensor/nn";

/** A layer with the norms in front (Xiong et al. 2020): attention, then two dense layers with GELU between. */
export interface TransformerLayer {
  readonly norm1: NormParams;
  readonly attention: AttentionParams;
  readonly norm2: NormParams;
  readonly expand: DenseParams;
  readonly contract: DenseParams;
}

export interface TransformerSize {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
}

export function initTransformer(key: random.Key, { layers, width }: TransformerSize): TransformerLayer[] {
  return (random.split(key, layers) as random.Key[]).map((own) => {
    const [a, b, c] = random.split(own, 3) as [random.Key, random.Key, random.Key];
    return {
      norm1: initNorm(width),
      attention: initAttention(a, width),
      norm2: initNorm(width),
      expand: initDense(b, width, 4 * width),
      contract: initDense(c, 4 * width, width),
    };
  });
}

/** [batch, length, width] -> the same */
export function transformer(layers: readonly TransformerLayer[], x: Tensor, heads: number): Tensor {
  return layers.reduce((value, { norm1, attention, norm2, expand, contract }) => {
    const mixed = add(value, multiHeadAttention(attention, layerNorm(norm1, value), { heads }));
    return add(mixed, dense(contract, gelu(dense(expand, layerNorm(norm2, mixed)))));
  }, x);
}

export function transformerLoss(layers: readonly TransformerLayer[], x: Tensor, target: Tensor, heads: number): Tensor {
  return squaredError(transformer(layers, x, heads), target);
}
