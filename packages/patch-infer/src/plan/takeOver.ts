import type { LayerKind } from "../network/layer.ts";
import type { FeatureMap } from "../network/network.ts";
import { layerAt } from "./axisParts.ts";
import type { LayerFacts, NetworkFacts } from "./facts.ts";

/** Kinds of layers whose kernels can write where they read. */
const canOverwrite: { readonly [K in LayerKind]: boolean } = {
  conv2d: false,
  depthwiseConv2d: true,
  convTranspose2d: false,
  maxPool2d: false,
  averagePool2d: false,
  binary: true,
  unary: true,
  convert: true,
  pad: false,
  concat: false,
  resize2d: false,
  depthToSpace: false,
  spaceToDepth: false,
  slice: false,
  globalPool: false,
  softmax: false,
  transpose: false,
};

/**
 * The inputs of a layer that its output could overwrite, if nobody needs them any more. A depthwise convolution goes channel
 * by channel: channel c of its output only covers channel c of its input, wherever the cells are. Layers that go cell by
 * cell write each cell where they read it, so both must be stored alike.
 */
export function overwritable({ layer, maps, inputs }: LayerFacts): readonly number[] {
  const alike = inputs.filter(
    (_, i) => maps.inputs[i]?.type === maps.output.type && maps.inputs[i]?.channels === maps.output.channels,
  );
  return canOverwrite[layer.kind] ? alike : [];
}

/**
 * The map into which the convolution at `index` could add its results, so that they need no buffer of their own: the next
 * layer adds the two, cell by cell, and nobody else reads the convolution's output.
 */
export function residualOf(facts: NetworkFacts, index: number): number | undefined {
  const next = facts.layers[index + 1];
  if (next === undefined || next.layer.kind !== "binary" || next.layer.fn !== "add") return undefined;
  const { layer, inputs } = layerAt(facts, index);
  const own = facts.maps[index];
  if (layer.kind !== "conv2d" || own === undefined || own.readers.length !== 1 || own.given) return undefined;
  const at = next.layer.inputs.indexOf(layer.output);
  const other = next.inputs[1 - at];
  if (at < 0 || other === undefined || other === index || inputs.includes(other)) return undefined;
  // A result of 1 x 1 cells that is added to every cell of a larger map is needed by itself.
  const isAlike = next.maps.inputs.every((map) => sameCells(map, next.maps.output));
  return isAlike && facts.maps[other]?.lastReader === index + 1 ? other : undefined;
}

function sameCells(a: FeatureMap, b: FeatureMap): boolean {
  return a.type === b.type && a.height === b.height && a.width === b.width && a.channels === b.channels;
}
