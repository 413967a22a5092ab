import type { DepthwiseConv2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import { sumBounds } from "../../../network/quantization.ts";
import type { LayerCall, Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import type { KernelRow } from "../../table.ts";
import { requantizationIn, requantizer, zeroPointOf } from "../requantize.ts";
import { tapsAt } from "./window.ts";

export const depthwiseConv2d: KernelRow<DepthwiseConv2d, KernelMemory> = (layer, maps, memory) => {
  const input = maps.inputs[0] as FeatureMap;
  const { output } = maps;
  const { weights, bias, kernel, dilations, depthMultiplier } = layer;
  const channels = output.channels;
  const zeroPoint = zeroPointOf(input, layer);
  sumBounds(weights, bias, { zeroPoint, channelsLast: true, layer: layer.name });
  const requantize = requantizer(requantizationIn(layer, channels), zeroPointOf(output, layer), layer.clamp);

  /** Output channels [first, end) of the box; those of one cell begin at `to + cell * stride`. */
  const block = (call: LayerCall, first: number, end: number, cellAt: (y: number, x: number) => number): void => {
    const { codes, arenaStart } = memory;
    const from = call.inputs[0] as Region;
    for (let y = call.rowStart; y < call.rowEnd; y++) {
      const rows = tapsAt(layer, 0, y, input.height);
      for (let x = call.columnStart; x < call.columnEnd; x++) {
        const columns = tapsAt(layer, 1, x, input.width);
        const at = cellAt(y, x);
        for (let channel = first; channel < end; channel++) {
          const source = arenaStart + from.address + Math.floor(channel / depthMultiplier);
          let sum = bias[channel] as number;
          for (let i = rows.first; i < rows.end; i++) {
            const row = (rows.origin + i * dilations[0] - from.top) * from.rowCells - from.left;
            for (let j = columns.first; j < columns.end; j++) {
              const code = codes[source + (row + columns.origin + j * dilations[1]) * input.channels] as number;
              sum += (code - zeroPoint) * (weights[(i * kernel[1] + j) * channels + channel] as number);
            }
          }
          codes[at + channel - first] = requantize(sum, channel);
        }
      }
    }
  };

  const outputAt = ({ output: to }: LayerCall, y: number, x: number): number =>
    memory.arenaStart + to.address + ((y - to.top) * to.rowCells + (x - to.left)) * channels;

  return {
    run: (call) => block(call, 0, channels, (y, x) => outputAt(call, y, x)),
    runInPlace: (call, scratch, channelBlock) => {
      const { codes, arenaStart } = memory;
      const width = call.columnEnd - call.columnStart;
      for (let first = 0; first < channels; first += channelBlock) {
        const size = Math.min(channelBlock, channels - first);
        const scratchAt = (y: number, x: number): number =>
          arenaStart + scratch + ((y - call.rowStart) * width + x - call.columnStart) * size;
        block(call, first, first + size, scratchAt);
        for (let y = call.rowStart; y < call.rowEnd; y++) {
          for (let x = call.columnStart; x < call.columnEnd; x++) {
            const source = scratchAt(y, x);
            codes.copyWithin(outputAt(call, y, x) + first, source, source + size);
          }
        }
      }
    },
  };
};
