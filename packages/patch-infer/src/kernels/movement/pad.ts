import type { LayerMaps } from "../../layers/rule.ts";
import type { Pad } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import type { Region } from "../kernels.ts";
import type { KernelMemory } from "../memory.ts";
import { rowPosition } from "../position.ts";
import type { PreparedLayer } from "../table.ts";
import { cellBytes, cellsOf, move } from "./cells.ts";

export function pad({ before, value }: Pad, { inputs, output }: LayerMaps, memory: KernelMemory): PreparedLayer {
  const input = inputs[0] as FeatureMap;
  const bytes = cellBytes(output);
  const copied = Math.min(input.channels, output.channels - before[2]);
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: region }) => {
      const cells = cellsOf(memory, output);
      const values = output.type === "float32" ? memory.floats : memory.codes;
      // The columns of the box that the input has.
      const left = Math.min(Math.max(columnStart, before[1]), columnEnd);
      const right = Math.max(left, Math.min(columnEnd, before[1] + input.width));
      for (let y = rowStart; y < rowEnd; y++) {
        const to = rowPosition(region, y, output.channels, bytes, memory.arenaStart);
        const inputY = y - before[0];
        if (inputY < 0 || inputY >= input.height) {
          values.fill(value, to + columnStart * output.channels, to + columnEnd * output.channels);
          continue;
        }
        const row = rowPosition(regions[0] as Region, inputY, input.channels, bytes, memory.arenaStart);
        const from = row - before[1] * input.channels;
        if (input.channels === output.channels) {
          values.fill(value, to + columnStart * output.channels, to + left * output.channels);
          move(cells, to + left * output.channels, from + left * input.channels, (right - left) * input.channels);
          values.fill(value, to + right * output.channels, to + columnEnd * output.channels);
        } else {
          values.fill(value, to + columnStart * output.channels, to + columnEnd * output.channels);
          for (let x = left; x < right; x++) {
            move(cells, to + x * output.channels + before[2], from + x * input.channels, copied);
          }
        }
      }
    },
  };
}
