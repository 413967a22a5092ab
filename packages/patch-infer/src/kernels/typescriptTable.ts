import { averagePool2d, maxPool2d } from "./float/typescript/pool2d.ts";
import { binary } from "./float/typescript/binary.ts";
import { conv2d } from "./float/typescript/conv2d.ts";
import { convTranspose2d } from "./float/typescript/convTranspose2d.ts";
import { depthwiseConv2d } from "./float/typescript/depthwiseConv2d.ts";
import { globalPool } from "./float/typescript/globalPool.ts";
import { resizeLinear } from "./float/typescript/resize2d.ts";
import { softmax } from "./float/typescript/softmax.ts";
import { unary } from "./float/typescript/unary.ts";
import * as int8 from "./int8/typescript/index.ts";
import type { KernelMemory } from "./memory.ts";
import { depthToSpace, spaceToDepth } from "./movement/blocks.ts";
import { concat } from "./movement/concat.ts";
import { pad } from "./movement/pad.ts";
import { resizeNearest } from "./movement/resizeNearest.ts";
import { slice } from "./movement/slice.ts";
import { transpose } from "./movement/transpose.ts";
import type { KernelTable } from "./table.ts";

/** The kernels of the engine "typescript". */
export const typescriptTable: KernelTable<KernelMemory> = {
  conv2d: { float32: conv2d, int8: int8.conv2d },
  depthwiseConv2d: { float32: depthwiseConv2d, int8: int8.depthwiseConv2d },
  convTranspose2d: { float32: convTranspose2d, int8: int8.convTranspose2d },
  maxPool2d: { float32: maxPool2d, int8: int8.maxPool2d },
  averagePool2d: { float32: averagePool2d, int8: int8.averagePool2d },
  binary: { float32: binary, int8: int8.binary },
  unary: { float32: unary, int8: int8.unary },
  convert: { float32: int8.quantize, int8: int8.convertCodes },
  pad: { float32: pad, int8: pad },
  concat: { float32: concat, int8: concat },
  resize2d: {
    float32: (layer, ...around) => (layer.mode === "linear" ? resizeLinear : resizeNearest)(layer, ...around),
    int8: int8.resize2d,
  },
  depthToSpace: { float32: depthToSpace, int8: depthToSpace },
  spaceToDepth: { float32: spaceToDepth, int8: spaceToDepth },
  slice: { float32: slice, int8: slice },
  globalPool: { float32: globalPool, int8: int8.globalPool },
  softmax: { float32: softmax, int8: null },
  transpose: { float32: transpose, int8: transpose },
};
