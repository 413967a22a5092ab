import type { Layer } from "../network/layer.ts";
import type { FeatureMap, Network, Port } from "../network/network.ts";
import { type Draft, type DraftLayer, isOpenConvolution } from "./draft.ts";

function finished(layer: DraftLayer): Layer {
  if (isOpenConvolution(layer)) {
    const { stored: _, weights, bias, ...rest } = layer;
    return { ...rest, weights: Float32Array.from(weights), bias: Float32Array.from(bias) };
  }
  if (layer.kind === "binary") {
    const { storedConstant: _, ...rest } = layer;
    return rest;
  }
  return layer;
}

/** The network of a draft: without layers that no output needs, numbers rounded. */
export function finish(draft: Draft, name: string, inputs: readonly Port[], outputs: readonly Port[]): Network {
  const needed = new Set<string>();
  const need = (map: string): void => {
    needed.add(map);
    const { viewOf } = draft.map(map);
    if (viewOf !== undefined) needed.add(viewOf);
  };
  for (const { map } of [...outputs, ...inputs]) need(map);
  const layers: Layer[] = [];
  for (const layer of [...draft.layers].reverse()) {
    if (!needed.has(layer.output)) continue;
    layer.inputs.forEach(need);
    layers.push(finished(layer));
  }
  const maps: Record<string, FeatureMap> = {};
  for (const [key, map] of draft.maps) if (needed.has(key)) maps[key] = map;
  return { name, inputs, outputs, layers: layers.reverse(), maps };
}
