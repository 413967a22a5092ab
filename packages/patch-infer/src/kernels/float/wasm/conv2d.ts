import type { LayerMaps } from "../../../layers/rule.ts";
import type { Clamp, Conv2d, ConvTranspose2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall } from "../../kernels.ts";
import type { PreparedLayer } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { floatBits } from "./floatBits.ts";
import { packedBias, packedWeights } from "./packed.ts";

/** Words of the record `Conv` of the float kernels that calls write. */
const accumulateWord = 33;
const scratchWord = 36;

/** A quarter of a common second-level cache. */
const panelBytes = 262_144;

export function wasmConv2d(layer: Conv2d, maps: LayerMaps, machine: WasmMachine): PreparedLayer {
  const { kernel, dilations, groups } = layer;
  const { channels, width } = maps.output;
  const record = convRecord(layer, maps, machine, {
    // A row has a run for each of its different sets of kernel columns: at most two for each column, and one.
    runs: Math.min(2 * kernel[1] + 2, width),
    // Of a row of taps that stand next to each other there is one.
    segments: dilations[1] === 1 && groups === 1 ? kernel[0] : kernel[0] * kernel[1],
    outputStep: 4 * channels,
  });
  const run = (call: LayerCall, add: Clamp | null): void => {
    machine.write(record, call);
    const at = record >> 2;
    machine.words[at + accumulateWord] = add === null ? 0 : 1;
    if (add !== null) {
      machine.floats[at + accumulateWord + 1] = add.min;
      machine.floats[at + accumulateWord + 2] = add.max;
    }
    machine.words[at + scratchWord] = machine.scratchStart;
    machine.float.conv2d(record);
  };
  return { run: (call) => run(call, null), runAccumulating: (call, add) => run(call, add.clamp) };
}

export function wasmConvTranspose2d(layer: ConvTranspose2d, maps: LayerMaps, machine: WasmMachine): PreparedLayer {
  const taps = [0, 1].map((axis) => tapsPerCell(layer, axis as 0 | 1)) as [number, number];
  // As above, for each of the columns' positions between two input cells.
  const record = convRecord(layer, maps, machine, {
    runs: Math.min(layer.strides[1] * (2 * taps[1] + 2), maps.output.width),
    segments: taps[0] * taps[1],
    outputStep: 4 * maps.output.channels * layer.strides[1],
  });
  return {
    run: (call) => {
      machine.write(record, call);
      machine.words[(record >> 2) + scratchWord] = machine.scratchStart;
      machine.float.convTranspose2d(record);
    },
  };
}

/** How many taps of a transposed convolution an output cell has at most, along an axis. */
function tapsPerCell({ kernel, strides, dilations }: ConvTranspose2d, axis: 0 | 1): number {
  let [a, b] = [strides[axis], dilations[axis]] as [number, number];
  while (b > 0) [a, b] = [b, a % b];
  return Math.ceil((kernel[axis] * a) / strides[axis]);
}

interface Room {
  /** Of a row, at most. */
  readonly runs: number;
  /** Of a run, at most. */
  readonly segments: number;
  readonly outputStep: number;
}

function convRecord(
  { kernel, strides, dilations, padBefore, groups, weights, bias, clamp }: Conv2d | ConvTranspose2d,
  { inputs, output }: LayerMaps,
  machine: WasmMachine,
  { runs, segments, outputStep }: Room,
): number {
  const { height, width, channels } = inputs[0] as FeatureMap;
  const matrix = { groups, outputs: output.channels / groups, taps: (kernel[0] * kernel[1] * channels) / groups };
  machine.scratch(runs * (16 + 12 * segments));
  return machine.record([
    height,
    width,
    channels,
    output.channels,
    ...kernel,
    ...strides,
    ...dilations,
    ...padBefore,
    groups,
    machine.place(packedWeights(weights as Float32Array, matrix)),
    machine.place(packedBias(bias as Float32Array, matrix)),
    floatBits(clamp.min),
    floatBits(clamp.max),
    0,
    0,
    0,
    0,
    panelBytes,
    chunkCells(channels, output.channels),
    outputStep,
    12 * segments,
  ]);
}

/** As many cells as fit, with their results, into half of a common first-level cache. */
function chunkCells(inputs: number, outputs: number): number {
  return Math.max(16, Math.floor(16_384 / (4 * (inputs + outputs)) / 4) * 4);
}
