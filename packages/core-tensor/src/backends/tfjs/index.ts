export { type TfjsOptions, tfjs } from "./backend.ts";
export type { Tf, TfArray, TfDType, TfScopes, TfTensor } from "./engine.ts";
export type { Backend, BackendMemory, CompileOptions, Executable, RunOptions } from "../backend.ts";
