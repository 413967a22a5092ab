export {
  type NetworksOptions,
  networks,
  type PlannedNetwork,
  type PlansOptions,
  plannedNetworks,
  plans,
} from "./arbitraries.ts";
export { arenaSafetyLaw } from "./arenaSafetyLaw.ts";
export { boxesMinimalLaw } from "./boxesMinimalLaw.ts";
export { exactnessLaw, type ExactnessLawOptions } from "./exactnessLaw.ts";
export { kernelsAgreeLaw, type KernelsAgreeLawOptions } from "./kernelsAgreeLaw.ts";
export { patchOrderLaw } from "./patchOrderLaw.ts";
export { plannedEqualsMeasuredLaw } from "./plannedEqualsMeasuredLaw.ts";
export type { LawOptions, PlanRunner } from "./runner.ts";
export { assertLaw, type LawVerdict } from "./verdict.ts";
