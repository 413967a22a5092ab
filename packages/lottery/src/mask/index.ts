export { andMasks, equalMasks, hamming, isSubmask, jaccard, notMask, orMasks, xorMasks } from "./algebra.ts";
export { erkDensities, uniformDensities } from "./allocation.ts";
export type { AmountOptions } from "./amounts.ts";
export { pruneBlocks, type PruneBlocksOptions } from "./blocks.ts";
export { densityLadder, type DensityLadderOptions, type LadderLevel } from "./ladder.ts";
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
export { isNmMask, nmMask, nmMaskByScore, type NmMaskOptions, type NmPattern } from "./nm.ts";
export { packMask, unpackMask } from "./packed.ts";
export { pruneByMagnitude, pruneByScore, type PruneOptions } from "./prune.ts";
export type { PruneCompat } from "./removalCount.ts";
export {
  cubicSchedule,
  type DensitySchedule,
  exponentialSchedule,
  gradualSparsity,
  type GradualSparsityOptions,
  linearSchedule,
  ratePerRound,
} from "./schedules.ts";
export type { Scores } from "./scores.ts";
export { shuffleMask, type ShuffleMaskOptions, type ShuffleScope } from "./shuffle.ts";
