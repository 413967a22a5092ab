import type { Pads2d, Pair } from "../../../ops/vocabulary.ts";
import type { Dim } from "../../../tensor/dims.ts";
import type { Emitter } from "./emitter.ts";
import { pad } from "./movement.ts";

/** How a window moves over an image. */
export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads2d;
  readonly dilations: Pair;
}

/** An image as ONNX has it: `[batch, channels, height, width]`, all but the batch known. */
export interface Image {
  readonly value: string;
  readonly batch: Dim;
  readonly channels: number;
  readonly size: Pair;
}

/**
 * The cells under each position of the window: `[batch, channels, kernel cells, rows, columns]`, one strided slice
 * per cell of the kernel. Slices run along rows in memory; gathering by index was several times slower.
 */
export function unfold(
  emitter: Emitter,
  image: Image,
  { kernel, strides, pads, dilations }: Window,
  output: Pair,
  filler: number,
): string {
  const padded = pad(emitter, image.value, [0, 0, pads[0], pads[1]], [0, 0, pads[2], pads[3]], filler);
  const cells: string[] = [];
  const axes = emitter.ints([2, 3]);
  for (let row = 0; row < kernel[0]; row++) {
    for (let column = 0; column < kernel[1]; column++) {
      const starts = [row * dilations[0], column * dilations[1]] as const;
      const ends = [starts[0] + (output[0] - 1) * strides[0] + 1, starts[1] + (output[1] - 1) * strides[1] + 1];
      const slice = emitter.emit("Slice", [
        padded,
        emitter.ints(starts),
        emitter.ints(ends),
        axes,
        emitter.ints(strides),
      ]);
      cells.push(emitter.emit("Unsqueeze", [slice, emitter.ints([2])]));
    }
  }
  return cells.length === 1 ? (cells[0] as string) : emitter.emit("Concat", cells, { axis: 2 });
}
