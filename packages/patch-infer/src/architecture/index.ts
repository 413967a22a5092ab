export {
  type MobileNetStatistics,
  type MobileNetTraining,
  type NormalizedConvParams,
  batchNormalize,
  foldBatchNorm,
  initMobileNetTraining,
  mobileNetTrainingLogits,
} from "./batchNorm.ts";
export {
  type MobileNet,
  type MobileNetBlock,
  type MobileNetLayer,
  type MobileNetParams,
  convolve,
  initMobileNet,
  mobileNetGraph,
  mobileNetLayers,
  mobileNetLogits,
  walkMobileNet,
} from "./mobileNet.ts";
