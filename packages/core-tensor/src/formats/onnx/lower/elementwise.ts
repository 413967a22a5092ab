import type { ElementwiseOps } from "../../../ops/elementwise/index.ts";
import { type DType, dtypes, isFloat } from "../../../tensor/dtype.ts";
import { Arithmetic } from "./arithmetic.ts";
import { type Emitter, inSingle } from "./emitter.ts";
import { lgamma, polygamma } from "./gamma.ts";
import type { OnnxLowering, OnnxLoweringTable } from "./lowering.ts";
import type { OperatorName } from "./operators.ts";
import * as special from "./special.ts";

/** The operator of ONNX that does the same. */
const direct =
  (name: OperatorName): OnnxLowering<object> =>
  (emitter, { inputs }) =>
    emitter.emit(name, inputs);

const negated =
  (name: OperatorName): OnnxLowering<object> =>
  (emitter, { inputs }) =>
    emitter.emit("Not", [emitter.emit(name, inputs)]);

/** A constant `false` of the shape of x. */
function never(emitter: Emitter, x: string): string {
  return emitter.emit("Not", [emitter.emit("Equal", [x, x])]);
}

const isNan: OnnxLowering<object> = (emitter, { inputs: [x = ""] }) =>
  isFloat(emitter.dtype(x)) ? emitter.emit("IsNaN", [x]) : never(emitter, x);

const isInf: OnnxLowering<object> = (emitter, { inputs: [x = ""] }) => {
  if (!isFloat(emitter.dtype(x))) return never(emitter, x);
  return emitter.emit("Equal", [emitter.emit("Abs", [x]), emitter.scalar(emitter.dtype(x), Infinity)]);
};

const unsigned = (emitter: Emitter, x: string): boolean => dtypes[emitter.dtype(x)].min === 0;

const relu: OnnxLowering<object> = (emitter, { inputs: [x = ""] }) =>
  isFloat(emitter.dtype(x)) ? emitter.emit("Relu", [x]) : emitter.emit("Max", [x, emitter.scalar(emitter.dtype(x), 0)]);

/**
 * Whole numbers by a divisor that may be 0 or make the quotient overflow, both of which stop ONNX Runtime (the second
 * with the whole process): 0 gives 0, and by -1 the operand is negated, which wraps.
 */
function guarded(
  emitter: Emitter,
  x: string,
  y: string,
  byMinusOne: (a: Arithmetic) => string,
  divide: OperatorName,
): string {
  const dtype = emitter.dtype(x);
  const a = new Arithmetic(emitter, dtype);
  const zero = a.equal(y, 0);
  const signed = !unsigned(emitter, x);
  const minusOne = signed ? a.equal(y, -1) : undefined;
  const unsafe = minusOne === undefined ? zero : a.or(zero, minusOne);
  const quotient = emitter.emit(divide, [x, a.where(unsafe, 1, y)]);
  const safe = minusOne === undefined ? quotient : a.where(minusOne, byMinusOne(a), quotient);
  return a.where(zero, 0, safe);
}

const div: OnnxLowering<object> = (emitter, { inputs: [x = "", y = ""] }) =>
  isFloat(emitter.dtype(x)) ? emitter.emit("Div", [x, y]) : guarded(emitter, x, y, (a) => a.sub(0, x), "Div");

/** Floor modulo: the remainder of C, moved by the divisor where the signs differ. */
const rem: OnnxLowering<object> = (emitter, { inputs: [x = "", y = ""] }) => {
  if (!isFloat(emitter.dtype(x))) return guarded(emitter, x, y, (a) => a.value(0), "Mod");
  const own = emitter.dtype(x);
  const wide: DType = dtypes[own].bits < 32 ? "float32" : own;
  const [left, right] = [emitter.cast(x, wide), emitter.cast(y, wide)];
  const a = new Arithmetic(emitter, wide);
  const remainder = emitter.emit("Mod", [left, right], { fmod: 1 });
  const differs = a.xor(a.less(remainder, 0), a.less(right, 0));
  const moved = a.where(differs, a.add(remainder, right), remainder);
  const zero = a.where(a.less(right, 0), -0, 0);
  return emitter.cast(a.where(a.equal(remainder, 0), zero, moved), own);
};

/**
 * The angle of (x, y) from the arc tangent of the smaller by the larger: in [0, pi / 4] first, then mirrored at the diagonal
 * and the axes. A zero counts as negative when its reciprocal is.
 */
const atan2: OnnxLowering<object> = (emitter, { inputs: [y = "", x = ""] }) => {
  const own = emitter.dtype(x);
  const wide: DType = own === "float64" ? "float64" : "float32";
  const a = new Arithmetic(emitter, wide);
  const [rise, run] = [emitter.cast(y, wide), emitter.cast(x, wide)];
  const negative = (value: string): string => a.less(a.where(a.equal(value, 0), a.reciprocal(value), value), 0);
  const [height, width] = [a.abs(rise), a.abs(run)];
  const [small, large] = [a.min(height, width), a.max(height, width)];
  const ratio = a.where(a.equal(large, 0), 0, a.where(a.equal(small, Infinity), 1, a.div(small, large)));
  const octant = wide === "float64" ? special.atanFormula(a, ratio) : emitter.emit("Atan", [ratio]);
  const quadrant = a.where(a.greater(height, width), a.sub(Math.PI / 2, octant), octant);
  const half = a.where(negative(run), a.sub(Math.PI, quadrant), quadrant);
  return emitter.cast(a.where(negative(rise), a.neg(half), half), own);
};

/** Ops that work element by element. */
export const elementwise: OnnxLoweringTable<ElementwiseOps> = {
  neg: (emitter, { inputs: [x = ""] }) =>
    unsigned(emitter, x) ? emitter.emit("Sub", [emitter.scalar(emitter.dtype(x), 0), x]) : emitter.emit("Neg", [x]),
  abs: direct("Abs"),
  sign: direct("Sign"),
  exp: direct("Exp"),
  expm1: special.expm1,
  log: direct("Log"),
  log1p: special.log1p,
  sqrt: direct("Sqrt"),
  rsqrt: (emitter, { inputs: [x = ""] }) =>
    inSingle(emitter, x, (value) => emitter.emit("Reciprocal", [emitter.emit("Sqrt", [value])])),
  reciprocal: direct("Reciprocal"),
  sin: direct("Sin"),
  cos: direct("Cos"),
  tan: special.tan,
  asin: special.asin,
  acos: special.acos,
  atan: special.atan,
  sinh: special.sinh,
  cosh: special.cosh,
  tanh: direct("Tanh"),
  asinh: special.asinh,
  acosh: special.acosh,
  atanh: special.atanh,
  sigmoid: direct("Sigmoid"),
  relu,
  softplus: special.softplus,
  erf: special.erf,
  erfInv: special.erfInv,
  lgamma,
  polygamma,
  floor: direct("Floor"),
  ceil: direct("Ceil"),
  round: direct("Round"),
  isNan,
  isInf,
  logicalNot: direct("Not"),

  add: direct("Add"),
  sub: direct("Sub"),
  mul: direct("Mul"),
  div,
  pow: direct("Pow"),
  rem,
  atan2,
  minimum: direct("Min"),
  maximum: direct("Max"),
  equal: direct("Equal"),
  notEqual: negated("Equal"),
  less: direct("Less"),
  lessEqual: direct("LessOrEqual"),
  greater: direct("Greater"),
  greaterEqual: direct("GreaterOrEqual"),
  logicalAnd: direct("And"),
  logicalOr: direct("Or"),
  logicalXor: direct("Xor"),
  where: direct("Where"),
};
