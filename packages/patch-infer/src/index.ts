export { PatchInferError, type PatchInferErrorCode, type PatchInferErrorDetails } from "./base/errors.ts";
export { type Box, type Interval } from "./base/interval.ts";
export type { KernelFactory, Kernels, LayerCall, Region } from "./kernels/kernels.ts";
export { type TypescriptKernelsOptions, typescriptKernels } from "./kernels/typescriptKernels.ts";
export { fastestKernels, hasWasmKernels, wasmKernels } from "./kernels/wasmKernels.ts";
export { type Model, networkOf } from "./lower/networkOf.ts";
export { packInput, unpackOutput } from "./lower/ports.ts";
export { type ToNetworkOptions, toNetwork } from "./lower/toNetwork.ts";
export type * from "./network/layer.ts";
export type * from "./network/network.ts";
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
export { type MapRunnerOptions, type MapValues, mapRunner } from "./quantize/mapValues.ts";
export { type QuantizeInt8Options, quantizeInt8, quantizeWithRanges } from "./quantize/quantizeInt8.ts";
export { type ValueRange, observeRanges } from "./quantize/ranges.ts";
export { searchPlan, searchPlanAsync, type PlanPoint, type SearchPlanResult } from "./search/searchPlan.ts";
export type { SearchPlanOptions, SearchProgress } from "./search/searchOptions.ts";
