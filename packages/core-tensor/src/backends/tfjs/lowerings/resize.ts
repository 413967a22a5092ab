import { resizeMatrix, resizePlan } from "../../../ops/linalg/resizePlan.ts";
import type { OpAttributes, ResizeAttributes } from "../../../ops/vocabulary.ts";
import { indexTensor } from "../carriers.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type TfLoweringTable, unary } from "../lowering.ts";

/** Interpolation along one axis as a matrix [to, from]. */
function interpolation(tf: Tf, from: number, to: number, attributes: ResizeAttributes): TfTensor {
  return tf.tensor(Float32Array.from(resizeMatrix(resizePlan(from, to, attributes), from)), [to, from], "float32");
}

/** The cells along one axis that are nearest. */
function cells(tf: Tf, from: number, to: number, attributes: ResizeAttributes): TfTensor {
  return indexTensor(tf, [to], resizePlan(from, to, attributes).low);
}

/**
 * Resizing of images, by the reference's own plan: matrices for linear interpolation, gathering for the nearest cell.
 * The engine's own resizing knows fewer coordinate modes.
 */
export const resizeLowerings: TfLoweringTable<Pick<OpAttributes, "resize2d">> = {
  resize2d: unary(["BatchMatMul", "GatherV2"], ({ tf }, x, attributes) => {
    const [batch, channels, height, width] = x.shape as [number, number, number, number];
    const [rows, columns] = attributes.size;
    if (attributes.mode === "nearest") {
      return tf.gather(tf.gather(x, cells(tf, height, rows, attributes), 2), cells(tf, width, columns, attributes), 3);
    }
    const planes = batch * channels;
    const wide = tf.matMul(
      tf.reshape(x, [planes * height, width]),
      interpolation(tf, width, columns, attributes),
      false,
      true,
    );
    const vertical = tf.reshape(interpolation(tf, height, rows, attributes), [1, rows, height]);
    const tall = tf.matMul(vertical, tf.reshape(wide, [planes, height, columns]), false, false);
    return tf.reshape(tall, [batch, channels, rows, columns]);
  }),
};
