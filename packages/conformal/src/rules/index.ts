export { type BinaryScore, binaryAps, binaryLac } from "./binaryScores.ts";
export {
  type CertifiedCoverage,
  type CertifiedCoverageOptions,
  type CertifiedShare,
  certifiedCoverage,
} from "./certifiedCoverage.ts";
export {
  type CertifiedConcepts,
  type CertifyConceptsOptions,
  type ConceptModel,
  certifyConcepts,
} from "./certifyConcepts.ts";
export type { ConceptBounds } from "./concepts.ts";
export { type DiagnoseRulesOptions, diagnoseRules, type RuleDiagnosis, type RuleQuality } from "./diagnoseRules.ts";
export { gaussianNoise } from "./gaussianNoise.ts";
export {
  mixCircuits,
  mixCircuitsFromJSON,
  type MixCircuitsOptions,
  type RuleMixture,
  type RuleMixtureJSON,
} from "./mixCircuits.ts";
export { type Attack, type AttackObjective, pgdAttack, type PgdAttackOptions } from "./pgdAttack.ts";
export type { Rule } from "./rule.ts";
export { type RuleCircuit, type RuleCircuitJSON, type RuleCircuitOptions, ruleCircuit } from "./ruleCircuit.ts";
export { ruleCircuitFromJSON } from "./ruleCircuitFromJSON.ts";
export type { RuleBounds, RuleBoundsOptions, RuleModel } from "./ruleModel.ts";
export {
  type RuleSet,
  type RuleSetMode,
  type RuleSetPredictor,
  ruleSetsFromJSON,
  type RuleSetsFromJSONOptions,
  type RuleSetPredictorJSON,
} from "./ruleSetPredictor.ts";
export { type RuleSets, type RuleSetsOptions, ruleSets, worstCaseScores } from "./ruleSets.ts";
export {
  type SmoothedBounds,
  type SmoothedBoundsOptions,
  type SmoothedMeanBoundsOptions,
  smoothedBounds,
  smoothedMeanBounds,
  type SmoothingOptions,
} from "./smoothing.ts";
