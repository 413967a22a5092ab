export {
  conformalRiskControl,
  type ConformalRiskControlOptions,
  type RiskControl,
} from "./conformalRiskControl.ts";
export {
  bonferroni,
  type FamilywiseProcedure,
  fixedSequence,
  type FixedSequenceOptions,
  graphical,
  type GraphicalOptions,
  holm,
} from "./familywise.ts";
export {
  learnThenTest,
  type LearnThenTestOptions,
  riskPValues,
  type RiskPValuesOptions,
  type SafeSettings,
} from "./learnThenTest.ts";
export { type LossMatrix, lossMatrix } from "./losses.ts";
export {
  bettingPValue,
  type BettingPValueOptions,
  binomialPValue,
  hoeffdingBentkusPValue,
  hoeffdingPValue,
  type RiskPValue,
} from "./pValues.ts";
export { rcps, type RcpsOptions, type RiskControllingSets } from "./rcps.ts";
export {
  boundOf,
  clopperPearsonBound,
  empiricalBernsteinBound,
  hoeffdingBentkusBound,
  hoeffdingBound,
  type UpperConfidenceBound,
  waudbySmithRamdasBound,
} from "./upperBounds.ts";
