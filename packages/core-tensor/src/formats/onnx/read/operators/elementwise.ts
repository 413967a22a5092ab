import {
  abs,
  acos,
  acosh,
  add,
  asin,
  asinh,
  atan,
  atanh,
  cast,
  ceil,
  clip,
  cos,
  cosh,
  div,
  equal,
  erf,
  exp,
  floor,
  greater,
  greaterEqual,
  isInf,
  isNan,
  less,
  lessEqual,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  reciprocal,
  relu,
  rem,
  round,
  sigmoid,
  sign,
  sin,
  sinh,
  softplus,
  sqrt,
  sub,
  tan,
  tanh,
  where,
  zerosLike,
} from "../../../../ops/index.ts";
import { isFloat } from "../../../../tensor/dtype.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { OperatorReader, OperatorTable } from "../context.ts";
import { invalid } from "../unsupported.ts";

const unary =
  (fn: (x: Tensor) => Tensor): OperatorReader =>
  (context) =>
    fn(context.tensor(0));

const binary =
  (fn: (a: Tensor, b: Tensor) => Tensor): OperatorReader =>
  (context) =>
    fn(context.tensor(0), context.tensor(1));

/** An operator over any number of inputs. */
const variadic =
  (fn: (a: Tensor, b: Tensor) => Tensor): OperatorReader =>
  (context) => {
    const [first, ...rest] = context.tensors();
    return rest.reduce(fn, first ?? invalid("expected at least one input"));
  };

/** Mod: the sign of the divisor for whole numbers, that of the dividend (as C's fmod) with `fmod`. */
const mod: OperatorReader = (context) => {
  const [a, b] = [context.tensor(0), context.tensor(1)];
  if (!context.attributes.flag("fmod", false)) return rem(a, b);
  return mul(sign(a), rem(abs(a), abs(b)));
};

/** The result has the type of the base, whatever the exponent's is (Pow 12). */
const power: OperatorReader = (context) => {
  const [base, exponent] = [context.tensor(0), context.tensor(1)];
  if (isFloat(base.dtype)) return pow(base, cast(exponent, base.dtype));
  return cast(pow(cast(base, "float64"), cast(exponent, "float64")), base.dtype);
};

/** Clip 6 has its bounds as attributes, later versions as inputs. */
const clipReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  if (context.opset >= 11) return clip(x, context.optional(1), context.optional(2));
  const bound = (name: string): number | undefined =>
    context.attributes.has(name) ? context.attributes.float(name) : undefined;
  return clip(x, bound("min"), bound("max"));
};

const isInfReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const negative = context.attributes.flag("detect_negative", true);
  const positive = context.attributes.flag("detect_positive", true);
  if (negative && positive) return isInf(x);
  if (!negative && !positive) return cast(zerosLike(x), "bool");
  return logicalAnd(isInf(x), positive ? greater(x, 0) : less(x, 0));
};

const castReader: OperatorReader = (context) =>
  cast(context.tensor(0), context.elementType(context.attributes.int("to")));

/** Operators that work element by element and broadcast. */
export const elementwise: OperatorTable = {
  Abs: unary(abs),
  Neg: unary(neg),
  Sign: unary(sign),
  Exp: unary(exp),
  Log: unary(log),
  Sqrt: unary(sqrt),
  Reciprocal: unary(reciprocal),
  Sin: unary(sin),
  Cos: unary(cos),
  Tan: unary(tan),
  Asin: unary(asin),
  Acos: unary(acos),
  Atan: unary(atan),
  Sinh: unary(sinh),
  Cosh: unary(cosh),
  Tanh: unary(tanh),
  Asinh: unary(asinh),
  Acosh: unary(acosh),
  Atanh: unary(atanh),
  Sigmoid: unary(sigmoid),
  Relu: unary(relu),
  Softplus: unary(softplus),
  Erf: unary(erf),
  Floor: unary(floor),
  Ceil: unary(ceil),
  Round: unary(round),
  Not: unary(logicalNot),
  IsNaN: unary(isNan),
  IsInf: isInfReader,
  Add: binary(add),
  Sub: binary(sub),
  Mul: binary(mul),
  Div: binary(div),
  Mod: mod,
  Pow: power,
  And: binary(logicalAnd),
  Or: binary(logicalOr),
  Xor: binary(logicalXor),
  Equal: binary(equal),
  Less: binary(less),
  LessOrEqual: binary(lessEqual),
  Greater: binary(greater),
  GreaterOrEqual: binary(greaterEqual),
  Min: variadic(minimum),
  Max: variadic(maximum),
  Sum: variadic(add),
  Mean: (context) => div(variadic(add)(context) as Tensor, context.inputCount),
  Where: (context) => where(context.tensor(0), context.tensor(1), context.tensor(2)),
  Clip: clipReader,
  Cast: castReader,
  CastLike: (context) => cast(context.tensor(0), context.dtype(1)),
};
