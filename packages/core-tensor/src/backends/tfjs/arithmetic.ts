/**
 * Arithmetic that means the same on every TensorFlow.js backend. Each function says which kernels it calls, so that
 * lowerings can declare them. Reasons for the detours, as of TensorFlow.js 4.22: the wasm backend reads the choices of
 * `Select` as 32-bit numbers, `Maximum` and `Minimum` lose a NaN on one side, `Cast` to bool keeps the low byte, and
 * whole-number division goes through float32; the cpu backend multiplies int32 in doubles.
 */
import { type DType, dtypes, isFloat } from "../../tensor/dtype.ts";
import { isWide } from "./carriers.ts";
import type { Tf, TfTensor } from "./engine.ts";

export const wrapKernels: readonly string[] = ["Mod", "Add", "Sub"];

/** Whole numbers modulo the range of a narrow dtype; others unchanged (int32 arithmetic wraps by itself). */
export function wrap(tf: Tf, x: TfTensor, dtype: DType): TfTensor {
  const { kind, min, max } = dtypes[dtype];
  if (kind !== "int" || isWide(dtype)) return x;
  const modulus = tf.scalar(max - min + 1, "int32");
  if (min === 0) return tf.mod(x, modulus);
  const offset = tf.scalar(-min, "int32");
  return tf.sub(tf.mod(tf.add(x, offset), modulus), offset);
}

export const selectKernels: readonly string[] = ["Select", "Tile"];

/** `a` where the condition holds, `b` elsewhere; all broadcast. */
export function select(tf: Tf, condition: TfTensor, a: TfTensor, b: TfTensor): TfTensor {
  if (a.dtype !== "bool") return tf.where(condition, a, b);
  return tf.cast(tf.where(condition, tf.cast(a, "int32"), tf.cast(b, "int32")), "bool");
}

/** Applies a function that moves elements; bool elements travel as int32. */
export function throughInt32(tf: Tf, x: TfTensor, move: (x: TfTensor) => TfTensor): TfTensor {
  return x.dtype === "bool" ? tf.cast(move(tf.cast(x, "int32")), "bool") : move(x);
}

export const extremeKernels: readonly string[] = [
  "Less",
  "Greater",
  "IsNan",
  "LogicalOr",
  "Minimum",
  "Maximum",
  ...selectKernels,
];

/** The smaller of two numbers, NaN if one is NaN. */
export function smaller(tf: Tf, a: TfTensor, b: TfTensor): TfTensor {
  return a.dtype === "int32" ? tf.minimum(a, b) : select(tf, tf.logicalOr(tf.less(b, a), tf.isNaN(b)), b, a);
}

/** The larger of two numbers, NaN if one is NaN. */
export function larger(tf: Tf, a: TfTensor, b: TfTensor): TfTensor {
  return a.dtype === "int32" ? tf.maximum(a, b) : select(tf, tf.logicalOr(tf.greater(b, a), tf.isNaN(b)), b, a);
}

export const nonZeroKernels: readonly string[] = ["NotEqual"];

/** Is the number another one than 0? NaN is. */
export function nonZero(tf: Tf, x: TfTensor): TfTensor {
  return x.dtype === "bool" ? x.clone() : tf.notEqual(x, tf.scalar(0, x.dtype === "int32" ? "int32" : "float32"));
}

export const saturateKernels: readonly string[] = ["GreaterEqual", "LessEqual", "IsNan", ...selectKernels];

/** Floats as whole numbers of the carrier: towards zero, NaN to 0, values outside the dtype to its limits. */
export function saturate(tf: Tf, x: TfTensor, dtype: DType): TfTensor {
  const wide = dtypes[isWide(dtype) ? "int32" : dtype];
  const float = (value: number): TfTensor => tf.scalar(value, "float32");
  const whole = (value: number): TfTensor => tf.scalar(value, "int32");
  // 2^31 - 1 is no float32: what reaches the rounded limit is beyond the true one, or equal to a narrow one.
  const high = tf.greaterEqual(x, float(wide.max));
  const low = tf.lessEqual(x, float(wide.min));
  const zero = float(0);
  const safe = tf.where(high, zero, tf.where(low, zero, tf.where(tf.isNaN(x), zero, x)));
  return tf.where(high, whole(wide.max), tf.where(low, whole(wide.min), tf.cast(safe, "int32")));
}

export const multiplyKernels: readonly string[] = ["Multiply", ...wrapKernels, "RealDiv"];

