import type { Layer, LayerKind, LayerOf } from "../../network/layer.ts";
import type { Around } from "./around.ts";
import { binary, convert, softmax, unary } from "./cellwise.ts";
import { conv2d, convTranspose2d, depthwiseConv2d } from "./convolutions.ts";
import { concat, depthToSpace, pad, slice, spaceToDepth, transpose } from "./moves.ts";
import { averagePool2d, globalPool, maxPool2d } from "./pools.ts";
import { resize2d } from "./resize.ts";

/** How each kind of layer is written with ordinary ops: a box of its output from parts of its inputs. */
const layerTexts: { readonly [K in LayerKind]: (layer: LayerOf<K>, around: Around) => string } = {
  conv2d,
  depthwiseConv2d,
  convTranspose2d,
  maxPool2d,
  averagePool2d,
  binary,
  unary,
  convert,
  pad,
  concat,
  resize2d,
  depthToSpace,
  spaceToDepth,
  slice,
  globalPool,
  softmax,
  transpose,
};

/** Writes a box of a layer's output; gives the value [1, channels, rows, columns]. */
export function writeLayer(layer: Layer, around: Around): string {
  return (layerTexts[layer.kind] as (layer: Layer, around: Around) => string)(layer, around);
}
