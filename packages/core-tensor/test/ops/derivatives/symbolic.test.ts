import { describe, expect, test } from "vitest";
import { grad } from "../../../src/graph/grad.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import * as ops from "../../../src/ops/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

type Fn = (x: Tensor) => Tensor;

/** Functions of a matrix whose first dimension is not known while they are traced. */
const functions: Readonly<Record<string, Fn>> = {
  "sum over it": (x) => ops.sum(ops.mul(x, x), 0),
  "mean over it": (x) => ops.mean(ops.mul(x, x), 0),
  "mean over all": (x) => ops.mean(ops.mul(x, x)),
  "prod over it": (x) => ops.prod(x, 0),
  "prod over all": (x) => ops.prod(x),
  "prod beside it": (x) => ops.prod(x, 1, { keepDims: true }),
  "max over it": (x) => ops.max(x, 0),
  "min beside it": (x) => ops.min(x, 1),
  "softmax along it": (x) => ops.mul(ops.softmax(x, 0), x),
  "logSoftmax beside it": (x) => ops.mul(ops.logSoftmax(x, 1), x),
  "cumsum along it": (x) => ops.mul(ops.cumsum(x, 0), x),
  "topK along it": (x) => ops.mul(ops.topK(x, 1, { axis: 0 }).values, x),
  "sort along it": (x) => ops.mul(ops.sort(x, 0).values, x),
  "broadcasting a row": (x) => ops.mul(x, ops.sum(x, 0)),
  "broadcasting a column": (x) => ops.div(x, ops.add(ops.sum(ops.mul(x, x), 1, { keepDims: true }), 1)),
  "a scalar": (x) => ops.pow(x, ops.mean(x)),
  where: (x) => ops.where(ops.greater(x, 1), x, ops.max(x)),
  cast: (x) => ops.cast(ops.mul(ops.cast(x, "float32"), 2), "float64"),
};

const samples = [
  tensor(Float64Array.of(0.5, 1.5, 2.5), { shape: [1, 3] }),
  tensor(Float64Array.of(0.5, 1.25, 0, 3, 2, 0.75, 1.75, 0.125, 2.25, 1, 1.5, 0.25), { shape: [4, 3] }),
];

describe("a gradient that is traced once serves every size", () => {
  test.each(Object.entries(functions))("%s", (_, fn) => {
    const loss = (x: Tensor): Tensor => ops.sum(ops.mul(fn(x), fn(x)));
    const first = grad(loss);
    const second = grad((x: Tensor): Tensor => ops.sum(ops.mul(first(x), x)));
    for (const gradient of [first, second]) {
      const graph = trace(gradient, spec(["n", 3], "float64"));
      for (const sample of samples) {
        const found = interpret(graph, { input: sample })["output"]!;
        const expected = gradient(sample);
        expect(found.shape).toEqual(sample.shape);
        const values = expected.dataSync() as Float64Array;
        (found.dataSync() as Float64Array).forEach((value, i) => {
          if (Number.isNaN(values[i])) expect(value).toBeNaN();
          else expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(values[i]!)));
        });
      }
    }
  });
});

test("dequantize with a scale per index of a dimension that is not known", () => {
  const q = (x: Tensor, scale: Tensor): Tensor =>
    grad((s: Tensor) => ops.sum(ops.dequantize(x, s, 1, { axis: 0 })))(scale);
  const graph = trace(q, spec(["n", 2], "int8", "x"), spec(["n"], "float32", "scale"));
  const x = tensor(Int8Array.of(1, 2, 3, 4, 5, 6), { shape: [3, 2] });
  expect(interpret(graph, { x, scale: [1, 2, 3] })["output"]!.toArray()).toEqual([1, 5, 9]);
});

test("an extreme over a dimension that turns out to be 0 is refused when the program runs", () => {
  const graph = trace((x: Tensor) => ops.max(x, 0), spec(["n"]));
  expect(() => interpret(graph, { input: tensor([]) })).toThrow("max: operand: expected elements along axis 0");
});
