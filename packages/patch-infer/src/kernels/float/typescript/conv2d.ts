import type { LayerMaps } from "../../../layers/rule.ts";
import type { Clamp, Conv2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { LayerCall, Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import { finished } from "./clamp.ts";

/**
 * The sum of an output cell starts from the bias; then the products are added in the order of kernel rows, kernel columns,
 * input channels. Every product and every sum is rounded to float32. Taps outside the image take no part.
 */
export function conv2d(layer: Conv2d, maps: LayerMaps, memory: KernelMemory): PreparedLayer {
  return {
    run: (call) => convolve(layer, maps, memory, call, null),
    runAccumulating: (call, add) => convolve(layer, maps, memory, call, add.clamp),
  };
}

function convolve(
  { kernel, strides, dilations, padBefore, groups, weights, bias, clamp }: Conv2d,
  { inputs, output }: LayerMaps,
  { floats, arenaStart }: KernelMemory,
  { rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: outputRegion }: LayerCall,
  add: Clamp | null,
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
          const inputY = y * strides[0] - padBefore[0] + ky * dilations[0];
          if (inputY < 0 || inputY >= height) continue;
          const inputRow = rowPosition(region, inputY, channels, 4, arenaStart);
          for (let kx = 0; kx < kernel[1]; kx++) {
            const inputX = x * strides[1] - padBefore[1] + kx * dilations[1];
            if (inputX < 0 || inputX >= width) continue;
            const from = inputRow + inputX * channels + firstInput;
            const weight = o * taps + (ky * kernel[1] + kx) * groupInputs;
            for (let c = 0; c < groupInputs; c++) {
              const product = Math.fround((floats[from + c] as number) * (weights[weight + c] as number));
              sum = Math.fround(sum + product);
            }
          }
        }
        const to = outputRow + x * output.channels + o;
        floats[to] = finished(sum, clamp, floats[to] as number, add);
      }
    }
  }
}
