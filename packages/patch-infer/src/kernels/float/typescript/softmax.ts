import type { LayerMaps } from "../../../layers/rule.ts";
import type { Softmax } from "../../../network/layer.ts";
import type { Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import { larger } from "./pool2d.ts";

/** `exp(x - largest)` over the running sum of these, channel by channel, each step rounded to float32. */
export function softmax(_layer: Softmax, { output }: LayerMaps, memory: KernelMemory): PreparedLayer {
  const { channels } = output;
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: outputRegion }) => {
      const { floats, arenaStart } = memory;
      for (let y = rowStart; y < rowEnd; y++) {
        const fromRow = rowPosition(regions[0] as Region, y, channels, 4, arenaStart);
        const toRow = rowPosition(outputRegion, y, channels, 4, arenaStart);
        for (let x = columnStart; x < columnEnd; x++) {
          const from = fromRow + x * channels;
          const to = toRow + x * channels;
          let largest = Number.NEGATIVE_INFINITY;
          for (let c = 0; c < channels; c++) largest = larger(largest, floats[from + c] as number);
          let sum = 0;
          for (let c = 0; c < channels; c++) {
            const share = Math.fround(Math.exp(Math.fround((floats[from + c] as number) - largest)));
            floats[to + c] = share;
            sum = Math.fround(sum + share);
          }
          for (let c = 0; c < channels; c++) floats[to + c] = (floats[to + c] as number) / sum;
        }
      }
    },
  };
}
