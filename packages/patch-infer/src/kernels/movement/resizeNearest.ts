import type { LayerMaps } from "../../layers/rule.ts";
import type { Resize2d } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import type { Region } from "../kernels.ts";
import type { KernelMemory } from "../memory.ts";
import { rowPosition } from "../position.ts";
import type { PreparedLayer } from "../table.ts";
import { cellBytes, cellsOf, move } from "./cells.ts";

export function resizeNearest(
  { rows, columns }: Resize2d,
  { inputs, output }: LayerMaps,
  memory: KernelMemory,
): PreparedLayer {
  const { channels } = inputs[0] as FeatureMap;
  const bytes = cellBytes(output);
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: region }) => {
      const cells = cellsOf(memory, output);
      for (let y = rowStart; y < rowEnd; y++) {
        const from = rowPosition(regions[0] as Region, rows.low[y] as number, channels, bytes, memory.arenaStart);
        const to = rowPosition(region, y, channels, bytes, memory.arenaStart);
        for (let x = columnStart; x < columnEnd; x++) {
          move(cells, to + x * channels, from + (columns.low[x] as number) * channels, channels);
        }
      }
    },
  };
}
