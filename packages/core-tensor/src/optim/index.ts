export { type AdamWOptions, type LarsOptions, type Optimizer, type SgdOptions, adam, adamw, lars, sgd } from "./optimizers.ts";
export { type Schedule, cosineSchedule, exponentialSchedule, linearSchedule, piecewiseSchedule, warmupSchedule } from "./schedules.ts";
export { type State, type Transform, applyUpdates, chain, stateless } from "./transform.ts";
export {
  type AdamOptions,
  type MomentumOptions,
  type ParameterFilter,
  addDecayedWeights,
  clipByGlobalNorm,
  clipByValue,
  globalNorm,
  momentum,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleByTrustRatio,
} from "./transforms.ts";
