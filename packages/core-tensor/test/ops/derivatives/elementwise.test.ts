import { describe, expect, test } from "vitest";
import { grad } from "../../../src/graph/grad.ts";
import { elementwiseDerivatives } from "../../../src/ops/derivatives/elementwise.ts";
import { elementwisePrimitives } from "../../../src/ops/elementwise/index.ts";
import * as ops from "../../../src/ops/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { doubles, expectGradientsTwice, weightedGradient } from "../../support/differences.ts";

const everywhere = [-2.3, -0.7, 0.4, 1.8];
const positive = [0.2, 0.9, 1.7, 6.3];
const inside = [-0.8, -0.3, 0.1, 0.7];
const above = [1.2, 1.9, 3.5];

/** Ops with points of their domain. */
const unaryOps: readonly (readonly [name: string, op: (x: Tensor) => Tensor, points: readonly number[]])[] = [
  ["neg", ops.neg, everywhere],
  ["abs", ops.abs, everywhere],
  ["sign", ops.sign, everywhere],
  ["exp", ops.exp, everywhere],
  ["expm1", ops.expm1, everywhere],
  ["log", ops.log, positive],
  ["log1p", ops.log1p, positive],
  ["sqrt", ops.sqrt, positive],
  ["rsqrt", ops.rsqrt, positive],
  ["reciprocal", ops.reciprocal, everywhere],
  ["sin", ops.sin, everywhere],
  ["cos", ops.cos, everywhere],
  ["tan", ops.tan, inside],
  ["asin", ops.asin, inside],
  ["acos", ops.acos, inside],
  ["atan", ops.atan, everywhere],
  ["sinh", ops.sinh, everywhere],
  ["cosh", ops.cosh, everywhere],
  ["tanh", ops.tanh, everywhere],
  ["asinh", ops.asinh, everywhere],
  ["acosh", ops.acosh, above],
  ["atanh", ops.atanh, inside],
  ["sigmoid", ops.sigmoid, everywhere],
  ["relu", ops.relu, everywhere],
  ["softplus", ops.softplus, everywhere],
  ["erf", ops.erf, everywhere],
  ["erfInv", ops.erfInv, inside],
  ["lgamma", ops.lgamma, [...positive, -0.4, -2.6]],
  ["digamma", ops.digamma, [...positive, -0.4]],
  ["floor", ops.floor, everywhere],
  ["ceil", ops.ceil, everywhere],
  ["round", ops.round, everywhere],
];

describe("one input: first and second derivatives against central differences", () => {
  test.each(unaryOps)("%s", (_, op, points) => {
    expectGradientsTwice(op, [doubles(points)]);
  });

  test("polygamma", () => {
    expectGradientsTwice((x) => ops.polygamma(x, 1), [doubles(positive)], 1e-4);
  });
});

const binaryOps: readonly (readonly [name: string, op: (a: Tensor, b: Tensor) => Tensor])[] = [
  ["add", ops.add],
  ["sub", ops.sub],
  ["mul", ops.mul],
  ["div", ops.div],
  ["atan2", ops.atan2],
  ["minimum", ops.minimum],
  ["maximum", ops.maximum],
  ["rem", ops.rem],
];

describe("two inputs, broadcast against each other", () => {
  const a = doubles([0.4, 1.3, 2.2, 0.7, 3.1, 1.9], [2, 3]);
  const b = doubles([1.7, 0.6, 2.5]);
  const signed = doubles([-0.4, 1.3, -2.2, 0.7, 3.1, -1.9], [2, 3]);
  const column = doubles([-1.1, 0.8], [2, 1]);
  test.each(binaryOps)("%s", (_, op) => {
    expectGradientsTwice(op, [signed, b]);
    expectGradientsTwice(op, [column, b]);
    expectGradientsTwice(op, [b, doubles([1.1], [])]);
  });

  test("pow", () => {
    expectGradientsTwice(ops.pow, [a, b]);
    expectGradientsTwice(ops.pow, [a, doubles([-0.5, 0, 3])]);
    expectGradientsTwice((x) => ops.pow(x, 3), [signed]);
  });

  test("where", () => {
    const condition = tensor([
      [true, false, true],
      [false, false, true],
    ]);
    expectGradientsTwice((x, y) => ops.where(condition, ops.mul(x, x), ops.mul(x, y)), [a, b]);
    expectGradientsTwice((x) => ops.where(condition, x, 0), [doubles([1.5], [])]);
  });
});

