import { wasmConv2d } from "./float/wasm/conv2d.ts";
import type { KernelTable } from "./table.ts";
import { typescriptTable } from "./typescriptTable.ts";
import type { WasmMachine } from "./wasmMachine.ts";

/**
 * The kernels of the engine "wasm". Layers that only move cells, and those whose time nobody waits for, run in TypeScript
 * over the same memory.
 */
export const wasmTable: KernelTable<WasmMachine> = {
  ...typescriptTable,
  conv2d: { ...typescriptTable.conv2d, float32: wasmConv2d },
};
