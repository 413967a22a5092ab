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
export type { Scores } from "./scores.ts";
