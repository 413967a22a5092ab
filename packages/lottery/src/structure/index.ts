export {
  type GraphModel,
  type GraphModelOptions,
  applyMaskToGraph,
  graphModel,
  modelGraph,
  withConstants,
} from "./bridge.ts";
export { type CompactOptions, type CompactReport, type Compacted, compact } from "./compact.ts";
export type { CompactLayer, UsedInput } from "./compactPass.ts";
export { type UnitAxis, type UnitGroup, unitGroups } from "./unitGroups.ts";
export {
  type Change,
  type PruneUnitsOptions,
  type PruneUnitsReport,
  type PrunedUnits,
  pruneUnits,
  unitMask,
} from "./pruneUnits.ts";
export type { UnitCountOptions } from "./unitCounts.ts";
export { type CoupledNormOptions, type UnitScore, coupledNorm } from "./unitScores.ts";
