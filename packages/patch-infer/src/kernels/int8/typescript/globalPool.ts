import type { GlobalPool } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall, Region } from "../../kernels.ts";
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
  const start = largest ? -128 : 0;
  const fold = (
    from: Region,
    channel: number,
    { rowStart, rowEnd, columnStart, columnEnd }: Box,
    so: number,
  ): number => {
    const { codes, arenaStart } = memory;
    let sum = so;
    for (let y = rowStart; y < rowEnd; y++) {
      const row = rowPosition(from, y, channels, 1, arenaStart) + channel;
      for (let x = columnStart; x < columnEnd; x++) {
        const code = (codes[row + x * channels] as number) - offset;
        sum = largest ? Math.max(sum, code) : sum + code;
      }
    }
    return sum;
  };
  const whole = { rowStart: 0, rowEnd: input.height, columnStart: 0, columnEnd: input.width };
  return {
    run: ({ inputs: [from], output }) => {
      const { codes, arenaStart } = memory;
      const to = rowPosition(output, 0, channels, 1, arenaStart);
      for (let c = 0; c < channels; c++) codes[to + c] = finish(fold(from as Region, c, whole, start), 0);
    },
    runPooling: (call, sums, isFirst, isLast) => {
      const { codes, words, arenaStart } = memory;
      const to = rowPosition(call.output, 0, channels, 1, arenaStart);
      const at = (arenaStart + sums) / 4;
      for (let c = 0; c < channels; c++) {
        const sum = fold(call.inputs[0] as Region, c, call, isFirst ? start : (words[at + c] as number));
        if (isLast) codes[to + c] = finish(sum, 0);
        else words[at + c] = sum;
      }
    },
  };
};

type Box = Pick<LayerCall, "rowStart" | "rowEnd" | "columnStart" | "columnEnd">;
