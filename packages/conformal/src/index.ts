export type {
  ClassificationGuarantee,
  ConformalClassifier,
  ConformalClassifierJSON,
  PredictionSet,
} from "./classifier.ts";
export { coverageInterval, type CoverageInterval, type CoverageIntervalOptions } from "./coverageInterval.ts";
export { ConformalError, type ConformalErrorCode } from "./errors.ts";
export type { ProbabilityMatrix } from "./internal/matrix.ts";
export {
  coverage,
  coverageByClass,
  type GroupCoverage,
  type LabelSets,
  meanSetSize,
  setSizes,
  sizeStratifiedCoverage,
} from "./metrics.ts";
export { conformalPValue, type ConformalPValueOptions } from "./pValue.ts";
export { conformalQuantile, type ConformalQuantileOptions, type Quantile, type Scores } from "./quantile.ts";
export { rowUniform, uniformStream } from "./random.ts";
export { alphaFromConfidence, conformalRank } from "./rank.ts";
export { aps, type ApsOptions } from "./scores/aps.ts";
export { lac } from "./scores/lac.ts";
export type { ClassificationScore } from "./scores/score.ts";
export { splitClassifier, type SplitClassifier, type SplitClassifierOptions } from "./splitClassifier.ts";
export { splitClassifierFromJSON, type SplitClassifierFromJSONOptions } from "./splitClassifierFromJSON.ts";
