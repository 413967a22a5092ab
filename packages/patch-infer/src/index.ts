export { PatchInferError, type PatchInferErrorCode, type PatchInferErrorDetails } from "./base/errors.ts";
export { type Box, type Interval } from "./base/interval.ts";
export type * from "./network/layer.ts";
export type * from "./network/network.ts";
export type * from "./plan/plan.ts";
