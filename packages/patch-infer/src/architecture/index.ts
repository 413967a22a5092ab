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
export {
  type Candidate,
  type Evolution,
  type EvolutionState,
  type EvolveOptions,
  type Generation,
  type Scored,
  evolve,
} from "./evolve.ts";
export {
  type MobileNetSpace,
  type MobileNetSpaceOptions,
  type MobileNetStageChoice,
  mobileNetSpace,
} from "./mobileNetSpace.ts";
export { type MobileNetV2Options, mobileNetV2 } from "./mobileNetV2.ts";
export {
  type ActivationProxyOptions,
  activationPatternScore,
  activationVolumeScore,
  weightedMacs,
} from "./proxies.ts";
export type { FieldSize } from "./receptiveField.ts";
export {
  type KernelReport,
  type RedistributeOptions,
  type RedistributeReport,
  type Redistributed,
  type RedistributionState,
  redistribute,
} from "./redistribute.ts";
export { flashBytesOf, shapeNetwork } from "./shapeNetwork.ts";
export type { Costs, Genes, Space } from "./space.ts";
