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
