import type { LayerMaps } from "../../layers/rule.ts";
import type { Slice } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import type { Region } from "../kernels.ts";
import type { KernelMemory } from "../memory.ts";
import { rowPosition } from "../position.ts";
import type { PreparedLayer } from "../table.ts";
import { cellBytes, cellsOf, move } from "./cells.ts";

export function slice({ starts, steps }: Slice, { inputs, output }: LayerMaps, memory: KernelMemory): PreparedLayer {
  const input = inputs[0] as FeatureMap;
  const bytes = cellBytes(output);
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: region }) => {
      const cells = cellsOf(memory, output);
      for (let y = rowStart; y < rowEnd; y++) {
        const to = rowPosition(region, y, output.channels, bytes, memory.arenaStart);
        const inputY = starts[0] + y * steps[0];
        const row = rowPosition(regions[0] as Region, inputY, input.channels, bytes, memory.arenaStart);
        for (let x = columnStart; x < columnEnd; x++) {
          const from = row + (starts[1] + x * steps[1]) * input.channels + starts[2];
          const at = to + x * output.channels;
          if (steps[2] === 1) move(cells, at, from, output.channels);
          else for (let c = 0; c < output.channels; c++) cells[at + c] = cells[from + c * steps[2]] as number;
        }
      }
    },
  };
}
