import type { OpAttributes, QuantizeAttributes } from "../../../ops/vocabulary.ts";
import { type DType, dtypes, isFloat } from "../../../tensor/dtype.ts";
import { nonZero, nonZeroKernels, saturate, saturateKernels, selectKernels, wrap, wrapKernels } from "../arithmetic.ts";
import { carrier, isWide } from "../carriers.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type TfContext, type TfLoweringTable, inputType, outputType, unary } from "../lowering.ts";

/** Does the second dtype hold every value of the first? */
function contains(target: DType, source: DType): boolean {
  return isWide(target) || (dtypes[target].min <= dtypes[source].min && dtypes[target].max >= dtypes[source].max);
}

function cast(c: TfContext, x: TfTensor, target: DType): TfTensor {
  const { tf } = c;
  const { dtype: source } = inputType(c);
  if (target === source) return x.clone();
  if (target === "bool") return nonZero(tf, x);
  if (isFloat(target)) return tf.cast(x, carrier(target));
  if (isFloat(source)) return saturate(tf, x, target);
  const whole = tf.cast(x, "int32");
  return contains(target, source) ? whole : wrap(tf, whole, target);
}

/** Scales or zero points as a tensor that broadcasts against x, which has the given shape. */
function spreadParameter(
  tf: Tf,
  parameter: TfTensor,
  shape: readonly number[],
  { axis, blockSize }: QuantizeAttributes,
): TfTensor {
  if (axis === null) return parameter;
  if (blockSize === 0)
    return tf.reshape(
      parameter,
      shape.map((dim, i) => (i === axis ? dim : 1)),
    );
  const own = parameter.shape;
  const blocks = tf.reshape(parameter, [...own.slice(0, axis + 1), 1, ...own.slice(axis + 1)]);
  const repeated = tf.broadcastTo(blocks, [...own.slice(0, axis + 1), blockSize, ...own.slice(axis + 1)]);
  return tf.reshape(repeated, [...shape]);
}

/** Conversions between element types. */
export const typeLowerings: TfLoweringTable<Pick<OpAttributes, "cast" | "quantize" | "dequantize">> = {
  cast: unary([...nonZeroKernels, ...saturateKernels, ...wrapKernels], (c, x, { dtype }) => cast(c, x, dtype)),
  quantize: {
    kernels: ["RealDiv", "Round", "Add", ...saturateKernels],
    lower: (c, [x, scale, zeroPoint], attributes) => {
      const { tf } = c;
      const { dtype, shape } = outputType(c);
      const zero = spreadParameter(tf, tf.cast(zeroPoint as TfTensor, "float32"), shape, attributes);
      const steps = tf.round(tf.div(x as TfTensor, spreadParameter(tf, scale as TfTensor, shape, attributes)));
      const counted = tf.where(tf.isNaN(steps), tf.scalar(0, "float32"), steps);
      return [saturate(tf, tf.add(counted, zero), dtype)];
    },
  },
  dequantize: {
    kernels: ["Sub", "Multiply", ...selectKernels],
    lower: (c, [q, scale, zeroPoint], attributes) => {
      const { tf } = c;
      const { shape } = outputType(c);
      const zero = spreadParameter(tf, zeroPoint as TfTensor, shape, attributes);
      const steps = tf.cast(tf.sub(q as TfTensor, zero), "float32");
      return [tf.mul(steps, spreadParameter(tf, scale as TfTensor, shape, attributes))];
    },
  },
};
