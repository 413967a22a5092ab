import type { Kernels } from "./kernels.ts";
import { typescriptKernels } from "./typescriptKernels.ts";
import { wasmKernels } from "./wasmKernels.ts";

/** Kernels over a new memory of at least this many bytes: compiled ones where there is WebAssembly with SIMD. */
export function newKernels(bytes: number, engine?: Kernels["engine"]): Kernels {
  return (engine === "typescript" ? undefined : wasmKernels(bytes)) ?? typescriptKernels(bytes);
}
