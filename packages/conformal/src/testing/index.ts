export { labelledRows, probabilityRow } from "./arbitraries.ts";
export {
  type CoverageTrial,
  marginalCoverageLaw,
  type MarginalCoverageLawOptions,
  type MarginalCoverageVerdict,
} from "./marginalCoverageLaw.ts";
export { nestedInAlphaLaw, type NestedInAlphaLawOptions } from "./nestedInAlphaLaw.ts";
export { permutationInvarianceLaw, type PermutationInvarianceLawOptions } from "./permutationInvarianceLaw.ts";
export { type LabelledExample, type LabelledRow, type SetProcedure, splitProcedure } from "./procedure.ts";
export { assertLaw, type LawVerdict } from "./verdict.ts";
