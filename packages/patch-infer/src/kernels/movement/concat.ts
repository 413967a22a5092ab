import type { LayerMaps } from "../../layers/rule.ts";
import type { Concat } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import type { Region } from "../kernels.ts";
import type { KernelMemory } from "../memory.ts";
import { rowPosition } from "../position.ts";
import type { PreparedLayer } from "../table.ts";
import { cellBytes, cellsOf, move } from "./cells.ts";

export function concat({ axis }: Concat, { inputs, output }: LayerMaps, memory: KernelMemory): PreparedLayer {
  const bytes = cellBytes(output);
  const sizes = inputs.map((map) => [map.height, map.width, map.channels][axis] as number);
  const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
  return {
    run: (call) => {
      const cells = cellsOf(memory, output);
      for (let index = 0; index < inputs.length; index++) {
        const { height, width, channels } = inputs[index] as FeatureMap;
        const start = starts[index] as number;
        // Where the input's own (0, 0, 0) stands in the output.
        const top = axis === 0 ? start : 0;
        const left = axis === 1 ? start : 0;
        const channel = axis === 2 ? start : 0;
        const columnStart = Math.max(call.columnStart, left);
        const columnEnd = Math.min(call.columnEnd, left + width);
        for (let y = Math.max(call.rowStart, top); y < Math.min(call.rowEnd, top + height); y++) {
          const to = rowPosition(call.output, y, output.channels, bytes, memory.arenaStart) + channel;
          const row = rowPosition(call.inputs[index] as Region, y - top, channels, bytes, memory.arenaStart);
          const from = row - left * channels;
          if (channels === output.channels && columnEnd > columnStart) {
            move(
              cells,
              to + columnStart * channels,
              from + columnStart * channels,
              (columnEnd - columnStart) * channels,
            );
          } else {
            for (let x = columnStart; x < columnEnd; x++) {
              move(cells, to + x * output.channels, from + x * channels, channels);
            }
          }
        }
      }
    },
  };
}
