/** Functions over the primitives. */
export {
  type GeluOptions,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSigmoid,
  mish,
  relu6,
  selu,
  silu,
} from "./activations.ts";
export { type AttentionOptions, attention } from "./attention.ts";
export { clip } from "./clip.ts";
export { dropout } from "./dropout.ts";
export { einsum } from "./einsum.ts";
export { globalAvgPool2d, globalMaxPool2d } from "./globalPool.ts";
export { linear } from "./linear.ts";
export {
  type CrossEntropyOptions,
  type HuberOptions,
  type LossOptions,
  type Reduction,
  absoluteError,
  binaryCrossEntropy,
  crossEntropy,
  huberLoss,
  squaredError,
} from "./losses.ts";
export {
  type LayerNormOptions,
  type NormOptions,
  batchNorm,
  channelStatistics,
  groupNorm,
  layerNorm,
  rmsNorm,
} from "./norms.ts";
export { dot, outer } from "./products.ts";
export { type EyeOptions, type RangeOptions, arange, eye, lowerTriangle, tril, triu } from "./ranges.ts";
export { expandDims, flatten, split, squeeze, stack, swapAxes, tile } from "./reshaping.ts";
export { type VarianceOptions, l2Norm, l2Normalize, logSumExp, std, variance } from "./statistics.ts";
export { sumTo } from "./sumTo.ts";
