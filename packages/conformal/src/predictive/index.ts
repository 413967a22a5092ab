export {
  crossVennAbers,
  type CrossVennAbersFold,
  crossVennAbersFromJSON,
  type CrossVennAbersJSON,
  type CrossVennAbersPrediction,
  type CrossVennAbersPredictor,
} from "./crossVennAbers.ts";
export { isotonicRegression, type IsotonicRegressionOptions } from "./isotonicRegression.ts";
export type { PredictiveDistribution, PredictiveInterval } from "./predictiveDistribution.ts";
export {
  type CalibratedPredictiveSystem,
  type PredictiveCalibrationOptions,
  predictiveSystem,
  type PredictiveSystem,
  type PredictiveSystemJSON,
  type PredictiveSystemOptions,
} from "./predictiveSystem.ts";
export { predictiveSystemFromJSON } from "./predictiveSystemFromJSON.ts";
export { vennAbers, type VennAbersJSON, type VennAbersPrediction, type VennAbersPredictor } from "./vennAbers.ts";
export { vennAbersFromJSON } from "./vennAbersFromJSON.ts";
export {
  type MulticlassPrediction,
  vennAbersMulticlass,
  vennAbersMulticlassFromJSON,
  type VennAbersMulticlassJSON,
  type VennAbersMulticlassOptions,
  type VennAbersMulticlassPredictor,
} from "./vennAbersMulticlass.ts";
