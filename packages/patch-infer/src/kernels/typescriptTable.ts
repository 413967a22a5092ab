import type { KernelMemory } from "./memory.ts";
import type { KernelTable } from "./table.ts";

/** The kernels of the engine "typescript". */
export const typescriptTable: KernelTable<KernelMemory> = {
  conv2d: { float32: null, int8: null },
  depthwiseConv2d: { float32: null, int8: null },
  convTranspose2d: { float32: null, int8: null },
  maxPool2d: { float32: null, int8: null },
  averagePool2d: { float32: null, int8: null },
  binary: { float32: null, int8: null },
  unary: { float32: null, int8: null },
  convert: { float32: null, int8: null },
  pad: { float32: null, int8: null },
  concat: { float32: null, int8: null },
  resize2d: { float32: null, int8: null },
  depthToSpace: { float32: null, int8: null },
  spaceToDepth: { float32: null, int8: null },
  slice: { float32: null, int8: null },
  globalPool: { float32: null, int8: null },
  softmax: { float32: null, int8: null },
  transpose: { float32: null, int8: null },
};
