import type { OpAttributes, PadAttributes, SliceAttributes } from "../../../ops/vocabulary.ts";
import { formatShape } from "../../../tensor/shape.ts";
import { throughInt32 } from "../arithmetic.ts";
import { carrier, indexTensor } from "../carriers.ts";
import type { TfTensor } from "../engine.ts";
import { type TfContext, type TfLoweringTable, outputType, unary } from "../lowering.ts";

/** Contiguous ranges by the engine's slice; steps by gathering, since not every backend strides over every dtype. */
function slice(c: TfContext, x: TfTensor, { starts, ends, steps }: SliceAttributes): TfTensor {
  if (x.shape.length === 0) return x.clone();
  const { tf } = c;
  const begin = starts as readonly number[];
  const sizes = begin.map((start, axis) => (ends[axis] as number) - start);
  let value = tf.slice(x, [...begin], sizes);
  steps.forEach((step, axis) => {
    const length = outputType(c).shape[axis] as number;
    if (step > 1 && length !== sizes[axis]) {
      value = tf.gather(
        value,
        indexTensor(
          tf,
          [length],
          Array.from({ length }, (_, i) => i * step),
        ),
        axis,
      );
    }
  });
  return value;
}

/** Up to here float32, in which the wasm backend takes the value to pad with, holds every whole number. */
const exactWholes = 2 ** 24;

function pad(c: TfContext, x: TfTensor, { before, after, value }: PadAttributes): TfTensor {
  const { tf } = c;
  const { dtype, shape } = outputType(c);
  if (x.size === 0) return tf.fill([...shape], value, carrier(dtype));
  if (shape.length === 0) return x.clone();
  const paddings = before.map((cells, axis): [number, number] => [cells, after[axis] as number]);
  if (x.dtype === "int32" && Math.abs(value) > exactWholes) {
    const offset = tf.scalar(value, "int32");
    return tf.add(tf.pad(tf.sub(x, offset), paddings, 0), offset);
  }
  if (Number.isNaN(value)) {
    // The wasm backend does not pad with NaN. 0 / 1 inside takes nothing away from x, 0 / 0 outside is NaN.
    const inside = tf.pad(tf.fill([...x.shape], 1, "float32"), paddings, 0);
    return tf.sub(tf.pad(x, paddings, 0), tf.div(tf.fill([...inside.shape], 0, "float32"), inside));
  }
  return throughInt32(tf, x, (y) => tf.pad(y, paddings, value));
}

/** Ops that move elements. */
export const movementLowerings: TfLoweringTable<
  Pick<OpAttributes, "reshape" | "transpose" | "broadcastTo" | "concat" | "slice" | "pad" | "reverse" | "stopGradient">
> = {
  reshape: unary([], (c, x) => c.tf.reshape(x, [...outputType(c).shape])),
  transpose: unary(["Transpose"], ({ tf }, x, { permutation }) => tf.transpose(x, [...permutation])),
  broadcastTo: unary(["Tile"], (c, x) => {
    const { shape } = outputType(c);
    return formatShape(shape) === formatShape(x.shape) ? x.clone() : c.tf.broadcastTo(x, [...shape]);
  }),
  concat: {
    kernels: ["Concat"],
    lower: ({ tf }, inputs, { axis }) => {
      const parts = inputs.filter((part) => part.size > 0);
      return [parts.length === 1 ? (parts[0] as TfTensor).clone() : tf.concat(parts, axis)];
    },
  },
  slice: unary(["Slice", "GatherV2"], slice),
  pad: unary(["PadV2", "Fill", "Add", "Sub", "RealDiv"], pad),
  reverse: unary(["Reverse"], ({ tf }, x, { axes }) =>
    axes.length === 0 ? x.clone() : throughInt32(tf, x, (y) => tf.reverse(y, [...axes])),
  ),
  stopGradient: unary([], (_, x) => x.clone()),
};
