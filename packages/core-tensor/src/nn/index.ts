/** Layers: a tree of parameters, made from a key, and a pure function that takes it first. */
export { type AttentionParams, type MultiHeadOptions, initAttention, multiHeadAttention } from "./attention.ts";
export {
  type BatchNormState,
  type TrainBatchNormOptions,
  batchNorm,
  initBatchNormState,
  trainBatchNorm,
} from "./batchNorm.ts";
export {
  type ConvLayerOptions,
  type ConvParams,
  type ConvTransposeParams,
  type KernelSize,
  conv,
  convTranspose,
  initConv,
  initConvTranspose,
} from "./conv.ts";
export { type DenseParams, type LayerOptions, dense, initDense } from "./dense.ts";
export { dropoutMask } from "./dropout.ts";
export { type EmbeddingOptions, type EmbeddingParams, embedding, initEmbedding } from "./embedding.ts";
export {
  type Fans,
  type Initializer,
  type VarianceScalingOptions,
  constantInitializer,
  fans,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  normalInitializer,
  varianceScaling,
} from "./initializers.ts";
export { type InitNormOptions, type NormParams, groupNorm, initNorm, layerNorm, rmsNorm } from "./norms.ts";
export { orthogonal } from "./orthogonal.ts";
