import type { LayerMaps } from "../../../layers/rule.ts";
import type { Clamp, Conv2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall } from "../../kernels.ts";
import type { PreparedLayer } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { floatBits } from "./floatBits.ts";
import { packedBias, packedWeights } from "./packed.ts";

/** Words of the record `Conv` in float.as that calls write. */
const accumulateWord = 33;
const scratchWord = 36;

export function wasmConv2d(layer: Conv2d, { inputs, output }: LayerMaps, machine: WasmMachine): PreparedLayer {
  const { kernel, strides, dilations, padBefore, groups, weights, bias, clamp } = layer;
  const { height, width, channels } = inputs[0] as FeatureMap;
  const matrix = { groups, outputs: output.channels / groups, taps: (kernel[0] * kernel[1] * channels) / groups };
  // A row has a run for each of its different sets of kernel columns: at most two for each border tap, and one.
  const runs = 2 * kernel[1] + 2;
  machine.scratch(runs * (16 + 12 * kernel[0] * kernel[1]));
  const record = machine.record([
    height,
    width,
    channels,
    output.channels,
    ...kernel,
    ...strides,
    ...dilations,
    ...padBefore.slice(0, 2),
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
    4 * output.channels,
  ]);
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

/** A quarter of a common second-level cache. */
const panelBytes = 262_144;

/** As many cells as fit, with their results, into half of a common first-level cache. */
export function chunkCells(inputs: number, outputs: number): number {
  return Math.max(16, Math.floor(16_384 / (4 * (inputs + outputs)) / 4) * 4);
}
