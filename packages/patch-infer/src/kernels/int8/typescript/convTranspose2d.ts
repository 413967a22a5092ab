import type { ConvTranspose2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import { sumBounds } from "../../../network/quantization.ts";
import type { Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import type { KernelRow } from "../../table.ts";
import { requantizationIn, requantizer, zeroPointOf } from "../requantize.ts";

export const convTranspose2d: KernelRow<ConvTranspose2d, KernelMemory> = (layer, maps, memory) => {
  const input = maps.inputs[0] as FeatureMap;
  const { output } = maps;
  const { weights, bias, groups, kernel, strides, dilations, padBefore } = layer;
  const zeroPoint = zeroPointOf(input, layer);
  sumBounds(weights, bias, { zeroPoint, layer: layer.name });
  const requantize = requantizer(requantizationIn(layer, output.channels), zeroPointOf(output, layer), layer.clamp);
  const taken = input.channels / groups;
  const made = output.channels / groups;

  /** The input position that tap k of an output position reads, -1 where there is none. */
  const source = (axis: 0 | 1, position: number, tap: number, size: number): number => {
    const scaled = position + padBefore[axis] - tap * dilations[axis];
    const at = scaled / strides[axis];
    return scaled >= 0 && at < size && Number.isInteger(at) ? at : -1;
  };

  return {
    run: (call) => {
      const { codes, arenaStart } = memory;
      const from = call.inputs[0] as Region;
      const to = call.output;
      for (let y = call.rowStart; y < call.rowEnd; y++) {
        for (let x = call.columnStart; x < call.columnEnd; x++) {
          const at = arenaStart + to.address + ((y - to.top) * to.rowCells + (x - to.left)) * output.channels;
          for (let channel = 0; channel < output.channels; channel++) {
            const firstIn = Math.floor(channel / made) * taken;
            let sum = bias[channel] as number;
            for (let i = 0; i < kernel[0]; i++) {
              const row = source(0, y, i, input.height);
              if (row < 0) continue;
              for (let j = 0; j < kernel[1]; j++) {
                const column = source(1, x, j, input.width);
                if (column < 0) continue;
                const cell = (row - from.top) * from.rowCells + (column - from.left);
                const first = arenaStart + from.address + cell * input.channels + firstIn;
                const weight = ((channel * kernel[0] + i) * kernel[1] + j) * taken;
                for (let c = 0; c < taken; c++) {
                  sum += ((codes[first + c] as number) - zeroPoint) * (weights[weight + c] as number);
                }
              }
            }
            codes[at + channel] = requantize(sum, channel);
          }
        }
      }
    },
  };
};
