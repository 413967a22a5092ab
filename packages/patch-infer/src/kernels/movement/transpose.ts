import type { LayerMaps } from "../../layers/rule.ts";
import type { Transpose } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import type { Region } from "../kernels.ts";
import type { KernelMemory } from "../memory.ts";
import { rowPosition } from "../position.ts";
import type { PreparedLayer } from "../table.ts";
import { cellBytes, cellsOf } from "./cells.ts";

/** The output may have other dimensions than the permuted ones; its cells in row-major order are the same. */
export function transpose(
  { permutation }: Transpose,
  { inputs, output }: LayerMaps,
  memory: KernelMemory,
): PreparedLayer {
  const input = inputs[0] as FeatureMap;
  const bytes = cellBytes(output);
  const sizes = [input.height, input.width, input.channels];
  const middle = sizes[permutation[1]] as number;
  const inner = sizes[permutation[2]] as number;
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: region }) => {
      const cells = cellsOf(memory, output);
      const origin = rowPosition(regions[0] as Region, 0, input.channels, bytes, memory.arenaStart);
      const rowStep = (regions[0] as Region).rowCells * input.channels;
      const step = (axis: number): number => (axis === 0 ? rowStep : axis === 1 ? input.channels : 1);
      const outerStep = step(permutation[0]);
      const middleStep = step(permutation[1]);
      const innerStep = step(permutation[2]);
      for (let y = rowStart; y < rowEnd; y++) {
        const to = rowPosition(region, y, output.channels, bytes, memory.arenaStart);
        for (let i = columnStart * output.channels; i < columnEnd * output.channels; i++) {
          const position = y * output.width * output.channels + i;
          const line = Math.floor(position / inner);
          const outer = Math.floor(line / middle);
          const from = outer * outerStep + (line - outer * middle) * middleStep + (position - line * inner) * innerStep;
          cells[to + i] = cells[origin + from] as number;
        }
      }
    },
  };
}