/** Product of numbers; whole numbers wrap exactly. */
export function multiply(tf: Tf, a: TfTensor, b: TfTensor, dtype: DType): TfTensor {
  if (isFloat(dtype)) return tf.mul(a, b);
  if (!isWide(dtype)) return wrap(tf, tf.mul(a, b), dtype);
  // a = high * 2^16 + low, so that no product leaves the whole numbers that doubles hold.
  const half = tf.scalar(65536, "int32");
  const low = tf.mod(a, half);
  const high = tf.cast(tf.div(tf.cast(tf.sub(a, low), "float32"), tf.scalar(65536, "float32")), "int32");
  return tf.add(tf.mul(tf.mul(high, b), half), tf.mul(low, b));
}

export const divideKernels: readonly string[] = [
  "RealDiv",
  "Equal",
  "NotEqual",
  "Less",
  "LogicalAnd",
  "Mod",
  "Sub",
  "Add",
  "Multiply",
  "Round",
  ...selectKernels,
];

/** Quotient of numbers; whole numbers towards zero, 0 for a divisor of 0. */
export function divide(tf: Tf, a: TfTensor, b: TfTensor, dtype: DType): TfTensor {
  if (isFloat(dtype)) return tf.div(a, b);
  const zero = tf.scalar(0, "int32");
  const isZero = tf.equal(b, zero);
  const divisor = tf.where(isZero, tf.scalar(1, "int32"), b);
  return tf.where(
    isZero,
    zero,
    isWide(dtype) ? wideQuotient(tf, a, divisor) : wrap(tf, narrowQuotient(tf, a, divisor), dtype),
  );
}

function asFloat(tf: Tf, x: TfTensor): TfTensor {
  return tf.cast(x, "float32");
}

/** Quotients of small numbers are exact enough in float32: none is rounded up to a whole number. */
function narrowQuotient(tf: Tf, a: TfTensor, b: TfTensor): TfTensor {
  return tf.cast(tf.div(asFloat(tf, a), asFloat(tf, b)), "int32");
}

/** Exact: what float32 division misses of the quotient is small, and found by dividing the rest. */
function wideQuotient(tf: Tf, a: TfTensor, b: TfTensor): TfTensor {
  const zero = tf.scalar(0, "int32");
  const floored = tf.mod(a, b);
  const signsDiffer = tf.notEqual(tf.less(a, zero), tf.less(b, zero));
  const adjust = tf.logicalAnd(tf.notEqual(floored, zero), signsDiffer);
  const multiple = tf.sub(a, tf.where(adjust, tf.sub(floored, b), floored));
  const rounded = (x: TfTensor): TfTensor => tf.cast(tf.round(tf.div(asFloat(tf, x), asFloat(tf, b))), "int32");
  const first = rounded(multiple);
  return tf.add(first, rounded(tf.sub(multiple, tf.mul(first, b))));
}

export const remainderKernels: readonly string[] = [
  "Mod",
  "Equal",
  "NotEqual",
  "Less",
  "Abs",
  "Neg",
  "Add",
  "LogicalAnd",
  ...selectKernels,
];

/** Remainder with the sign of the divisor; 0 for a whole divisor of 0. */
export function remainder(tf: Tf, a: TfTensor, b: TfTensor, dtype: DType): TfTensor {
  if (!isFloat(dtype)) {
    return tf.mod(a, tf.where(tf.equal(b, tf.scalar(0, "int32")), tf.scalar(1, "int32"), b));
  }
  // The engines' own way of moving the remainder to the divisor's side fails for infinite and for tiny numbers.
  const zero = tf.scalar(0, "float32");
  const size = tf.mod(tf.abs(a), tf.abs(b));
  const truncated = tf.where(tf.less(a, zero), tf.neg(size), size);
  const signsDiffer = tf.notEqual(tf.less(truncated, zero), tf.less(b, zero));
  return tf.where(tf.logicalAnd(tf.notEqual(truncated, zero), signsDiffer), tf.add(truncated, b), truncated);
}

export const powerKernels: readonly string[] = ["Pow", "Equal", "IsInf", "LogicalAnd", "LogicalOr", ...selectKernels];

/** `a ** b` by IEEE 754: `1 ** NaN` and `(-1) ** Infinity` are 1, which JavaScript's own power does not say. */
export function power(tf: Tf, a: TfTensor, b: TfTensor): TfTensor {
  const one = tf.equal(a, tf.scalar(1, "float32"));
  const minusOne = tf.logicalAnd(tf.equal(a, tf.scalar(-1, "float32")), tf.isInf(b));
  return tf.pow(a, tf.where(tf.logicalOr(one, minusOne), tf.scalar(0, "float32"), b));
}
