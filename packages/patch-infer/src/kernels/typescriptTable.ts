import * as int8 from "./int8/typescript/index.ts";
import type { KernelMemory } from "./memory.ts";
import type { KernelTable } from "./table.ts";

/** The kernels of the engine "typescript". */
export const typescriptTable: KernelTable<KernelMemory> = {
  conv2d: { float32: null, int8: int8.conv2d },
  depthwiseConv2d: { float32: null, int8: int8.depthwiseConv2d },
  convTranspose2d: { float32: null, int8: int8.convTranspose2d },
  maxPool2d: { float32: null, int8: int8.maxPool2d },
  averagePool2d: { float32: null, int8: int8.averagePool2d },
  binary: { float32: null, int8: int8.binary },
  unary: { float32: null, int8: int8.unary },
  convert: { float32: int8.quantize, int8: int8.convertCodes },
  pad: { float32: null, int8: null },
  concat: { float32: null, int8: null },
  resize2d: { float32: null, int8: int8.resize2d },
  depthToSpace: { float32: null, int8: null },
  spaceToDepth: { float32: null, int8: null },
  slice: { float32: null, int8: null },
  globalPool: { float32: null, int8: int8.globalPool },
  softmax: { float32: null, int8: null },
  transpose: { float32: null, int8: null },
};
