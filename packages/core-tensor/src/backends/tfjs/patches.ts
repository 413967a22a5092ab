import type { Pads2d, Pair } from "../../ops/vocabulary.ts";
import { indexTensor } from "./carriers.ts";
import type { Tf, TfTensor } from "./engine.ts";

export interface Windows {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads2d;
  /** Windows along height and width. */
  readonly count: Pair;
}

export const patchKernels: readonly string[] = ["GatherV2", "PadV2"];

/** Indices of the cells of all windows along one axis: kernel position outermost. */
function cells(tf: Tf, kernel: number, count: number, stride: number, dilation: number): TfTensor {
  const indices = Array.from({ length: kernel * count }, (_, i) => Math.floor(i / count) * dilation + (i % count) * stride);
  return indexTensor(tf, [kernel * count], indices);
}

/**
 * The windows of images [N, C, H, W] as [N, C, kernel height, window row, kernel width, window column] (im2col): two
 * gathers, whatever the size of the kernel.
 */
export function patches(tf: Tf, x: TfTensor, windows: Windows, padValue: number): TfTensor {
  const { kernel, strides, dilations, pads, count } = windows;
  const [batch, channels] = x.shape as [number, number];
  const [top, left, bottom, right] = pads;
  const padded = pads.some((cells) => cells > 0) ? tf.pad(x, [[0, 0], [0, 0], [top, bottom], [left, right]], padValue) : x;
  const rows = tf.gather(padded, cells(tf, kernel[0], count[0], strides[0], dilations[0]), 2);
  const both = tf.gather(rows, cells(tf, kernel[1], count[1], strides[1], dilations[1]), 3);
  return tf.reshape(both, [batch, channels, kernel[0], count[0], kernel[1], count[1]]);
}
