import { wasmBinary, wasmUnary } from "./float/wasm/cellwise.ts";
import { wasmConv2d, wasmConvTranspose2d } from "./float/wasm/conv2d.ts";
import { wasmDepthwiseConv2d } from "./float/wasm/depthwiseConv2d.ts";
import { wasmAveragePool2d, wasmGlobalPool, wasmMaxPool2d } from "./float/wasm/pools.ts";
import { wasmResizeLinear } from "./float/wasm/resizeLinear.ts";
import * as int8 from "./int8/wasm/index.ts";
import { resizeNearest } from "./movement/resizeNearest.ts";
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
  convTranspose2d: { float32: wasmConvTranspose2d, int8: int8.convTranspose2d },
  maxPool2d: { float32: wasmMaxPool2d, int8: int8.maxPool2d },
  averagePool2d: { float32: wasmAveragePool2d, int8: int8.averagePool2d },
  binary: { float32: wasmBinary, int8: int8.binary },
  unary: { float32: wasmUnary, int8: int8.unary },
  convert: { float32: int8.quantize, int8: int8.convertCodes },
  resize2d: {
    float32: (layer, ...around) => (layer.mode === "linear" ? wasmResizeLinear : resizeNearest)(layer, ...around),
    int8: int8.resize2d,
  },
  globalPool: { float32: wasmGlobalPool, int8: int8.globalPool },
};
