import type { Layer, LayerKind, LayerOf } from "../network/layer.ts";
import type { Network } from "../network/network.ts";
import { binary, convert, globalPool, softmax, unary } from "./cells.ts";
import { concat, depthToSpace, pad, resize2d, slice, spaceToDepth, transpose } from "./moves.ts";
import type { LayerMaps, LayerRule } from "./rule.ts";
import { averagePool2d, conv2d, convTranspose2d, depthwiseConv2d, maxPool2d } from "./windows.ts";

/** What planning knows of each kind of layer. */
export const layerRules: { readonly [K in LayerKind]: LayerRule<LayerOf<K>> } = {
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

/** The rule of a layer, whatever its kind. */
export function ruleOf(layer: Layer): LayerRule<Layer> {
  return layerRules[layer.kind];
}

/** The maps around a layer. */
export function mapsOf(network: Network, layer: Layer): LayerMaps {
  const map = (name: string): LayerMaps["output"] => {
    const found = network.maps[name];
    if (found === undefined) throw new TypeError(`layer "${layer.name}": the network has no map "${name}"`);
    return found;
  };
  return { inputs: layer.inputs.map(map), output: map(layer.output) };
}

/** Whether every part of the output is made from a part of each input, so that the layer can run patch by patch. */
export function isLocal(layer: Layer, maps: LayerMaps): boolean {
  const one = { start: 0, end: 1 };
  const { demand } = ruleOf(layer);
  return layer.inputs.every(
    (_, i) => demand(layer, i, "rows", one, maps) !== null && demand(layer, i, "columns", one, maps) !== null,
  );
}
