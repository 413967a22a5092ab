/** Every user function, by family. */
export {
  abs, acos, acosh, add, asin, asinh, atan, atan2, atanh, ceil, cos, cosh, digamma, div, equal, erf, erfInv,
  exp, expm1, floor, greater, greaterEqual, isInf, isNan, less, lessEqual, lgamma, log, log1p, logicalAnd,
  logicalNot, logicalOr, logicalXor, maximum, minimum, mul, neg, notEqual, polygamma, pow, reciprocal, relu,
  rem, round, rsqrt, sigmoid, sign, sin, sinh, sqrt, sub, tan, tanh, where,
} from "./elementwise/index.ts";
export {
  type ArgOptions, type CumsumOptions, type Ordered, type ReduceOptions, type SortOptions, type TopKOptions,
  all, any, argMax, argMin, cumsum, logSoftmax, max, mean, min, prod, softmax, sort, sum, topK,
} from "./reduce/index.ts";
export {
  type QuantizeOptions, cast, dequantize, quantize, stopGradient,
} from "./cast/index.ts";
export {
  type FullOptions, type IotaOptions, type OneHotOptions, type PadOptions, type SliceBound, broadcastTo, concat,
  dimSize, full, fullLike, gather, gatherElements, iota, oneHot, ones, onesLike, pad, reshape, reverse,
  scatterAdd, scatterAddElements, slice, transpose, zeros, zerosLike,
} from "./movement/index.ts";
export {
  type AvgPool2dOptions, type Conv2dOptions, type ConvTranspose2dOptions, type MaxPool2dOptions, type PadsOption,
  type PairOption, type Resize2dOptions, avgPool2d, conv2d, conv2dWeightGrad, convTranspose2d, matmul, maxPool2d,
  maxPool2dWithIndices, resize2d,
} from "./linalg/index.ts";
export { addDims, divideDims, mulDims, sameDim, subDims } from "./dimensions.ts";
export {
  type AttentionOptions, type CrossEntropyOptions, type EyeOptions, type GeluOptions, type HuberOptions,
  type LayerNormOptions, type LossOptions, type NormOptions, type RangeOptions, type Reduction, type VarianceOptions,
  absoluteError, arange, attention, batchNorm, binaryCrossEntropy, channelStatistics, clip, crossEntropy, dot,
  dropout, einsum, elu, expandDims, eye, flatten, gelu, globalAvgPool2d, globalMaxPool2d, groupNorm, hardSigmoid,
  hardSwish, huberLoss, l2Norm, l2Normalize, layerNorm, leakyRelu, linear, logSigmoid, logSumExp, lowerTriangle,
  mish, outer, relu6, rmsNorm, selu, silu, softplus, split, squaredError, squeeze, stack, std, sumTo, swapAxes,
  tile, tril, triu, variance,
} from "./composites/index.ts";
