export { masks, parameters, type ParametersOptions, scores, weights } from "./arbitraries.ts";
export {
  checkCriterionLaws,
  type CriterionCase,
  criterionCases,
  type CriterionLaw,
  criterionLaws,
  type CriterionLawsOptions,
} from "./criteria.ts";
export { checkLaws, type CheckLawsOptions, type Law } from "./law.ts";
export { maskLaws, type MaskLawsOptions, type PruneCase, pruneCases, type PruneFunction } from "./masks.ts";
export { type ScheduleCase, scheduleCases, scheduleLaws } from "./schedules.ts";
export { type MaskedMatrix, maskedMatrices, sparseFormatLaw } from "./sparse.ts";
export {
  checkTrainerLaws,
  type CheckTrainerLawsOptions,
  type TrainerCase,
  trainerCases,
  type TrainerLaw,
  trainerLaws,
} from "./trainers.ts";
export {
  type CompactFunction,
  type CompactLawsOptions,
  compactLaws,
  type MaskedNet,
  maskedNets,
  type MaskedNetsOptions,
} from "./structure.ts";
