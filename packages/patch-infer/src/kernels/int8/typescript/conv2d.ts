import type { Conv2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import { sumBounds } from "../../../network/quantization.ts";
import type { LayerCall, Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import type { KernelRow } from "../../table.ts";
import { codeFunction, requantizationIn, requantizer, zeroPointOf } from "../requantize.ts";
import { tapsAt } from "./window.ts";

/** What becomes of a code: `at` is where it belongs. */
type Store = (at: number, code: number) => void;

export const conv2d: KernelRow<Conv2d, KernelMemory> = (layer, maps, memory) => {
  const input = maps.inputs[0] as FeatureMap;
  const { output } = maps;
  const { weights, bias, groups, kernel, dilations } = layer;
  const zeroPoint = zeroPointOf(input, layer);
  sumBounds(weights, bias, { zeroPoint, layer: layer.name });
  const requantize = requantizer(requantizationIn(layer, output.channels), zeroPointOf(output, layer), layer.clamp);
  const taken = input.channels / groups;
  const made = output.channels / groups;

  const each = (call: LayerCall, store: Store): void => {
    const { codes, arenaStart } = memory;
    const from = call.inputs[0] as Region;
    const to = call.output;
    for (let y = call.rowStart; y < call.rowEnd; y++) {
      const rows = tapsAt(layer, 0, y, input.height);
      for (let x = call.columnStart; x < call.columnEnd; x++) {
        const columns = tapsAt(layer, 1, x, input.width);
        const at = arenaStart + to.address + ((y - to.top) * to.rowCells + (x - to.left)) * output.channels;
        for (let channel = 0; channel < output.channels; channel++) {
          const firstIn = Math.floor(channel / made) * taken;
          let sum = bias[channel] as number;
          for (let i = rows.first; i < rows.end; i++) {
            const row = (rows.origin + i * dilations[0] - from.top) * from.rowCells - from.left;
            for (let j = columns.first; j < columns.end; j++) {
              const cell =
                arenaStart + from.address + (row + columns.origin + j * dilations[1]) * input.channels + firstIn;
              const weight = ((channel * kernel[0] + i) * kernel[1] + j) * taken;
              for (let c = 0; c < taken; c++) {
                sum += ((codes[cell + c] as number) - zeroPoint) * (weights[weight + c] as number);
              }
            }
          }
          store(at + channel, requantize(sum, channel));
        }
      }
    }
  };

  return {
    run: (call) => {
      const { codes } = memory;
      each(call, (at, code) => {
        codes[at] = code;
      });
    },
    runAccumulating: (call, add, addMaps) => {
      const { codes } = memory;
      const combine = codeFunction(add, addMaps);
      const left = add.inputs[0] === layer.output;
      each(call, (at, code) => {
        const there = codes[at] as number;
        codes[at] = left ? combine(code, there) : combine(there, code);
      });
    },
  };
};
