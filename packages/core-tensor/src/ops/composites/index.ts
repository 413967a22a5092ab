/** Functions over the primitives. */
export {
  type GeluOptions, elu, gelu, hardSigmoid, hardSwish, leakyRelu, logSigmoid, mish, relu6, selu, silu, softplus,
} from "./activations.ts";
export { type AttentionOptions, attention } from "./attention.ts";
export { clip } from "./clip.ts";
export { dropout } from "./dropout.ts";
export { einsum } from "./einsum.ts";
export { globalAvgPool2d, globalMaxPool2d } from "./globalPool.ts";
export {
  type CrossEntropyOptions, type HuberOptions, type LossOptions, type Reduction, binaryCrossEntropyWithLogits,
  crossEntropy, huberLoss, meanAbsoluteError, meanSquaredError,
} from "./losses.ts";
export {
  type BatchStatistics, type LayerNormOptions, type NormOptions, batchNorm, batchNormTraining, groupNorm, layerNorm,
  rmsNorm,
} from "./normalization.ts";
export { dot, linear, outer } from "./products.ts";
export { type EyeOptions, type RangeOptions, arange, eye, lowerTriangle, tril, triu } from "./ranges.ts";
export { expandDims, flatten, split, squeeze, stack, swapAxes, tile } from "./reshaping.ts";
export { type VarianceOptions, l2Norm, l2Normalize, logSumExp, std, variance } from "./statistics.ts";
