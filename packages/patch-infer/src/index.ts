export { PatchInferError, type PatchInferErrorCode, type PatchInferErrorDetails } from "./base/errors.ts";
export type { Box, Interval } from "./base/interval.ts";
export { type KernelCounts, countingKernels } from "./execute/countingKernels.ts";
export { guardedKernels } from "./execute/guardedKernels.ts";
export {
  type Outputs,
  PatchExecutor,
  type PatchExecutorOptions,
  type PatchProgress,
  type RunAsyncOptions,
  type RunOptions,
} from "./execute/patchExecutor.ts";
export type { PatchOrder } from "./execute/patchOrder.ts";
export type { Mismatch } from "./execute/compareOutputs.ts";
export { randomInputs } from "./execute/randomInputs.ts";
export { runWhole, type RunWholeOptions } from "./execute/runWhole.ts";
export type { Inputs, InputSource, TileSink, TileSource } from "./execute/source.ts";
export type { Cells } from "./execute/cells.ts";
export { type PlanVerification, verifyPlan, type VerifyPlanOptions } from "./execute/verifyPlan.ts";
export type { KernelFactory, Kernels, LayerCall, Region } from "./kernels/kernels.ts";
export { type TypescriptKernelsOptions, typescriptKernels } from "./kernels/typescriptKernels.ts";
export { fastestKernels, hasWasmKernels, wasmKernels } from "./kernels/wasmKernels.ts";
export { type Model, networkOf } from "./lower/networkOf.ts";
export { packInput, unpackOutput } from "./lower/ports.ts";
export { type ToNetworkOptions, toNetwork } from "./lower/toNetwork.ts";
export type * from "./network/layer.ts";
export type * from "./network/network.ts";
export { type AnalyzeOptions, type LayerReport, analyze } from "./plan/analyze.ts";
export { checkPlan } from "./plan/checkPlan.ts";
export { networkFingerprint } from "./plan/fingerprint.ts";
export { type MapBox, type PatchBox, type PatchBoxesOptions, patchBoxes } from "./plan/patchBoxes.ts";
export type * from "./plan/plan.ts";
export {
  type PlanPatchesOptions,
  type PlanStagesOptions,
  type PlanningOptions,
  type StageChoice,
  planLayers,
  planPatches,
  planStages,
} from "./plan/planStages.ts";
export { type ReceptiveField, type ReceptiveFieldOptions, receptiveField } from "./plan/receptiveField.ts";
export { type SplitPoint, type StageRange, legalSplits, legalStages } from "./plan/splits.ts";
export { type MapComparison, compareMaps, quantizeCells } from "./quantize/compare.ts";
export { type MapRunnerOptions, type MapValues, mapRunner } from "./quantize/mapValues.ts";
export { type QuantizeInt8Options, quantizeInt8, quantizeWithRanges } from "./quantize/quantizeInt8.ts";
export { type ValueRange, observeRanges } from "./quantize/ranges.ts";
export { searchPlan, searchPlanAsync, type PlanPoint, type SearchPlanResult } from "./search/searchPlan.ts";
export type { SearchPlanOptions, SearchProgress } from "./search/searchOptions.ts";
