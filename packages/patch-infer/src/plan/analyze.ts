import { PatchInferError } from "../base/errors.ts";
import { type Model, networkOf } from "../lower/networkOf.ts";
import type { LayerKind } from "../network/layer.ts";
import type { FeatureMap, Network } from "../network/network.ts";
import { allStages, walksOf } from "./choices.ts";
import { draftPlan } from "./draft.ts";
import { type NetworkFacts, factsOf } from "./facts.ts";
import { fieldOf, type ReceptiveField } from "./receptiveField.ts";
import { type PlanningOptions, planOptions } from "./planningOptions.ts";
import { stageMacs } from "./stageCost.ts";

/** What one layer costs when the network runs layer by layer, and what it sees. */
export interface LayerReport {
  readonly index: number;
  readonly name: string;
  readonly kind: LayerKind;
  /** Height, width, channels. */
  readonly inputs: readonly (readonly [height: number, width: number, channels: number])[];
  readonly output: readonly [height: number, width: number, channels: number];
  readonly macs: number;
  /** Bytes of feature maps alive while the layer runs, with what the options allow to overwrite. */
  readonly liveBytes: number;
  /** The same if every layer had a buffer of its own for its output. */
  readonly separateBytes: number;
  /** The largest `liveBytes` up to here. */
  readonly peakBytes: number;
  /** Bytes of weights and biases. */
  readonly weightBytes: number;
  /** Whether the layer can be in a stage. */
  readonly local: boolean;
  /** What a cell of the output sees of the program's first input. */
  readonly receptiveField: ReceptiveField;
}

export interface AnalyzeOptions extends Omit<PlanningOptions, "align"> {
  /** Bytes of one number of a feature map; default what it has. 1 asks what a float network would need if it were quantised. */
  readonly bytesPerElement?: 1 | 2 | 4;
}

/**
 * Reports on each layer: size, work, memory, receptive field.
 *
 * @throws PatchInferError OPTION
 */
export function analyze(model: Model, options: AnalyzeOptions = {}): LayerReport[] {
  const { bytesPerElement, ...planning } = options;
  if (bytesPerElement !== undefined && ![1, 2, 4].includes(bytesPerElement)) {
    throw new PatchInferError("OPTION", `bytesPerElement is ${String(bytesPerElement)}, not 1, 2 or 4`);
  }
  const network = networkOf(model);
  const counted = bytesPerElement === undefined ? network : ofBytes(network);
  const scale = bytesPerElement ?? 1;
  const live = bytesByLayer(counted, planning);
  const separate = bytesByLayer(counted, { ...planning, inPlace: false, accumulateIntoResidual: false });
  const facts = factsOf(network);
  const input = network.inputs[0]?.map ?? "";
  let peakBytes = 0;
  return facts.layers.map(({ index, layer, maps, local }) => {
    const liveBytes = (live[index] ?? 0) * scale;
    peakBytes = Math.max(peakBytes, liveBytes);
    return {
      index,
      name: layer.name,
      kind: layer.kind,
      inputs: maps.inputs.map(shapeOf),
      output: shapeOf(maps.output),
      macs: layerMacs(facts, index),
      liveBytes,
      separateBytes: (separate[index] ?? 0) * scale,
      peakBytes,
      weightBytes: weightBytes(layer),
      local,
      receptiveField: fieldOf(facts, layer.output, input),
    };
  });
}

function shapeOf({ height, width, channels }: FeatureMap): readonly [number, number, number] {
  return [height, width, channels];
}

/** The same network with maps of one byte per number. Its layers are only counted, never run. */
function ofBytes(network: Network): Network {
  const maps = Object.entries(network.maps).map(([name, map]) => [name, { ...map, type: "int8" as const }]);
  return { ...network, maps: Object.fromEntries(maps) };
}

function bytesByLayer(network: Network, options: PlanningOptions): number[] {
  const facts = factsOf(network);
  const own = planOptions(options);
  const bytes: number[] = [];
  for (const { slots, live, merged } of draftPlan(facts, allStages(facts, [], own), own).stages) {
    slots.forEach((slot, step) => {
      bytes[slot] = live[step] ?? 0;
      if (merged.has(slot)) bytes[slot + 1] = live[step] ?? 0;
    });
  }
  return bytes;
}

export function layerMacs(facts: NetworkFacts, index: number): number {
  const grid = { rows: 1, columns: 1 };
  return stageMacs(facts, index, walksOf(facts, { first: index, end: index + 1, grid, overlap: "recompute" })).macs;
}

function weightBytes(layer: object): number {
  let bytes = 0;
  for (const key of ["weights", "bias", "constant", "slope", "table"] as const) {
    const value = (layer as Readonly<Record<string, unknown>>)[key];
    if (ArrayBuffer.isView(value)) bytes += value.byteLength;
  }
  return bytes;
}
