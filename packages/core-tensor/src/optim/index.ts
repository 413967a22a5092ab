/** Optimisers: pure steps from gradients to updates, traced into the training step. */
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clipping.ts";
export { type ParameterFilter, addDecayedWeights, isWeight } from "./decay.ts";
export { type MomentumOptions, type MomentumState, momentum } from "./momentum.ts";
export {
  type AdamWOptions,
  type LarsOptions,
  type Optimizer,
  type SgdOptions,
  adam,
  adamw,
  lars,
  sgd,
} from "./optimizers.ts";
export { type AdamOptions, type AdamState, scaleByAdam } from "./scaleByAdam.ts";
export { scale, scaleByLearningRate } from "./scaling.ts";
export {
  type Schedule,
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  linearSchedule,
  piecewiseSchedule,
  polynomialSchedule,
  warmupSchedule,
} from "./schedules.ts";
export { type State, type Transform, applyUpdates, chain, stateless } from "./transform.ts";
export { type TrustRatioOptions, scaleByTrustRatio } from "./trustRatio.ts";
