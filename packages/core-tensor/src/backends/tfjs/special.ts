/** Functions without a kernel in TensorFlow.js, as float32 expressions. */
import type { Tf, TfTensor } from "./engine.ts";
import type { TfContext } from "./lowering.ts";
import { selectKernels } from "./arithmetic.ts";

/** A number as a tensor. */
export const float = (tf: Tf, value: number): TfTensor => tf.scalar(value, "float32");

/** Horner's rule, highest coefficient first. */
export function polynomial(c: TfContext, x: TfTensor, coefficients: readonly number[]): TfTensor {
  const { tf } = c;
  return c.scope(() => {
    let value = tf.fill([...x.shape], coefficients[0] as number, "float32");
    for (const coefficient of coefficients.slice(1)) {
      const next = c.scope(() => [tf.add(tf.mul(value, x), float(tf, coefficient))] as const)[0];
      value.dispose();
      value = next;
    }
    return [value] as const;
  })[0];
}

export const polynomialKernels: readonly string[] = ["Fill", "Add", "Multiply"];

export const log1pKernels: readonly string[] = ["Add", "Sub", "Log", "Multiply", "RealDiv", "Equal", ...selectKernels];

/** `log(1 + x)`: the factor x / (u - 1) undoes the error of the rounded sum u = 1 + x (Kahan, HP-15C handbook). */
export function log1p(tf: Tf, x: TfTensor): TfTensor {
  const one = float(tf, 1);
  const sum = tf.add(x, one);
  const kept = tf.sub(sum, one);
  // For x = Infinity the factor would be NaN; for u = 1 it is 0 / 0.
  const exact = tf.equal(kept, x);
  const log = tf.log(sum);
  const scaled = tf.div(tf.mul(log, x), kept);
  return tf.where(tf.equal(sum, one), x, tf.where(exact, log, scaled));
}

export const erfInvKernels: readonly string[] = [
  "Multiply",
  "Add",
  "Sub",
  "Neg",
  "Log",
  "Less",
  "Sqrt",
  "Abs",
  "Equal",
  "Fill",
  ...selectKernels,
];

/** Near the centre, in w - 2.5 with w = -log(1 - x^2) < 5. */
const centre = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3,
  2.46640727e-1, 1.50140941,
];
/** In the tails, in sqrt(w) - 3. */
const tail = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406,
  2.83297682,
];

/** Inverse of erf by M. Giles, "Approximating the erfinv function", GPU Computing Gems (2011): single precision. */
export function erfInv(c: TfContext, x: TfTensor): TfTensor {
  const { tf } = c;
  const one = float(tf, 1);
  const w = tf.neg(tf.log(tf.mul(tf.sub(one, x), tf.add(one, x))));
  const near = polynomial(c, tf.sub(w, float(tf, 2.5)), centre);
  const far = polynomial(c, tf.sub(tf.sqrt(w), float(tf, 3)), tail);
  const scale = tf.where(tf.equal(tf.abs(x), one), float(tf, Infinity), tf.where(tf.less(w, float(tf, 5)), near, far));
  return tf.mul(x, scale);
}
