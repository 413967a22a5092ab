export { calibrationScores, labelledRows, predictedValues, probabilityRow } from "./arbitraries.ts";
export { batchLaw, type BatchLawOptions, type BatchProcedure } from "./batchLaw.ts";
export {
  conditionalCoverageLaw,
  type ConditionalCoverageLawOptions,
  type GroupTrial,
} from "./conditionalCoverageLaw.ts";
export type { CoverageTrial, TrialsVerdict } from "./coverageTrial.ts";
export {
  enumeratedCoverage,
  type EnumeratedCoverageOptions,
  type EnumeratedCoverageVerdict,
  type EnumeratedLevel,
  tiePatterns,
} from "./enumeratedCoverage.ts";
export {
  exchangeabilityCheck,
  type ExchangeabilityCheckOptions,
  type ExchangeabilityVerdict,
} from "./exchangeabilityCheck.ts";
export { labelOrderLaw, type LabelOrderLawOptions } from "./labelOrderLaw.ts";
export {
  longRunLaw,
  type LongRunLawOptions,
  type OnlineProcedure,
  type ScoreSequence,
  scoreSequences,
} from "./longRunLaw.ts";
export {
  marginalCoverageLaw,
  type MarginalCoverageLawOptions,
  type MarginalCoverageVerdict,
} from "./marginalCoverageLaw.ts";
export { nestedInAlphaLaw, type NestedInAlphaLawOptions } from "./nestedInAlphaLaw.ts";
export type { TruthOptions } from "./outcome.ts";
export { pacLaw, type PacLawOptions } from "./pacLaw.ts";
export { permutationInvarianceLaw, type PermutationInvarianceLawOptions } from "./permutationInvarianceLaw.ts";
export {
  type LabelledExample,
  type LabelledRow,
  type Outcome,
  type PredictedValue,
  type Procedure,
  type RegressionExample,
  type SetProcedure,
  splitProcedure,
} from "./procedure.ts";
export { scoreOrderLaw, type ScoreOrderLawOptions, type ScoreProcedure } from "./scoreOrderLaw.ts";
export { truthBlindLaw, type TruthBlindLawOptions } from "./truthBlindLaw.ts";
export { assertLaw, type LawVerdict } from "./verdict.ts";
