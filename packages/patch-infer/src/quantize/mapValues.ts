import { PatchInferError } from "../base/errors.ts";
import { type Cells, arenaViews, cellCount } from "../execute/cells.ts";
import { readySources } from "../execute/inputs.ts";
import type { Inputs } from "../execute/source.ts";
import type { KernelFactory, LayerCall, Region } from "../kernels/kernels.ts";
import { fastestKernels } from "../kernels/wasmKernels.ts";
import type { FeatureMap, Network } from "../network/network.ts";

export interface MapRunnerOptions {
  /** Default: the fastest that run here. */
  readonly kernels?: KernelFactory;
}

/** Cells of every feature map (views are left out) by name; overwritten by the next run. */
export type MapValues = ReadonlyMap<string, Cells>;

/**
 * Runs a network layer by layer with room for every feature map at once, so that all values can be looked at after a run: for
 * calibration and for comparing networks, not for saving memory.
 */
export function mapRunner(network: Network, options: MapRunnerOptions = {}): (inputs: Inputs) => MapValues {
  const { kernels: factory = fastestKernels } = options;
  const places = new Map<string, number>();
  let bytes = 0;
  for (const map of Object.values(network.maps)) {
    if (map.viewOf !== undefined) continue;
    places.set(map.name, bytes);
    bytes += Math.ceil((cellCount(map) * (map.type === "int8" ? 1 : 4)) / 16) * 16;
  }
  const kernels = factory(network, bytes);
  const arena = arenaViews(kernels.arena);
  const values = new Map<string, Cells>();
  for (const [name, address] of places) {
    const map = network.maps[name] as FeatureMap;
    const view = arena[map.type];
    const start = address / view.BYTES_PER_ELEMENT;
    values.set(name, view.subarray(start, start + cellCount(map)));
  }
  const regionOf = (name: string): Region => {
    const map = network.maps[name] as FeatureMap;
    return { address: places.get(map.viewOf ?? name) as number, top: 0, left: 0, rowCells: map.width };
  };
  const calls = network.layers.map((layer): LayerCall => {
    const { height, width } = network.maps[layer.output] as FeatureMap;
    const inputs = layer.inputs.map(regionOf);
    const box = { rowStart: 0, rowEnd: height, columnStart: 0, columnEnd: width };
    return { ...box, inputs, output: regionOf(layer.output) };
  });
  return (inputs) => {
    for (const [name, source] of readySources(network, inputs)) {
      if (!("cells" in source))
        throw new PatchInferError("OPTION", `input "${name}": samples are tensors or cells, not functions`);
      values.get(name)?.set(source.cells);
    }
    calls.forEach((call, layer) => kernels.run(layer, call));
    return values;
  };
}
