import type { LayerMaps } from "../../../layers/rule.ts";
import type { AveragePool2d, MaxPool2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall, Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import { clamped } from "./clamp.ts";

/** The larger one; NaN if one of them is. */
export function larger(a: number, b: number): number {
  return b > a || Number.isNaN(b) ? b : a;
}

/** A window without cells gives -Infinity (then clamped). */
export function maxPool2d(layer: MaxPool2d, maps: LayerMaps, memory: KernelMemory): PreparedLayer {
  return {
    run: (call) =>
      pool(layer, maps, memory, call, { start: Number.NEGATIVE_INFINITY, step: larger, end: (best) => best }),
  };
}

/**
 * Cells are added in the order of kernel rows and columns, starting from 0, each sum rounded; then divided by their number.
 * A window without cells gives 0.
 */
export function averagePool2d(layer: AveragePool2d, maps: LayerMaps, memory: KernelMemory): PreparedLayer {
  const whole = layer.kernel[0] * layer.kernel[1];
  return {
    run: (call) =>
      pool(layer, maps, memory, call, {
        start: 0,
        step: (sum, value) => Math.fround(sum + value),
        end: (sum, cells) => Math.fround(sum / (layer.countIncludePad ? whole : Math.max(1, cells))),
      }),
  };
}

interface Fold {
  readonly start: number;
  readonly step: (folded: number, value: number) => number;
  readonly end: (folded: number, cells: number) => number;
}

function pool(
  { kernel, strides, dilations, padBefore, clamp }: MaxPool2d | AveragePool2d,
  { inputs, output }: LayerMaps,
  { floats, arenaStart }: KernelMemory,
  { rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: outputRegion }: LayerCall,
  { start, step, end }: Fold,
): void {
  const { height, width, channels } = inputs[0] as FeatureMap;
  const region = regions[0] as Region;
  for (let y = rowStart; y < rowEnd; y++) {
    const outputRow = rowPosition(outputRegion, y, output.channels, 4, arenaStart);
    for (let x = columnStart; x < columnEnd; x++) {
      for (let c = 0; c < channels; c++) {
        let folded = start;
        let cells = 0;
        for (let ky = 0; ky < kernel[0]; ky++) {
          const inputY = y * strides[0] - padBefore[0] + ky * dilations[0];
          if (inputY < 0 || inputY >= height) continue;
          const inputRow = rowPosition(region, inputY, channels, 4, arenaStart);
          for (let kx = 0; kx < kernel[1]; kx++) {
            const inputX = x * strides[1] - padBefore[1] + kx * dilations[1];
            if (inputX < 0 || inputX >= width) continue;
            folded = step(folded, floats[inputRow + inputX * channels + c] as number);
            cells++;
          }
        }
        floats[outputRow + x * channels + c] = clamped(end(folded, cells), clamp);
      }
    }
  }
}
