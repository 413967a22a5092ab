import type { Network } from "../network/network.ts";
import { floatModule } from "./float/floatModule.ts";
import { int8Module } from "./int8/int8Module.ts";
import type { Kernels } from "./kernels.ts";
import { newKernels } from "./newKernels.ts";
import { prepareNetwork } from "./table.ts";
import { typescriptKernels } from "./typescriptKernels.ts";
import { compile } from "./wasm.ts";
import { WasmMachine } from "./wasmMachine.ts";
import { wasmTable } from "./wasmTable.ts";

/**
 * Compiled kernels (WebAssembly with 128-bit SIMD) with the bits of `typescriptKernels`. One memory holds the packed weights
 * and an arena of exactly `arenaBytes`; it never grows, so views of the arena stay valid.
 *
 * @throws PatchInferError `UNSUPPORTED_OP` for a layer without a kernel, `OPTION` where WebAssembly with SIMD is missing, or
 *   the memory cannot be had.
 */
export function wasmKernels(network: Network, arenaBytes: number): Kernels {
  const machine = new WasmMachine();
  const prepared = prepareNetwork(network, wasmTable, machine);
  const arena = machine.start(arenaBytes);
  return newKernels(network, prepared, { engine: "wasm", arena, constantBytes: machine.constantBytes });
}

/** Whether `wasmKernels` can run here. */
export function hasWasmKernels(): boolean {
  return compile("float", floatModule) !== undefined && compile("int8", int8Module) !== undefined;
}

/** `wasmKernels` where they can run, otherwise `typescriptKernels`. The bits are the same. */
export function fastestKernels(network: Network, arenaBytes: number): Kernels {
  return hasWasmKernels() ? wasmKernels(network, arenaBytes) : typescriptKernels(network, arenaBytes);
}
