import type { LayerMaps } from "../../layers/rule.ts";
import type { DepthToSpace, SpaceToDepth } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import type { Region } from "../kernels.ts";
import type { KernelMemory } from "../memory.ts";
import { rowPosition } from "../position.ts";
import type { PreparedLayer } from "../table.ts";
import { cellBytes, cellsOf, move } from "./cells.ts";

export function depthToSpace(
  { block, order }: DepthToSpace,
  { inputs, output }: LayerMaps,
  memory: KernelMemory,
): PreparedLayer {
  const input = inputs[0] as FeatureMap;
  const { channels } = output;
  const bytes = cellBytes(output);
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: region }) => {
      const cells = cellsOf(memory, output);
      for (let y = rowStart; y < rowEnd; y++) {
        const to = rowPosition(region, y, channels, bytes, memory.arenaStart);
        const inputY = Math.floor(y / block);
        const row = rowPosition(regions[0] as Region, inputY, input.channels, bytes, memory.arenaStart);
        for (let x = columnStart; x < columnEnd; x++) {
          const part = (y % block) * block + (x % block);
          const from = row + Math.floor(x / block) * input.channels;
          const at = to + x * channels;
          if (order === "dcr") move(cells, at, from + part * channels, channels);
          else for (let c = 0; c < channels; c++) cells[at + c] = cells[from + c * block * block + part] as number;
        }
      }
    },
  };
}

export function spaceToDepth(
  { block, order }: SpaceToDepth,
  { inputs, output }: LayerMaps,
  memory: KernelMemory,
): PreparedLayer {
  const { channels } = inputs[0] as FeatureMap;
  const bytes = cellBytes(output);
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: region }) => {
      const cells = cellsOf(memory, output);
      for (let y = rowStart; y < rowEnd; y++) {
        const to = rowPosition(region, y, output.channels, bytes, memory.arenaStart);
        for (let part = 0; part < block * block; part++) {
          const inputY = y * block + Math.floor(part / block);
          const row = rowPosition(regions[0] as Region, inputY, channels, bytes, memory.arenaStart);
          for (let x = columnStart; x < columnEnd; x++) {
            const from = row + (x * block + (part % block)) * channels;
            const at = to + x * output.channels;
            if (order === "dcr") move(cells, at + part * channels, from, channels);
            else for (let c = 0; c < channels; c++) cells[at + c * block * block + part] = cells[from + c] as number;
          }
        }
      }
    },
  };
}
