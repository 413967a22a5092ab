import { describe, expect, test } from "vitest";
import { grad } from "../../../src/graph/grad.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import {
  avgPool2d,
  broadcastTo,
  concat,
  conv2d,
  gather,
  gatherElements,
  matmul,
  maxPool2d,
  mul,
  pad,
  reshape,
  resize2d,
  reverse,
  scatterAdd,
  scatterAddElements,
  sin,
  slice,
  stack,
  sum,
  transpose,
} from "../../../src/ops/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { sizeOf } from "../../../src/tensor/shape.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { doubles, expectGradients, expectGradientsTwice } from "../../support/differences.ts";

const wavy = (shape: readonly number[]) =>
  doubles(
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * i + 1)),
    shape,
  );
const ints = (values: readonly number[], shape: readonly number[] = [values.length]) =>
  tensor(Int32Array.from(values), { shape });

describe("gradients of moved elements", () => {
  const x = wavy([3, 4]);

  test("of one value", () => {
    expectGradientsTwice((v) => sin(reshape(v as Tensor, [2, -1])), [x]);
    expectGradientsTwice((v) => sin(transpose(v as Tensor)), [x]);
    expectGradients((v) => sin(transpose(v as Tensor, [2, 0, 1])), [wavy([2, 3, 2])]);
    expectGradientsTwice((v) => sin(broadcastTo(v as Tensor, [2, 3, 4])), [wavy([3, 1])]);
    expectGradientsTwice((v) => sin(reverse(v as Tensor, 1)), [x]);
    expectGradientsTwice(
      (v) =>
        sin(
          pad(
            v as Tensor,
            [
              [1, 0],
              [0, 2],
            ],
            { value: 3 },
          ),
        ),
      [x],
    );
  });

  test("of slices with every kind of step and end", () => {
    for (const step of [1, 2, 3]) {
      for (const [start, end] of [
        [0, 7],
        [1, 7],
        [2, 6],
        [3, 3],
        [0, 5],
      ] as const) {
        expectGradientsTwice((v) => sin(slice(v as Tensor, [start, 1], [end], [step])), [wavy([7, 3])]);
      }
    }
  });

  test("of several values", () => {
    expectGradientsTwice((a, b) => sin(concat([a as Tensor, b as Tensor, a as Tensor], 1)), [x, wavy([3, 2])]);
    expectGradientsTwice((a, b) => sin(stack([a as Tensor, b as Tensor], 1)), [x, wavy([3, 4])]);
  });

  test("of gathers and scatters", () => {
    expectGradientsTwice(
      (v) =>
        sin(
          gather(v as Tensor, [
            [2, 0],
            [2, 2],
          ]),
        ),
      [x],
    );
    expectGradientsTwice((v) => sin(gather(v as Tensor, ints([3, 1]), 1)), [x]);
    expectGradientsTwice((v) => sin(gatherElements(v as Tensor, ints([2, 0, 0, 1, 2, 2, 0, 1], [2, 4]))), [x]);
    expectGradientsTwice((v, u) => sin(scatterAdd(v as Tensor, [1, 1], u as Tensor)), [x, wavy([2, 4])]);
    expectGradientsTwice(
      (v, u) => sin(scatterAddElements(v as Tensor, ints([0, 3, 3, 1, 1, 1], [3, 2]), u as Tensor, 1)),
      [x, wavy([3, 2])],
    );
  });
});

describe("gradients of matrix products", () => {
  test("with broadcast batches and vectors", () => {
    expectGradientsTwice((a, b) => matmul(a as Tensor, b as Tensor), [wavy([2, 3]), wavy([3, 2])]);
    expectGradientsTwice((a, b) => matmul(a as Tensor, b as Tensor), [wavy([2, 1, 2, 3]), wavy([2, 3, 2])]);
    expectGradientsTwice((a, b) => matmul(a as Tensor, b as Tensor), [wavy([2, 2, 3]), wavy([3, 2])]);
    expectGradientsTwice((a, b) => matmul(a as Tensor, b as Tensor), [wavy([2, 3]), wavy([2, 3, 2])]);
    expectGradients((a, b) => matmul(a as Tensor, b as Tensor), [wavy([3]), wavy([2, 3, 2])]);
    expectGradients((a, b) => matmul(a as Tensor, b as Tensor), [wavy([3]), wavy([3])]);
  });
});

describe("with a symbolic dimension", () => {
  /** The gradient of a function traced for any batch, run for some batches, beside the eager one. */
  const check = (fn: (x: Tensor) => Tensor, shape: readonly number[]): void => {
    const gradient = grad((x: Tensor) => {
      const y = fn(x);
      return sum(mul(y, sin(y)));
    });
    const graph = trace((x: Tensor) => gradient(x), spec(["batch", ...shape], "float64"));
    for (const batch of [1, 2, 5]) {
      const x = wavy([batch, ...shape]);
      const found = interpret(graph, { input: x })["output"] as Tensor;
      const expected = gradient(x);
      expect(found.shape).toEqual(expected.shape);
      const [a, b] = [found.dataSync() as Float64Array, expected.dataSync() as Float64Array];
      a.forEach((value, i) => expect(value).toBeCloseTo(b[i] as number, 12));
    }
  };

  test("moved elements", () => {
    check((x) => reshape(x, [-1, 2]), [4]);
    check((x) => concat([x, mul(x, 2), slice(x, [0], [1])]), [2]);
    check((x) => slice(x, [1]), [2]);
    check((x) => slice(x, [], [-1]), [2]);
    check((x) => slice(x, [null, 1], [null, 4], [null, 2]), [5]);
    check((x) => gather(x, [0, 0]), [2]);
    check(
      (x) =>
        pad(transpose(x), [
          [1, 0],
          [0, 2],
        ]),
      [2],
    );
    check((x) => broadcastTo(x, [3, ...x.shape]), [2]);
  });

  test("positions cut to a length known only at run time", () => {
    const table = wavy([8, 2]);
    const fn = (x: Tensor, rows: Tensor): Tensor => {
      const y = matmul(x, transpose(slice(rows, [], [x.shape[0]])));
      return sum(mul(y, y));
    };
    const graph = trace(
      (x: Tensor, rows: Tensor) => grad(fn, { argument: 1 })(x, rows),
      spec(["time", 2], "float64"),
      spec([8, 2], "float64"),
    );
    const x = wavy([3, 2]);
    const found = interpret(graph, { arg0: x, arg1: table })["output"] as Tensor;
    expect(found.toArray()).toEqual(grad(fn, { argument: 1 })(x, table).toArray());
    expect((found.toArray() as number[][]).slice(3)).toEqual(Array.from({ length: 5 }, () => [0, 0]));
  });

  test("matrix products and images", () => {
    check((x) => matmul(x, wavy([3, 2])), [2, 3]);
    check((x) => matmul(x, transpose(x)), [3]);
    check((x) => conv2d(x, wavy([2, 1, 2, 2]), { pads: "same", strides: 2 }), [1, 3, 4]);
    check((x) => maxPool2d(x, { kernel: 2 }), [2, 4, 4]);
    check((x) => avgPool2d(x, { kernel: 2, pads: 1 }), [2, 3, 3]);
    check((x) => resize2d(x, [2, 5]), [1, 3, 3]);
  });
});
