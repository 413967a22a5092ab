import { describe, expect, test } from "vitest";
import { grad } from "../../../src/graph/grad.ts";
import { reduceDerivatives } from "../../../src/ops/derivatives/reduce.ts";
import * as ops from "../../../src/ops/index.ts";
import { reducePrimitives } from "../../../src/ops/reduce/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { doubles, expectGradientsTwice } from "../../support/differences.ts";

const x = doubles([0.4, -1.3, 2.2, 0.7, 3.1, -1.9, 0.5, 1.1, -0.6, 0.9, -2.7, 1.6], [2, 3, 2]);

describe("first and second derivatives against central differences", () => {
  test.each([ops.sum, ops.mean, ops.prod, ops.max, ops.min])("%o over one axis, several, all and none", (op) => {
    for (const axes of [1, [0, 2], [0, 1, 2], []]) {
      // A square before the op gives second derivatives something to find.
      expectGradientsTwice((v) => op(ops.mul(v, v), axes), [x]);
      expectGradientsTwice((v) => op(ops.mul(v, v), axes, { keepDims: true }), [x]);
    }
  });

  test("products with zeros among their factors", () => {
    expectGradientsTwice((v) => ops.prod(v, 0), [doubles([2, 0, 3, 0.5])]);
    expectGradientsTwice((v) => ops.prod(v, 0), [doubles([2, 0, 3, 0])]);
    expectGradientsTwice((v) => ops.prod(v), [doubles([2, 0, 3, 0, 1, 5], [2, 3])]);
  });

  test.each([0, 1, 2])("softmax, logSoftmax and cumsum along axis %i", (axis) => {
    expectGradientsTwice((v) => ops.softmax(v, axis), [x]);
    expectGradientsTwice((v) => ops.logSoftmax(v, axis), [x]);
    for (const exclusive of [false, true]) {
      for (const reverse of [false, true]) {
        expectGradientsTwice((v) => ops.cumsum(ops.mul(v, v), axis, { exclusive, reverse }), [x]);
      }
    }
  });

  test("topK and sort", () => {
    expectGradientsTwice((v) => ops.topK(ops.mul(v, v), 2, { axis: 1 }).values, [x]);
    expectGradientsTwice((v) => ops.topK(ops.mul(v, v), 1, { axis: 0, largest: false }).values, [x]);
    expectGradientsTwice((v) => ops.sort(ops.mul(v, v), 1, { descending: true }).values, [x]);
  });
});

const slopes = (fn: (v: Tensor) => Tensor, values: Tensor): unknown =>
  grad((v: Tensor) => ops.sum(fn(v)))(values).toArray();

test("equal extremes share the derivative", () => {
  expect(slopes((v) => ops.max(v), tensor([1, 3, 3, 2]))).toEqual([0, 0.5, 0.5, 0]);
  expect(
    slopes(
      (v) => ops.min(v, 1),
      tensor([
        [1, 1, 1, 1],
        [0, 1, 0, 2],
      ]),
    ),
  ).toEqual([
    [0.25, 0.25, 0.25, 0.25],
    [0.5, 0, 0.5, 0],
  ]);
});

test("nothing flows through positions", () => {
  expect(slopes((v) => ops.mul(v, ops.cast(ops.argMax(v), "float32")), tensor([1, 5]))).toEqual([1, 1]);
});

test("empty axes", () => {
  const empty = tensor([], { shape: [2, 0] });
  for (const fn of [ops.sum, ops.mean, ops.prod]) expect(slopes((v) => fn(v, 1), empty)).toEqual([[], []]);
});

test("every op of the family has a derivative or says that it has none", () => {
  expect(Object.keys(reduceDerivatives).sort()).toEqual(Object.keys(reducePrimitives).sort());
});
