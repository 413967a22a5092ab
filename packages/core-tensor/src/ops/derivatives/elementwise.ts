import { isHostTensor } from "../../tensor/host.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { sumTo } from "../composites/sumTo.ts";
import {
  add,
  cos,
  cosh,
  div,
  equal,
  exp,
  greater,
  log,
  logicalAnd,
  mul,
  neg,
  polygamma,
  pow,
  reciprocal,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sinh,
  sub,
  where,
} from "../elementwise/index.ts";
import { fullLike } from "../movement/index.ts";
import type { ElementwiseOps } from "../elementwise/primitives.ts";
import type { DerivativeTable, NoAttributes, VjpRule } from "../primitive.ts";

/** Cotangent, input and output of an op with one of each to the cotangent of the input. */
type UnaryRule = (g: Tensor, x: Tensor, y: Tensor) => Tensor;
/** As `UnaryRule` for two inputs; the shapes are still those of the output. */
type BinaryRule = (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor];

function unary(rule: UnaryRule): VjpRule<NoAttributes> {
  return ({ inputs, outputs, cotangents }) => {
    const [x] = inputs as readonly [Tensor];
    const [y] = outputs as readonly [Tensor];
    const [g] = cotangents as readonly [Tensor];
    return [rule(g, x, y)];
  };
}

function binary(rule: BinaryRule): VjpRule<NoAttributes> {
  return ({ inputs, outputs, cotangents }) => {
    const [a, b] = inputs as readonly [Tensor, Tensor];
    const [y] = outputs as readonly [Tensor];
    const [g] = cotangents as readonly [Tensor];
    const [da, db] = rule(g, a, b, y);
    return [sumTo(da, a.shape), sumTo(db, b.shape)];
  };
}

/** `(1 - x) (1 + x)`: `1 - x^2` without cancellation near ±1. */
const oneMinusSquare = (x: Tensor): Tensor => mul(sub(1, x), add(x, 1));

/** The winner takes the cotangent; at a tie each operand takes half. */
const extreme =
  (first: (a: Tensor, b: Tensor) => Tensor): BinaryRule =>
  (g, a, b) => {
    const tied = equal(a, b);
    const half = mul(g, 0.5);
    return [where(first(a, b), g, where(tied, half, 0)), where(first(b, a), g, where(tied, half, 0))];
  };

/**
 * `b a^(b - 1)` and `a^b log(a)`. At a = b = 0 the exponent -1 would give 0 * Infinity; 0 stands in for it, so that the
 * powers x^0, x^1, x^2, … have their derivatives of every order at 0. Where a <= 0 the derivative in b counts as 0.
 * An exponent that is one known number needs no power where it is 1 or 2.
 */
const powRule: BinaryRule = (g, a, b, y) => {
  const positive = greater(a, 0);
  const db = mul(g, where(positive, mul(y, log(where(positive, a, 1))), 0));
  if (isHostTensor(b) && b.rank === 0) return [mul(g, knownSlope(a, b.item())), db];
  const bothZero = logicalAnd(equal(a, 0), equal(b, 0));
  return [mul(g, mul(b, pow(a, where(bothZero, 0, sub(b, 1))))), db];
};

/** `exponent a^(exponent - 1)`, 0 for the exponent 0. */
function knownSlope(a: Tensor, exponent: number): Tensor {
  if (exponent === 0 || exponent === 1) return fullLike(a, exponent);
  return mul(exponent === 2 ? a : pow(a, exponent - 1), exponent);
}

/** Derivatives of the ops that work element by element. Those of steps (sign, rounding) count as 0. */
export const elementwiseDerivatives: DerivativeTable<ElementwiseOps> = {
  neg: unary((g) => neg(g)),
  abs: unary((g, x) => mul(g, sign(x))),
  sign: "none",
  exp: unary((g, _, y) => mul(g, y)),
  expm1: unary((g, x) => mul(g, exp(x))),
  log: unary((g, x) => div(g, x)),
  log1p: unary((g, x) => div(g, add(x, 1))),
  sqrt: unary((g, _, y) => div(mul(g, 0.5), y)),
  rsqrt: unary((g, _, y) => mul(mul(g, -0.5), mul(y, mul(y, y)))),
  reciprocal: unary((g, _, y) => neg(mul(g, mul(y, y)))),
  sin: unary((g, x) => mul(g, cos(x))),
  cos: unary((g, x) => neg(mul(g, sin(x)))),
  tan: unary((g, _, y) => mul(g, add(mul(y, y), 1))),
  asin: unary((g, x) => mul(g, rsqrt(oneMinusSquare(x)))),
  acos: unary((g, x) => neg(mul(g, rsqrt(oneMinusSquare(x))))),
  atan: unary((g, x) => div(g, add(mul(x, x), 1))),
  sinh: unary((g, x) => mul(g, cosh(x))),
  cosh: unary((g, x) => mul(g, sinh(x))),
  tanh: unary((g, _, y) => mul(g, oneMinusSquare(y))),
  asinh: unary((g, x) => mul(g, rsqrt(add(mul(x, x), 1)))),
  acosh: unary((g, x) => mul(g, rsqrt(mul(sub(x, 1), add(x, 1))))),
  atanh: unary((g, x) => div(g, oneMinusSquare(x))),
  sigmoid: unary((g, _, y) => mul(g, mul(y, sub(1, y)))),
  // By the sign of the result, so that nobody keeps the input and engines can join relu with what made it.
  relu: unary((g, _, y) => where(greater(y, 0), g, 0)),
  softplus: unary((g, x) => mul(g, sigmoid(x))),
  erf: unary((g, x) => mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))),
  erfInv: unary((g, _, y) => mul(g, mul(exp(mul(y, y)), Math.sqrt(Math.PI) / 2))),
  lgamma: unary((g, x) => mul(g, polygamma(x, 0))),
  polygamma: ({ inputs, cotangents, attributes }) => {
    const [x] = inputs as readonly [Tensor];
    const [g] = cotangents as readonly [Tensor];
    return [mul(g, polygamma(x, attributes.order + 1))];
  },
  floor: "none",
  ceil: "none",
  round: "none",
  isNan: "none",
  isInf: "none",
  logicalNot: "none",

  add: binary((g) => [g, g]),
  sub: binary((g) => [g, neg(g)]),
  mul: binary((g, a, b) => [mul(g, b), mul(g, a)]),
  div: binary((g, _, b, y) => {
    const da = div(g, b);
    return [da, neg(mul(da, y))];
  }),
  pow: binary(powRule),
  // a - y is a whole multiple of b up to rounding; round finds the multiple, and its steps have no derivative.
  rem: binary((g, a, b, y) => [g, neg(mul(g, round(div(sub(a, y), b))))]),
  atan2: binary((g, a, b) => {
    const scaled = mul(g, reciprocal(add(mul(a, a), mul(b, b))));
    return [mul(scaled, b), neg(mul(scaled, a))];
  }),
  minimum: binary(extreme((a, b) => greater(b, a))),
  maximum: binary(extreme(greater)),
  equal: "none",
  notEqual: "none",
  less: "none",
  lessEqual: "none",
  greater: "none",
  greaterEqual: "none",
  logicalAnd: "none",
  logicalOr: "none",
  logicalXor: "none",
  where: ({ inputs, cotangents }) => {
    const [condition, a, b] = inputs as readonly [Tensor, Tensor, Tensor];
    const [g] = cotangents as readonly [Tensor];
    return [null, sumTo(where(condition, g, 0), a.shape), sumTo(where(condition, 0, g), b.shape)];
  },
};
