export type { CompiledCriterion, Criterion, CriterionContext } from "./criterion.ts";
export { grasp, withTemperature } from "./grasp.ts";
export { lamp } from "./lamp.ts";
export type { Loss, LossCriterionOptions } from "./lossGradients.ts";
export { magnitude } from "./magnitude.ts";
export { distanceMoved, magnitudeIncrease, movement, type MovementOptions } from "./movement.ts";
export {
  pruneAtInit,
  type PruneAtInitOptions,
  type PruneAtInitReport,
  type PruneAtInitResult,
  type PruneAtInitStep,
} from "./pruneAtInit.ts";
export { randomScores } from "./randomScores.ts";
export { snip } from "./snip.ts";
export { synflow, type SynflowOptions } from "./synflow.ts";
export { taylor } from "./taylor.ts";
