import type { LayerMaps } from "../../../layers/rule.ts";
import type { DepthwiseConv2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall } from "../../kernels.ts";
import type { PreparedLayer } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { placeLines } from "../../wasmLines.ts";
import { floatBits } from "./floatBits.ts";
import { filledUp } from "./packed.ts";

/** Words of the record `Depthwise` of the float kernels that calls write. */
const scratchWord = 33;

export function wasmDepthwiseConv2d(
  layer: DepthwiseConv2d,
  { inputs, output }: LayerMaps,
  machine: WasmMachine,
): PreparedLayer {
  const { kernel, strides, dilations, padBefore, depthMultiplier, weights, bias, clamp } = layer;
  const input = inputs[0] as FeatureMap;
  const { height, width, channels } = input;
  const record = machine.record([
    height,
    width,
    channels,
    output.channels,
    ...kernel,
    ...strides,
    ...dilations,
    ...padBefore,
    machine.place(filledUp(weights as Float32Array, output.channels)),
    machine.place(filledUp(bias as Float32Array, output.channels)),
    floatBits(clamp.min),
    floatBits(clamp.max),
    depthMultiplier === 1 ? 0 : machine.place(inputOffsets(output.channels, depthMultiplier)),
    0,
    0,
  ]);
  const run = (call: LayerCall): void => {
    machine.write(record, call);
    machine.float.depthwiseConv2d(record);
  };
  if (depthMultiplier !== 1) return { run };
  const lines = placeLines(layer, input, machine, 0);
  return {
    run,
    runInPlace: (call, scratch, channelBlock) => {
      machine.write(record, call);
      const at = (record >> 2) + scratchWord;
      machine.words[at] = machine.arenaStart + scratch;
      machine.words[at + 1] = channelBlock;
      machine.float.depthwiseInPlace(record, lines());
    },
  };
}

/** Per output channel the place of its input channel in bytes; filled up with readable places. */
function inputOffsets(channels: number, multiplier: number): Int32Array {
  const offsets = new Int32Array(Math.ceil(channels / 4) * 4);
  for (let c = 0; c < channels; c++) offsets[c] = 4 * Math.floor(c / multiplier);
  return offsets;
}
