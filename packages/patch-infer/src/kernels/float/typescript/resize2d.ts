import type { LayerMaps } from "../../../layers/rule.ts";
import type { Resize2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";

/** Between the two rows at each of the two columns, then between the columns; each product and sum rounded to float32. */
export function resizeLinear({ rows, columns }: Resize2d, { inputs }: LayerMaps, memory: KernelMemory): PreparedLayer {
  const { channels } = inputs[0] as FeatureMap;
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output }) => {
      const { floats, arenaStart } = memory;
      const region = regions[0] as Region;
      for (let y = rowStart; y < rowEnd; y++) {
        const upper = rowPosition(region, rows.low[y] as number, channels, 4, arenaStart);
        const lower = rowPosition(region, rows.high[y] as number, channels, 4, arenaStart);
        const down = rows.share[y] as number;
        const to = rowPosition(output, y, channels, 4, arenaStart);
        for (let x = columnStart; x < columnEnd; x++) {
          const left = (columns.low[x] as number) * channels;
          const right = (columns.high[x] as number) * channels;
          const across = columns.share[x] as number;
          for (let c = 0; c < channels; c++) {
            const atLeft = between(floats[upper + left + c] as number, floats[lower + left + c] as number, down);
            const atRight = between(floats[upper + right + c] as number, floats[lower + right + c] as number, down);
            floats[to + x * channels + c] = between(atLeft, atRight, across);
          }
        }
      }
    },
  };
}

function between(low: number, high: number, share: number): number {
  return Math.fround(Math.fround(Math.fround(1 - share) * low) + Math.fround(share * high));
}
