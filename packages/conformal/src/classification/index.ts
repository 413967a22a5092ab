export type { ClassificationGuarantee, ConformalClassifier, ConformalClassifierJSON } from "./classifier.ts";
export { clusteredClassifier, type ClusteredClassifierOptions } from "./clustered/clusteredClassifier.ts";
export {
  type CrossClassifier,
  crossClassifier,
  type CrossClassifierJSON,
  type CrossClassifierOptions,
} from "./cross/crossClassifier.ts";
export { crossClassifierFromJSON } from "./cross/crossClassifierFromJSON.ts";
export { type CvPlusClassifier, cvPlusClassifier, type CvPlusClassifierOptions } from "./cross/cvPlusClassifier.ts";
export type { FitClassifier } from "./fit.ts";
export { type FullClassifier, fullClassifier, type FullClassifierOptions } from "./full/fullClassifier.ts";
export {
  type MondrianClassifier,
  mondrianClassifier,
  type MondrianClassifierJSON,
  type MondrianClassifierOptions,
} from "./mondrian/mondrianClassifier.ts";
export {
  mondrianClassifierFromJSON,
  type MondrianClassifierFromJSONOptions,
} from "./mondrian/mondrianClassifierFromJSON.ts";
export type { PredictionSet, SetReason } from "./predictionSet.ts";
export {
  type LabelChoice,
  type PValueClassifier,
  pValueClassifier,
  type PValueClassifierJSON,
  type PValueClassifierOptions,
} from "./pValues/pValueClassifier.ts";
export { pValueClassifierFromJSON } from "./pValues/pValueClassifierFromJSON.ts";
export { aps, type ApsOptions } from "./scores/aps.ts";
export { lac } from "./scores/lac.ts";
export { margin } from "./scores/margin.ts";
export { ordinalAps, type OrdinalApsOptions } from "./scores/ordinalAps.ts";
export { raps, type RapsOptions } from "./scores/raps.ts";
export { saps, type SapsOptions } from "./scores/saps.ts";
export type { ClassificationScore } from "./scores/score.ts";
export { topK, type TopKOptions } from "./scores/topK.ts";
export { splitClassifier, type SplitClassifier, type SplitClassifierOptions } from "./splitClassifier.ts";
export { splitClassifierFromJSON, type SplitClassifierFromJSONOptions } from "./splitClassifierFromJSON.ts";
export { densityRatios, type DensityRatiosOptions } from "./weighted/densityRatios.ts";
export {
  type WeightedClassifier,
  weightedClassifier,
  type WeightedClassifierJSON,
  type WeightedClassifierOptions,
} from "./weighted/weightedClassifier.ts";
export { weightedClassifierFromJSON } from "./weighted/weightedClassifierFromJSON.ts";
