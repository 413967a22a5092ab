export type {
  ClassificationGuarantee,
  ConformalClassifier,
  ConformalClassifierJSON,
  PredictionSet,
} from "./classifier.ts";
export { aps, type ApsOptions } from "./scores/aps.ts";
export { lac } from "./scores/lac.ts";
export type { ClassificationScore } from "./scores/score.ts";
export { splitClassifier, type SplitClassifier, type SplitClassifierOptions } from "./splitClassifier.ts";
export { splitClassifierFromJSON, type SplitClassifierFromJSONOptions } from "./splitClassifierFromJSON.ts";
