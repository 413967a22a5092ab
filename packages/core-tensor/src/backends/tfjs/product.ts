import type { DType } from "../../tensor/dtype.ts";
import { isFloat } from "../../tensor/dtype.ts";
import { formatShape, sizeOf } from "../../tensor/shape.ts";
import { multiply, multiplyKernels, wrap } from "./arithmetic.ts";
import { carrier } from "./carriers.ts";
import type { Tf, TfTensor } from "./engine.ts";
import type { TfContext } from "./lowering.ts";

export const productKernels: readonly string[] = ["BatchMatMul", "Tile", "Fill", "Slice", "Add", ...multiplyKernels];

/** Matrices in the last two axes; the axes before them broadcast to `batch`. */
export function product(c: TfContext, a: TfTensor, b: TfTensor, batch: readonly number[], dtype: DType): TfTensor {
  const { tf } = c;
  const [n, k] = a.shape.slice(-2) as [number, number];
  const m = b.shape.at(-1) as number;
  const shape = [...batch, n, m];
  // No backend of the engine computes a product over nothing reliably.
  if (k === 0) return tf.fill(shape, 0, carrier(dtype));
  const left = matrices(tf, a, batch);
  const right = matrices(tf, b, batch);
  if (!isFloat(dtype)) return tf.reshape(wholeProduct(c, left, right, dtype), shape);
  // One matrix on the right for all on the left: a single product of stacked rows.
  if (right.shape[0] === 1 && left.shape[0] !== 1) {
    const rows = tf.reshape(left, [(left.shape[0] as number) * n, k]);
    return tf.reshape(tf.matMul(rows, tf.reshape(right, [k, m]), false, false), shape);
  }
  return tf.reshape(tf.matMul(left, right, false, false), shape);
}

/** Operand as [batch, rows, columns], where a batch of 1 serves all. */
function matrices(tf: Tf, x: TfTensor, batch: readonly number[]): TfTensor {
  const own = x.shape.slice(0, -2);
  const tail = x.shape.slice(-2);
  if (sizeOf(own) === 1) return tf.reshape(x, [1, ...tail]);
  const full = formatShape(own) === formatShape(batch) ? x : tf.broadcastTo(x, [...batch, ...tail]);
  return tf.reshape(full, [sizeOf(batch), ...tail]);
}

/** Some backends multiply matrices of floats only: whole numbers are added up one outer product at a time. */
function wholeProduct(c: TfContext, left: TfTensor, right: TfTensor, dtype: DType): TfTensor {
  const { tf } = c;
  const [leftBatch, n, k] = left.shape as [number, number, number];
  const [rightBatch, , m] = right.shape as [number, number, number];
  let sum = tf.fill([Math.max(leftBatch, rightBatch), n, m], 0, "int32");
  for (let i = 0; i < k; i++) {
    const [next] = c.scope(() => {
      const column = tf.slice(left, [0, 0, i], [leftBatch, n, 1]);
      const row = tf.slice(right, [0, i, 0], [rightBatch, 1, m]);
      return [tf.add(sum, multiply(tf, column, row, dtype))] as const;
    });
    sum.dispose();
    sum = next;
  }
  return wrap(tf, sum, dtype);
}
