/** Operands broadcast as in NumPy and have one dtype; plain numbers take that of the tensor beside them. */
import type { Tensor } from "../../tensor/tensor.ts";
import { applyOne } from "../applyOne.ts";
import { type Operand, matchingOperands } from "../operand.ts";
import type { Primitive } from "../primitive.ts";
import { binaryPrimitives as records } from "./binaryPrimitives.ts";

function combine(record: Primitive, a: Operand, b: Operand): Tensor {
  return applyOne(record, matchingOperands(record.name, a, b), {});
}

/** `a + b`. Numbers; whole numbers wrap. */
export function add(a: Operand, b: Operand): Tensor {
  return combine(records.add, a, b);
}

/** `a - b`. Numbers; whole numbers wrap. */
export function sub(a: Operand, b: Operand): Tensor {
  return combine(records.sub, a, b);
}

/** `a * b`. Numbers; whole numbers wrap (int32 exactly modulo 2^32). */
export function mul(a: Operand, b: Operand): Tensor {
  return combine(records.mul, a, b);
}

/** `a / b`. Numbers; whole numbers: towards zero, and 0 where b is 0. */
export function div(a: Operand, b: Operand): Tensor {
  return combine(records.div, a, b);
}

/** `a^b`, NaN for a < 0 with a fractional b. The derivative in b counts as 0 where a <= 0. Floats. */
export function pow(a: Operand, b: Operand): Tensor {
  return combine(records.pow, a, b);
}

/** `a - floor(a / b) b`, the remainder with the sign of b. Numbers; whole numbers: 0 where b is 0. */
export function rem(a: Operand, b: Operand): Tensor {
  return combine(records.rem, a, b);
}

/** Angle in [-pi, pi] of the point with ordinate a and abscissa b. Floats. */
export function atan2(a: Operand, b: Operand): Tensor {
  return combine(records.atan2, a, b);
}

/** The smaller of a and b, NaN where either is. Numbers. Where they are equal each gets half the derivative. */
export function minimum(a: Operand, b: Operand): Tensor {
  return combine(records.minimum, a, b);
}

/** The larger of a and b, NaN where either is. Numbers. Where they are equal each gets half the derivative. */
export function maximum(a: Operand, b: Operand): Tensor {
  return combine(records.maximum, a, b);
}

/** `a = b`, as bool; NaN equals nothing. Numbers and bool. */
export function equal(a: Operand, b: Operand): Tensor {
  return combine(records.equal, a, b);
}

/** Whether a and b differ, as bool; NaN differs from everything. Numbers and bool. */
export function notEqual(a: Operand, b: Operand): Tensor {
  return combine(records.notEqual, a, b);
}

/** `a < b`, as bool. Numbers. */
export function less(a: Operand, b: Operand): Tensor {
  return combine(records.less, a, b);
}

/** `a <= b`, as bool. Numbers. */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return combine(records.lessEqual, a, b);
}

/** `a > b`, as bool. Numbers. */
export function greater(a: Operand, b: Operand): Tensor {
  return combine(records.greater, a, b);
}

/** `a >= b`, as bool. Numbers. */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  return combine(records.greaterEqual, a, b);
}

/** Whether both hold. Bool. */
export function logicalAnd(a: Operand, b: Operand): Tensor {
  return combine(records.logicalAnd, a, b);
}

/** Whether at least one holds. Bool. */
export function logicalOr(a: Operand, b: Operand): Tensor {
  return combine(records.logicalOr, a, b);
}

/** Whether exactly one holds. Bool. */
export function logicalXor(a: Operand, b: Operand): Tensor {
  return combine(records.logicalXor, a, b);
}
