export { aci, aciBound, type AciOptions, type AciRule, aciUpdate } from "./aci.ts";
export { agAci, type AgAciOptions } from "./agAci.ts";
export {
  conformalPid,
  type ConformalPidOptions,
  pidBound,
  type PidBoundOptions,
  type ConformalPidFunctions,
  tangentSaturation,
  type TangentSaturationOptions,
} from "./conformalPid.ts";
export { dtAci, type DtAciOptions } from "./dtAci.ts";
export type { OnlineCalibrationOptions } from "./level.ts";
export type {
  OnlineMethodJSON,
  OnlineMethod,
  OnlineReason,
  OnlineState,
  OnlineStep,
  OnlineThreshold,
} from "./method.ts";
export { onlineFromJSON } from "./onlineFromJSON.ts";
export {
  quantileTracker,
  type QuantileTrackerOptions,
  trackerBound,
  type TrackerBoundOptions,
} from "./quantileTracker.ts";
export { saocp, type SaocpOptions } from "./saocp.ts";
export { streamingQuantile, type StreamingQuantile, type StreamingQuantileOptions } from "./streamingQuantile.ts";
