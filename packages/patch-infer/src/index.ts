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
