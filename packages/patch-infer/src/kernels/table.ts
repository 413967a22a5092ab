import { PatchInferError } from "../base/errors.ts";
import type { LayerMaps } from "../layers/rule.ts";
import type { Binary, Layer, LayerKind, LayerOf } from "../network/layer.ts";
import type { CellType, FeatureMap, Network } from "../network/network.ts";
import type { LayerCall } from "./kernels.ts";
import type { KernelMemory } from "./memory.ts";

/** A layer that is ready to run. Runs allocate nothing. */
export interface PreparedLayer {
  /** See `Kernels.run`. */
  readonly run: (call: LayerCall) => void;
  /** See `Kernels.runAccumulating`; convolutions only. */
  readonly runAccumulating?: (call: LayerCall, add: Binary, addMaps: LayerMaps) => void;
  /** See `Kernels.runInPlace`; depthwise convolutions only. */
  readonly runInPlace?: (call: LayerCall, scratch: number, channelBlock: number) => void;
  /** See `Kernels.runPooling`; global pooling only. */
  readonly runPooling?: (call: LayerCall, sums: number, isFirst: boolean, isLast: boolean) => void;
}

/** Prepares a layer to run over a memory. */
export type KernelRow<L extends Layer, Memory extends KernelMemory> = (
  layer: L,
  maps: LayerMaps,
  memory: Memory,
) => PreparedLayer;

/** The kernels of an engine: one per kind of layer and type of its (first) input. `null`: there is no such layer. */
export type KernelTable<Memory extends KernelMemory> = {
  readonly [Kind in LayerKind]: { readonly [Type in CellType]: KernelRow<LayerOf<Kind>, Memory> | null };
};

/** The network's layers, ready to run, and the maps around them. */
export interface PreparedNetwork {
  readonly layers: readonly PreparedLayer[];
  readonly maps: readonly LayerMaps[];
}

/**
 * Prepares all layers of a network with the kernels of a table.
 *
 * @throws PatchInferError `UNSUPPORTED_OP` for a layer that the table has no kernel for.
 */
export function prepareNetwork<Memory extends KernelMemory>(
  network: Network,
  table: KernelTable<Memory>,
  memory: Memory,
): PreparedNetwork {
  const maps = network.layers.map((layer) => mapsOf(network, layer));
  const layers = network.layers.map((layer, index) => {
    const around = maps[index] as LayerMaps;
    const type = (around.inputs[0] ?? around.output).type;
    const row = table[layer.kind][type] as KernelRow<Layer, Memory> | null;
    if (row === null) throw unsupported(layer, `there is no kernel for ${type} cells`);
    return row(layer, around, memory);
  });
  return { layers, maps };
}

function mapsOf(network: Network, layer: Layer): LayerMaps {
  const map = (name: string): FeatureMap => network.maps[name] as FeatureMap;
  return { inputs: layer.inputs.map(map), output: map(layer.output) };
}

/** For rows: a layer of a kind and type that there are kernels for, but not for this one. */
export function unsupported({ kind, name }: Layer, why: string): PatchInferError {
  return new PatchInferError("UNSUPPORTED_OP", `layer "${name}" (${kind}): ${why}`, { layer: name });
}
