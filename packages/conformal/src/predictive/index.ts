export {
  crossVennAbers,
  type CrossVennAbersFold,
  crossVennAbersFromJSON,
  type CrossVennAbersPredictorJSON,
  type CrossVennAbersPrediction,
  type CrossVennAbersPredictor,
} from "./crossVennAbers.ts";
export { isotonicRegression, type IsotonicRegressionOptions } from "./isotonicRegression.ts";
export type { PredictiveDistribution, PredictiveInterval } from "./predictiveDistribution.ts";
export {
  type CalibratedPredictiveSystem,
  type PredictDistributionOptions,
  type PredictiveCalibrationOptions,
  predictiveSystem,
  type PredictiveSystem,
  type CalibratedPredictiveSystemJSON,
  type PredictiveSystemOptions,
} from "./predictiveSystem.ts";
export { predictiveSystemFromJSON } from "./predictiveSystemFromJSON.ts";
export {
  vennAbers,
  type VennAbersPredictorJSON,
  type VennAbersPrediction,
  type VennAbersPredictor,
} from "./vennAbers.ts";
export { vennAbersFromJSON } from "./vennAbersFromJSON.ts";
export {
  type VennAbersMulticlassPrediction,
  vennAbersMulticlass,
  vennAbersMulticlassFromJSON,
  type VennAbersMulticlassPredictorJSON,
  type VennAbersMulticlassOptions,
  type VennAbersMulticlassPredictor,
} from "./vennAbersMulticlass.ts";
