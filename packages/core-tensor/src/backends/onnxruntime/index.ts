export type { Backend, BackendMemory, CompileOptions, Executable, RunOptions } from "../backend.ts";
export { type ExecutionProvider, type OnnxRuntimeOptions, onnxruntime } from "./backend.ts";
export type { OrtModule, OrtSession, OrtValue } from "./ort.ts";
