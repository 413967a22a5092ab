import type { GlobalPool } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { KernelRow } from "../../table.ts";
import { needSameScale, requantizationIn, requantizer, zeroPointOf } from "../requantize.ts";

/** Sums of codes less the zero point in 32 bits, then one factor, in which the mean's 1 / count is already (TFLite's MEAN). */
export const globalPool: KernelRow<GlobalPool, KernelMemory> = (layer, maps, memory) => {
  const input = maps.inputs[0] as FeatureMap;
  const { channels } = input;
  const { min, max } = layer.clamp;
  const largest = layer.fn === "max";
  if (largest) needSameScale(layer, maps);
  const offset = largest ? 0 : zeroPointOf(input, layer);
  const finish = largest
    ? (value: number): number => Math.max(min, Math.min(max, value))
    : requantizer(requantizationIn(layer, 1), zeroPointOf(maps.output, layer), layer.clamp);
  return {
    run: (call) => {
      const { codes, arenaStart } = memory;
      const from = call.inputs[0] as Region;
      const to = rowPosition(call.output, 0, channels, 1, arenaStart);
      for (let channel = 0; channel < channels; channel++) {
        let sum = largest ? -128 : 0;
        for (let y = 0; y < input.height; y++) {
          for (let x = 0; x < input.width; x++) {
            const cell = (y - from.top) * from.rowCells + (x - from.left);
            const code = (codes[arenaStart + from.address + cell * channels + channel] as number) - offset;
            sum = largest ? Math.max(sum, code) : sum + code;
          }
        }
        codes[to + channel] = finish(sum, 0);
      }
    },
  };
};
