import type { LayerMaps } from "../../../layers/rule.ts";
import type { ConvTranspose2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall, Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import { clamped } from "./clamp.ts";

/**
 * Each output cell collects its products, in the order of a convolution: from the bias, kernel rows, kernel columns, input
 * channels. Tap k reads input cell `(o + padBefore - k * dilation) / stride`, if that is a whole number inside the image.
 */
export function convTranspose2d(layer: ConvTranspose2d, maps: LayerMaps, memory: KernelMemory): PreparedLayer {
  return { run: (call) => collect(layer, maps, memory, call) };
}

function collect(
  { kernel, strides, dilations, padBefore, groups, weights, bias, clamp }: ConvTranspose2d,
  { inputs, output }: LayerMaps,
  { floats, arenaStart }: KernelMemory,
  { rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: outputRegion }: LayerCall,
): void {
  const { height, width, channels } = inputs[0] as FeatureMap;
  const region = regions[0] as Region;
  const groupInputs = channels / groups;
  const groupOutputs = output.channels / groups;
  const taps = kernel[0] * kernel[1] * groupInputs;
  for (let y = rowStart; y < rowEnd; y++) {
    const outputRow = rowPosition(outputRegion, y, output.channels, 4, arenaStart);
    for (let x = columnStart; x < columnEnd; x++) {
      for (let o = 0; o < output.channels; o++) {
        const firstInput = Math.floor(o / groupOutputs) * groupInputs;
        let sum = bias[o] as number;
        for (let ky = 0; ky < kernel[0]; ky++) {
          const inputY = (y + padBefore[0] - ky * dilations[0]) / strides[0];
          if (!isInside(inputY, height)) continue;
          const inputRow = rowPosition(region, inputY, channels, 4, arenaStart);
          for (let kx = 0; kx < kernel[1]; kx++) {
            const inputX = (x + padBefore[1] - kx * dilations[1]) / strides[1];
            if (!isInside(inputX, width)) continue;
            const from = inputRow + inputX * channels + firstInput;
            const weight = o * taps + (ky * kernel[1] + kx) * groupInputs;
            for (let c = 0; c < groupInputs; c++) {
              const product = Math.fround((floats[from + c] as number) * (weights[weight + c] as number));
              sum = Math.fround(sum + product);
            }
          }
        }
        floats[outputRow + x * output.channels + o] = clamped(sum, clamp);
      }
    }
  }
}

function isInside(position: number, size: number): boolean {
  return Number.isInteger(position) && position >= 0 && position < size;
}
