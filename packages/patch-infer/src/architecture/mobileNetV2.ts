import { PatchInferError } from "../base/errors.ts";
import type { MobileNet, MobileNetBlock } from "./mobileNet.ts";

/** Which of the family. */
export interface MobileNetV2Options {
  /** Factor of all channels; default 1. */
  readonly width?: number;
  /** Height and width of the input; default 224. */
  readonly resolution?: number;
  /** Default 1000. */
  readonly classes?: number;
  /** Depthwise kernels of the 17 blocks, in order; 3 for blocks that are left out. */
  readonly kernels?: readonly number[];
}

/** Expansion, channels, blocks, stride of the first. */
const groups: readonly (readonly [number, number, number, 1 | 2])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/**
 * MobileNetV2 (Sandler et al. 2018, table 2). Channels are multiples of 8, the last convolution never has fewer than 1280, as in the
 * authors' code.
 *
 * @throws PatchInferError OPTION for a width, resolution or number of classes that is not positive, or kernels that are not odd
 */
export function mobileNetV2(options: MobileNetV2Options = {}): MobileNet {
  const { width = 1, resolution = 224, classes = 1000, kernels = [] } = options;
  if (!(width > 0 && Number.isFinite(width)))
    throw new PatchInferError("OPTION", `width is ${width}, not a positive number`);
  for (const [name, value] of Object.entries({ resolution, classes })) {
    if (!Number.isInteger(value) || value < 1)
      throw new PatchInferError("OPTION", `${name} is ${value}, not a whole number of at least 1`);
  }
  for (const kernel of kernels) {
    if (kernel % 2 !== 1 || kernel < 1) throw new PatchInferError("OPTION", `kernels: ${kernel} is not odd`);
  }
  const blocks: MobileNetBlock[] = [];
  let inputs = rounded(32 * width);
  for (const [expansion, channels, count, stride] of groups) {
    for (let i = 0; i < count; i++) {
      const outputs = rounded(channels * width);
      const kernel = kernels[blocks.length] ?? 3;
      blocks.push({ kernel, stride: i === 0 ? stride : 1, inputs, hidden: inputs * expansion, outputs });
      inputs = outputs;
    }
  }
  const stem = { kernel: 3, stride: 2, outputs: rounded(32 * width) } as const;
  return { resolution, channels: 3, stem, blocks, head: rounded(1280 * Math.max(1, width)), classes };
}

/** The nearest multiple of 8 that is not less than nine tenths of the channels. */
function rounded(channels: number): number {
  const near = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return near < 0.9 * channels ? near + 8 : near;
}
