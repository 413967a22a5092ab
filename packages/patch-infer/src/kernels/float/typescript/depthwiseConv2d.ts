import type { LayerMaps } from "../../../layers/rule.ts";
import type { DepthwiseConv2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall, Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import { clamped } from "./clamp.ts";

/** As a convolution with one input channel: from the bias, kernel rows, kernel columns; each step rounded to float32. */
export function depthwiseConv2d(layer: DepthwiseConv2d, maps: LayerMaps, memory: KernelMemory): PreparedLayer {
  const { channels } = maps.output;
  return {
    run: (call) => {
      const { arenaStart } = memory;
      for (let y = call.rowStart; y < call.rowEnd; y++) {
        const row = rowPosition(call.output, y, channels, 4, arenaStart);
        computeRow(layer, maps, memory, call, { y, first: 0, end: channels, to: row + call.columnStart * channels });
      }
    },
    runInPlace: (call, scratch, channelBlock) => {
      const { floats, arenaStart } = memory;
      const { rowStart, rowEnd, columnStart, columnEnd } = call;
      for (let first = 0; first < channels; first += channelBlock) {
        const end = Math.min(channels, first + channelBlock);
        const rowFloats = (columnEnd - columnStart) * (end - first);
        const start = (arenaStart + scratch) / 4;
        for (let y = rowStart; y < rowEnd; y++) {
          computeRow(layer, maps, memory, call, { y, first, end, to: start + (y - rowStart) * rowFloats });
        }
        let from = start;
        for (let y = rowStart; y < rowEnd; y++) {
          const row = rowPosition(call.output, y, channels, 4, arenaStart);
          for (let x = columnStart; x < columnEnd; x++) {
            for (let c = first; c < end; c++) floats[row + x * channels + c] = floats[from++] as number;
          }
        }
      }
    },
  };
}

/** A row of output channels `first`, …, `end - 1`, written to `to` and on, cell after cell. */
interface RowPart {
  readonly y: number;
  readonly first: number;
  readonly end: number;
  readonly to: number;
}

function computeRow(
  { kernel, strides, dilations, padBefore, depthMultiplier, weights, bias, clamp }: DepthwiseConv2d,
  { inputs, output }: LayerMaps,
  { floats, arenaStart }: KernelMemory,
  { columnStart, columnEnd, inputs: regions }: LayerCall,
  { y, first, end, to }: RowPart,
): void {
  const { height, width, channels } = inputs[0] as FeatureMap;
  const region = regions[0] as Region;
  let next = to;
  for (let x = columnStart; x < columnEnd; x++) {
    for (let o = first; o < end; o++) {
      const channel = Math.floor(o / depthMultiplier);
      let sum = bias[o] as number;
      for (let ky = 0; ky < kernel[0]; ky++) {
        const inputY = y * strides[0] - padBefore[0] + ky * dilations[0];
        if (inputY < 0 || inputY >= height) continue;
        const inputRow = rowPosition(region, inputY, channels, 4, arenaStart);
        for (let kx = 0; kx < kernel[1]; kx++) {
          const inputX = x * strides[1] - padBefore[1] + kx * dilations[1];
          if (inputX < 0 || inputX >= width) continue;
          const weight = weights[(ky * kernel[1] + kx) * output.channels + o] as number;
          sum = Math.fround(sum + Math.fround((floats[inputRow + inputX * channels + channel] as number) * weight));
        }
      }
      floats[next++] = clamped(sum, clamp);
    }
  }
}
