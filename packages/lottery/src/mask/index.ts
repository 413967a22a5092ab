export type { AmountOptions } from "./amounts.ts";
export {
  applyMask,
  assertSparse,
  type Density,
  density,
  isPrunable,
  type Mask,
  type MaskDensity,
  onesMask,
  type OnesMaskOptions,
  type Prunable,
} from "./mask.ts";
export { pruneByMagnitude, pruneByScore, type PruneOptions } from "./prune.ts";
export type { PruneCompat } from "./removalCount.ts";
export type { Scores } from "./scores.ts";