const slopes = (fn: (x: Tensor) => Tensor, xs: readonly number[]): unknown => weightless(fn)(doubles(xs)).toArray();
const weightless = (fn: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => grad((x: Tensor) => ops.sum(fn(x)));

describe("conventions where a derivative is not unique", () => {
  test("kinks", () => {
    expect(slopes(ops.abs, [0])).toEqual([0]);
    expect(slopes(ops.relu, [0, -0])).toEqual([0, 0]);
    expect(slopes((x) => ops.maximum(x, 1), [0, 1, 2])).toEqual([0, 0.5, 1]);
    expect(slopes((x) => ops.minimum(1, x), [0, 1, 2])).toEqual([1, 0.5, 0]);
  });

  test("powers at 0, of every order", () => {
    const square = (x: Tensor): Tensor => ops.pow(x, 2);
    const first = weightless(square);
    const second = weightless(first);
    const third = weightless(second);
    const zero = doubles([0, 3]);
    expect([first(zero).toArray(), second(zero).toArray(), third(zero).toArray()]).toEqual([
      [0, 6],
      [2, 2],
      [0, 0],
    ]);
    expect(slopes((x) => ops.pow(x, 0), [0, 2])).toEqual([0, 0]);
    expect(slopes((x) => ops.pow(x, 1), [0, 2])).toEqual([1, 1]);
    expect(slopes((x) => ops.pow(0, x), [0, 2])).toEqual([0, 0]);
    expect(slopes((x) => ops.pow(-2, x), [2])).toEqual([0]);
    expect(slopes((x) => ops.pow(x, 0.5), [0])).toEqual([Infinity]);
  });

  test("the choice that is not taken gets exactly 0", () => {
    const guarded = (x: Tensor): Tensor => ops.where(ops.greater(x, 0), ops.log(ops.where(ops.greater(x, 0), x, 1)), 0);
    expect(slopes(guarded, [0, 2])).toEqual([0, 0.5]);
    const leaky = (x: Tensor): Tensor => ops.where(ops.greater(x, 0), ops.log(x), 0);
    expect(slopes(leaky, [0])).toEqual([NaN]);
  });

  test("nothing flows through steps, comparisons and whole numbers", () => {
    expect(slopes((x) => ops.mul(ops.floor(x), x), [1.5])).toEqual([1]);
    expect(slopes((x) => ops.where(ops.less(x, 2), x, ops.neg(x)), [1, 3])).toEqual([1, -1]);
  });
});

test("gradients keep the dtype", () => {
  for (const dtype of ["float32", "float64", "float16", "bfloat16"] as const) {
    const x = tensor([0.5, 0.25], { dtype });
    for (const op of [ops.sqrt, ops.erf, ops.tanh, ops.lgamma, ops.asin]) {
      expect(grad((v: Tensor) => ops.sum(op(v)))(x).dtype).toBe(dtype);
    }
  }
});

test("gradients of the gradient with respect to the other operand", () => {
  const mixed = (x: Tensor, y: Tensor): Tensor => weightedGradient(ops.pow, [x, y], 1);
  expectGradientsTwice(mixed, [doubles([1.4, 2.1]), doubles([0.7, 2])], 1e-4);
});

test("every op of the family has a derivative or says that it has none", () => {
  expect(Object.keys(elementwiseDerivatives).sort()).toEqual(Object.keys(elementwisePrimitives).sort());
});
