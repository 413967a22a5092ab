import type { AveragePool2d, MaxPool2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall, Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import type { KernelRow } from "../../table.ts";
import { needSameScale, zeroPointOf } from "../requantize.ts";
import { tapsAt } from "./window.ts";

/** From the codes of a window inside the image, and how many there are, to one code. */
interface Reduction {
  readonly start: number;
  readonly step: (sum: number, code: number) => number;
  readonly finish: (sum: number, count: number) => number;
}

export const maxPool2d: KernelRow<MaxPool2d, KernelMemory> = (layer, maps, memory) => {
  needSameScale(layer, maps);
  return pool(layer, maps, memory, { start: -128, step: Math.max, finish: (largest) => largest });
};

/** The mean of codes, halves away from zero (TFLite's rule, which needs no scale because it is the same on both sides). */
export const averagePool2d: KernelRow<AveragePool2d, KernelMemory> = (layer, maps, memory) => {
  needSameScale(layer, maps);
  const zeroPoint = zeroPointOf(maps.output, layer);
  const whole = layer.kernel[0] * layer.kernel[1];
  const finish = layer.countIncludePad
    ? (sum: number, count: number): number => mean(sum + (whole - count) * zeroPoint, whole)
    : (sum: number, count: number): number => (count === 0 ? zeroPoint : mean(sum, count));
  return pool(layer, maps, memory, { start: 0, step: (sum, code) => sum + code, finish });
};

function mean(sum: number, count: number): number {
  const half = Math.floor(count / 2);
  return Math.trunc((sum > 0 ? sum + half : sum - half) / count);
}

function pool(
  layer: MaxPool2d | AveragePool2d,
  { inputs, output }: Parameters<KernelRow<MaxPool2d, KernelMemory>>[1],
  memory: KernelMemory,
  { start, step, finish }: Reduction,
): { readonly run: (call: LayerCall) => void } {
  const input = inputs[0] as FeatureMap;
  const { dilations } = layer;
  const { min, max } = layer.clamp;
  const channels = output.channels;
  return {
    run: (call) => {
      const { codes, arenaStart } = memory;
      const from = call.inputs[0] as Region;
      const to = call.output;
      for (let y = call.rowStart; y < call.rowEnd; y++) {
        const rows = tapsAt(layer, 0, y, input.height);
        for (let x = call.columnStart; x < call.columnEnd; x++) {
          const columns = tapsAt(layer, 1, x, input.width);
          const count = Math.max(0, rows.end - rows.first) * Math.max(0, columns.end - columns.first);
          const at = arenaStart + to.address + ((y - to.top) * to.rowCells + (x - to.left)) * channels;
          for (let channel = 0; channel < channels; channel++) {
            let sum = start;
            for (let i = rows.first; i < rows.end; i++) {
              const row = (rows.origin + i * dilations[0] - from.top) * from.rowCells - from.left;
              for (let j = columns.first; j < columns.end; j++) {
                const cell = (row + columns.origin + j * dilations[1]) * channels;
                sum = step(sum, codes[arenaStart + from.address + cell + channel] as number);
              }
            }
            codes[at + channel] = Math.max(min, Math.min(max, finish(sum, count)));
          }
        }
      }
    },
  };
}
