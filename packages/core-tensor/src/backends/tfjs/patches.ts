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

export const patchKernels: readonly string[] = ["GatherV2", "PadV2", "Slice", "Concat", "Transpose"];

/**
 * The cells of all windows along one axis, kernel position outermost. Windows that lie one cell apart are slices, which
 * engines copy faster than they gather.
 */
function cells(tf: Tf, x: TfTensor, axis: 2 | 3, { kernel, strides, dilations, count }: Windows): TfTensor {
  const [positions, stride, dilation, length] = [kernel, strides, dilations, count].map((pair) => pair[axis - 2]) as [
    number,
    number,
    number,
    number,
  ];
  if (stride > 1) {
    const indices = Array.from({ length: positions * length }, (_, i) => {
      return Math.floor(i / length) * dilation + (i % length) * stride;
    });
    return tf.gather(x, indexTensor(tf, [indices.length], indices), axis);
  }
  const size = x.shape.map((dim, i) => (i === axis ? length : dim));
  const begin = (position: number): number[] => x.shape.map((_, i) => (i === axis ? position * dilation : 0));
  return tf.concat(
    Array.from({ length: positions }, (_, position) => tf.slice(x, begin(position), size)),
    axis,
  );
}

/** Do the windows cut the image into tiles, side by side? */
function areTiles({ kernel, strides, dilations }: Windows): boolean {
  return [0, 1].every((axis) => kernel[axis] === strides[axis] && (dilations[axis] === 1 || kernel[axis] === 1));
}

function padded(tf: Tf, x: TfTensor, [top, left, bottom, right]: Pads2d, padValue: number): TfTensor {
  if (Math.max(top, left, bottom, right) === 0) return x;
  const border: [number, number][] = [
    [0, 0],
    [0, 0],
    [top, bottom],
    [left, right],
  ];
  return tf.pad(x, border, padValue);
}

/** The windows of images [N, C, H, W] as [N, C kernel height, window row, kernel width, window column] (im2col). */
export function patches(tf: Tf, x: TfTensor, windows: Windows, padValue: number): TfTensor {
  const { kernel, pads, count } = windows;
  const [batch, channels] = x.shape as [number, number];
  const both = cells(tf, cells(tf, padded(tf, x, pads, padValue), 2, windows), 3, windows);
  return tf.reshape(both, [batch, channels * kernel[0], count[0], kernel[1], count[1]]);
}

/** The windows of images [N, C, H, W] one after the other, in row-major order: [N C, windows, cells of a window]. */
export function windowLines(tf: Tf, x: TfTensor, windows: Windows, padValue: number): TfTensor {
  const { kernel, pads, count } = windows;
  const [batch, channels] = x.shape as [number, number];
  const shape = [batch * channels, count[0] * count[1], kernel[0] * kernel[1]];
  if (areTiles(windows)) {
    const image = padded(tf, x, pads, padValue);
    const used = tf.slice(image, [0, 0, 0, 0], [batch, channels, count[0] * kernel[0], count[1] * kernel[1]]);
    const tiles = tf.reshape(used, [batch * channels * count[0], kernel[0], count[1], kernel[1]]);
    return tf.reshape(tf.transpose(tiles, [0, 2, 1, 3]), shape);
  }
  const parts = patches(tf, x, windows, padValue);
  const split = tf.reshape(parts, [batch * channels, kernel[0], count[0], kernel[1], count[1]]);
  return tf.reshape(tf.transpose(split, [0, 2, 4, 1, 3]), shape);
}
