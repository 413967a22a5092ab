import type { CoordinateMode, NearestMode, OpAttributes } from "../../../ops/vocabulary.ts";
import { indexTensor } from "../carriers.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type TfLoweringTable, unary } from "../lowering.ts";

/** Where the centre of output cell i lies among the input cells: the formulas of ONNX `Resize`. */
function coordinate(mode: CoordinateMode, i: number, from: number, to: number): number {
  switch (mode) {
    case "half_pixel":
    case "half_pixel_symmetric":
      // The symmetric variant corrects for sizes that were rounded from a scale; here sizes are given, so it is the same.
      return ((i + 0.5) * from) / to - 0.5;
    case "pytorch_half_pixel":
      return to > 1 ? ((i + 0.5) * from) / to - 0.5 : 0;
    case "align_corners":
      return to > 1 ? (i * (from - 1)) / (to - 1) : 0;
    case "asymmetric":
      return (i * from) / to;
  }
}

function pick(mode: NearestMode, x: number): number {
  switch (mode) {
    case "round_prefer_floor":
      return Math.ceil(x - 0.5);
    case "round_prefer_ceil":
      return Math.floor(x + 0.5);
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
  }
}

const clamp = (x: number, last: number): number => Math.min(Math.max(x, 0), last);

/** Interpolation along one axis as a matrix [to, from]: two weights in each row. */
function interpolation(tf: Tf, mode: CoordinateMode, from: number, to: number): TfTensor {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const x = clamp(coordinate(mode, i, from, to), from - 1);
    const low = Math.floor(x);
    const high = Math.min(low + 1, from - 1);
    weights[i * from + low] = (weights[i * from + low] as number) + 1 - (x - low);
    weights[i * from + high] = (weights[i * from + high] as number) + (x - low);
  }
  return tf.tensor(weights, [to, from], "float32");
}

/** Resizing of images: matrices for linear interpolation, gathering for the nearest cell. */
export const resizeLowerings: TfLoweringTable<Pick<OpAttributes, "resize2d">> = {
  resize2d: unary(["BatchMatMul", "GatherV2"], ({ tf }, x, { mode, size, coordinateMode, nearestMode }) => {
    const [batch, channels, height, width] = x.shape as [number, number, number, number];
    const [rows, columns] = size;
    if (mode === "nearest") {
      const cells = (from: number, to: number): TfTensor =>
        indexTensor(tf, [to], Array.from({ length: to }, (_, i) => clamp(pick(nearestMode, coordinate(coordinateMode, i, from, to)), from - 1)));
      return tf.gather(tf.gather(x, cells(height, rows), 2), cells(width, columns), 3);
    }
    const planes = batch * channels;
    const wide = tf.matMul(tf.reshape(x, [planes * height, width]), interpolation(tf, coordinateMode, width, columns), false, true);
    const vertical = tf.reshape(interpolation(tf, coordinateMode, height, rows), [1, rows, height]);
    const tall = tf.matMul(vertical, tf.reshape(wide, [planes, height, columns]), false, false);
    return tf.reshape(tall, [batch, channels, rows, columns]);
  }),
};
