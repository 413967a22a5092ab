import { wasmConv2d } from "./float/wasm/conv2d.ts";
import { wasmDepthwiseConv2d } from "./float/wasm/depthwiseConv2d.ts";
import * as int8 from "./int8/wasm/index.ts";
import type { KernelTable } from "./table.ts";
import { typescriptTable } from "./typescriptTable.ts";
import type { WasmMachine } from "./wasmMachine.ts";

/**
 * The kernels of the engine "wasm". Layers that only move cells, and those whose time nobody waits for, run in TypeScript
 * over the same memory.
 */
export const wasmTable: KernelTable<WasmMachine> = {
  ...typescriptTable,
  conv2d: { float32: wasmConv2d, int8: int8.conv2d },
  depthwiseConv2d: { float32: wasmDepthwiseConv2d, int8: int8.depthwiseConv2d },
  convTranspose2d: { ...typescriptTable.convTranspose2d, int8: int8.convTranspose2d },
  maxPool2d: { ...typescriptTable.maxPool2d, int8: int8.maxPool2d },
  averagePool2d: { ...typescriptTable.averagePool2d, int8: int8.averagePool2d },
  binary: { ...typescriptTable.binary, int8: int8.binary },
  unary: { ...typescriptTable.unary, int8: int8.unary },
  convert: { float32: int8.quantize, int8: int8.convertCodes },
  resize2d: { ...typescriptTable.resize2d, int8: int8.resize2d },
  globalPool: { ...typescriptTable.globalPool, int8: int8.globalPool },
};
