import { type Tensor, crossEntropy, random } from "@parsimony/core-tensor";
import {
  type DenseParams,
  type EmbeddingParams,
  type NormParams,
  dense,
  embedding,
  initDense,
  initEmbedding,
  initNorm,
  layerNorm,
} from "@parsimony/core-tensor/nn";
import { type TransformerLayer, type TransformerSize, initTransformer, transformer } from "./transformer.ts";

/** Embedding, transformer layers, norm, and logits over the vocabulary. */
export interface LanguageModel {
  readonly tokens: EmbeddingParams;
  readonly layers: readonly TransformerLayer[];
  readonly norm: NormParams;
  readonly output: DenseParams;
}

export interface LanguageModelSize extends TransformerSize {
  readonly vocabulary: number;
}

export function initLanguageModel(key: random.Key, size: LanguageModelSize): LanguageModel {
  const [a, b, c] = random.split(key, 3) as [random.Key, random.Key, random.Key];
  return {
    tokens: initEmbedding(a, size.vocabulary, size.width),
    layers: initTransformer(b, size),
    norm: initNorm(size.width),
    output: initDense(c, size.width, size.vocabulary),
  };
}

/** Token indices [batch, length] and the indices that should follow them -> mean cross-entropy. */
export function languageModelLoss(
  { tokens, layers, norm, output }: LanguageModel,
  x: Tensor,
  next: Tensor,
  heads: number,
): Tensor {
  const hidden = transformer(layers, embedding(tokens, x), heads);
  return crossEntropy(dense(output, layerNorm(norm, hidden)), next);
}
